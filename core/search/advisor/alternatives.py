"""What would keep a limit that the device misses: a smaller model, or a larger device."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.search.advisor.advice import MEETS, ChooseTarget, LargerDevice, MakeEdit, SmallerModel
from core.search.advisor.chances import chance_of, latency_words, outlook_of, predicted
from core.search.advisor.consultation import MAIN_TIERS, Consultation
from core.search.advisor.forecasting import scaled
from core.search.advisor.input_sizes import smaller_images
from core.search.advisor.proposals import Proposal
from core.search.forecast import Forecast, Workload

_WIDTHS = (0.75, 0.5, 0.35, 0.25)
"""Width multipliers that families of small models are published in."""
_NARROWER = "A narrower model has to be trained; that is not in this version."
_NOT_EDITABLE = "Sizes can be changed in ONNX models: convert it first."
_MOST_DEVICES, _MOST_OF_FAMILY = 3, 2
_CLOUD = "cloud-gpu"


@dataclass(frozen=True)
class _Change:
    """A way to make the model smaller."""

    kind: Literal["resolution", "width"]
    scale: float
    words: str
    work: Workload
    action: MakeEdit | None = None
    missing: str = ""


def smaller_models(consultation: Consultation) -> tuple[SmallerModel, ...]:
    """The least change of each kind that would keep the limit."""
    found = (
        next(_that_keep(changes, consultation), None)
        for changes in (_resolutions(consultation), _widths(consultation))
    )
    return tuple(each for each in found if each is not None)


def larger_devices(consultation: Consultation) -> tuple[LargerDevice, ...]:
    """Devices that keep the limit, those with the least power and memory first: at most two of
    the same family, then the first of the others. Clouds only for who asks about one.
    """
    family = consultation.profile.family
    found: list[tuple[tuple[object, ...], LargerDevice]] = []
    for profile in consultation.known.values():
        if profile.id == consultation.profile.id or (profile.family == _CLOUD != family):
            continue
        other = consultation.on(profile)
        best = other.best(tier=MAIN_TIERS)
        if best is None or not _keeps(best[1], other):
            continue
        watts = other.watts(other.mode)
        order = (profile.family != family, watts is None, watts or 0.0, profile.memory_gb or 0.0)
        found.append(((*order, profile.id), _device(other, best, watts)))
    found.sort(key=lambda pair: pair[0])
    same = _different([device for order, device in found if not order[0]])[:_MOST_OF_FAMILY]
    others = _different([device for order, device in found if order[0]])
    return (*same, *others[: _MOST_DEVICES - len(same)])


def _keeps(forecast: Forecast, consultation: Consultation) -> bool:
    """Without a limit it is enough that the model fits."""
    limit = consultation.limit_ms
    if limit is None:
        return forecast.fits is not False
    return chance_of(forecast, limit) in MEETS


def _resolutions(consultation: Consultation) -> Iterator[_Change]:
    editable = consultation.subject.changeable
    for image in smaller_images(consultation.subject.facts.inputs):
        yield _Change(
            "resolution",
            image.share,
            f"The same model on images of {image.size}",
            scaled(consultation.subject.workload, side=image.share),
            image.edit if editable else None,
            "" if editable else _NOT_EDITABLE,
        )


def _widths(consultation: Consultation) -> Iterator[_Change]:
    for width in _WIDTHS:
        yield _Change(
            "width",
            width,
            f"The same model with {100 * width:.0f} % of the channels",
            scaled(consultation.subject.workload, width=width),
            missing=_NARROWER,
        )


def _that_keep(changes: Iterable[_Change], consultation: Consultation) -> Iterator[SmallerModel]:
    for change in changes:
        best = consultation.best(change.work)
        if best is None or not _keeps(best[1], consultation):
            continue
        _, forecast = best
        took = f"{latency_words(forecast.latency_ms)}, predicted"
        yield SmallerModel(
            change=change.kind,
            scale=change.scale,
            sentence=predicted(f"{change.words}: {took}. Its accuracy is another one.", forecast),
            outlook=outlook_of(forecast, consultation.limit_ms),
            action=change.action,
            missing=change.missing,
        )


def _device(
    other: Consultation, best: tuple[Proposal, Forecast], watts: float | None
) -> LargerDevice:
    proposal, forecast = best
    budget = f", at most {watts:g} W" if watts else ""
    mode = f" in mode {other.mode}" if other.mode else ""
    took = f"{latency_words(forecast.latency_ms)} in {proposal.approach.label}, predicted"
    return LargerDevice(
        profile=other.profile.id,
        name=other.profile.name,
        approach=proposal.approach.label,
        watts=watts,
        sentence=predicted(f"{other.profile.name}{mode}{budget}: {took}.", forecast),
        outlook=outlook_of(forecast, other.limit_ms, watts=watts),
        action=ChooseTarget(profile=other.profile.id, mode=other.mode),
    )


def _different(devices: Sequence[LargerDevice]) -> list[LargerDevice]:
    """Without those that are as fast as one before them: the same chip with more memory."""
    seen: dict[float, LargerDevice] = {}
    for device in devices:
        latency = device.outlook.latency_ms
        seen.setdefault(latency.value if latency else 0.0, device)
    return list(seen.values())
