"""The first question: can the device keep the limit at all, and what would if it cannot."""

from collections.abc import Iterator, Sequence

from core.search.advisor.advice import (
    FORECAST,
    MEETS,
    Chance,
    ChooseTarget,
    FrameRate,
    LargerDevice,
    RealTime,
    Sentence,
    SmallerModel,
)
from core.search.advisor.chances import (
    chance_of,
    latency_words,
    limit_words,
    outlook_of,
    predicted,
)
from core.search.advisor.consultation import Consultation
from core.search.advisor.forecasting import scaled
from core.search.advisor.input_sizes import smaller_images
from core.search.advisor.proposals import Proposal
from core.search.advisor.question import FRAMES_OF_REAL_TIME
from core.search.advisor.rule_words import bytes_words
from core.search.forecast import Forecast

_WIDTHS = (0.75, 0.5, 0.35, 0.25)
"""Width multipliers that families of small models are published in."""
_NARROWER = "A narrower model has to be trained; that is not in this version."
_NOT_EDITABLE = "Sizes can be changed in ONNX models: convert it first."
_MOST_DEVICES, _MOST_OF_FAMILY = 3, 2
_CLOUD = "cloud-gpu"
_NO_FORECAST = "Too little is known of this device, or of this model, for a forecast."


def real_time(consultation: Consultation) -> RealTime:
    limit, best = consultation.limit_ms, consultation.best()
    forecast = best[1] if best else None
    chance = chance_of(forecast, limit)
    rates = tuple(
        FrameRate(frames_per_second=rate, chance=chance_of(forecast, 1000 / rate))
        for rate in FRAMES_OF_REAL_TIME
    )
    failed = best is not None and chance in ("unlikely", "no")
    return RealTime(
        limit_ms=limit,
        chance=chance,
        sentence=_answer(consultation, best, chance),
        rates=rates,
        smaller=tuple(_smaller(consultation)) if failed and limit is not None else (),
        larger=_larger(consultation) if failed else (),
    )


def _answer(
    consultation: Consultation, best: tuple[Proposal, Forecast] | None, chance: Chance
) -> Sentence:
    if best is None:
        return Sentence(
            text=f"Cannot tell. {_NO_FORECAST}",
            rule=FORECAST,
            evidence=_NO_FORECAST,
            confidence="predicted",
        )
    proposal, forecast = best
    return predicted(_answer_words(consultation, proposal, forecast, chance), forecast)


def _answer_words(
    consultation: Consultation, proposal: Proposal, forecast: Forecast, chance: Chance
) -> str:
    device, label = consultation.profile.name, proposal.approach.label
    mode = f" in mode {consultation.mode}" if consultation.mode else ""
    took = f"{latency_words(forecast.latency_ms)} in {label}{mode}"
    if forecast.fits is False:
        needs = bytes_words(forecast.memory_bytes.value)
        return f"No: the model needs about {needs} of memory, more than the {device} has."
    limit = consultation.limit_ms
    if limit is None:
        return f"At best one inference takes {took} on the {device}, predicted."
    wanted = limit_words(consultation.question.goal, limit)
    return {
        "yes, surely": f"Yes, surely: the {device} keeps {wanted}; even the upper end of the "
        f"forecast does, {took}.",
        "likely": f"Likely: {took} is predicted on the {device}, within {wanted}, but the upper "
        "end of the forecast is over it.",
        "unlikely": f"Unlikely: {took} is predicted on the {device}, and only the lower end of the "
        f"forecast keeps {wanted}.",
        "no": f"No: even the lower end of the forecast misses {wanted}: {took} on the {device}.",
    }[chance]


def _smaller(consultation: Consultation) -> Iterator[SmallerModel]:
    """The least change of each kind that would keep the limit."""
    work, facts = consultation.subject.workload, consultation.subject.facts
    editable = consultation.subject.graph.format == "onnx"
    for image in smaller_images(facts.inputs):
        forecast = _forecast(consultation, consultation.best(scaled(work, side=image.share)))
        if forecast is not None:
            text = f"The same model on images of {image.size}: "
            yield SmallerModel(
                change="resolution",
                scale=image.share,
                sentence=predicted(_predicted_words(text, forecast), forecast),
                outlook=outlook_of(forecast, consultation.limit_ms),
                action=image.edit if editable else None,
                missing="" if editable else _NOT_EDITABLE,
            )
            break
    for width in _WIDTHS:
        forecast = _forecast(consultation, consultation.best(scaled(work, width=width)))
        if forecast is not None:
            text = f"The same model with {width:.0%} of the channels: ".replace("%", " %", 1)
            yield SmallerModel(
                change="width",
                scale=width,
                sentence=predicted(_predicted_words(text, forecast), forecast),
                outlook=outlook_of(forecast, consultation.limit_ms),
                missing=_NARROWER,
            )
            break


def _predicted_words(beginning: str, forecast: Forecast) -> str:
    return (
        f"{beginning}{latency_words(forecast.latency_ms)}, predicted. Its accuracy is another one."
    )


def _forecast(
    consultation: Consultation, best: tuple[Proposal, Forecast] | None
) -> Forecast | None:
    """The forecast, where it keeps the limit."""
    if best is None or chance_of(best[1], consultation.limit_ms) not in MEETS:
        return None
    return best[1]


def _larger(consultation: Consultation) -> tuple[LargerDevice, ...]:
    """Devices that keep the limit, those with the least power and memory first: at most two of
    the same family, then the first of the others."""
    family = consultation.profile.family
    found: list[tuple[tuple[object, ...], LargerDevice]] = []
    for profile in consultation.known.values():
        if profile.id == consultation.profile.id or (profile.family == _CLOUD != family):
            continue
        other = consultation.on(profile)
        best = other.best()
        if best is None or _forecast(other, best) is None:
            continue
        watts = other.watts(other.mode)
        order = (profile.family != family, watts is None, watts or 0.0, profile.memory_gb or 0.0)
        found.append(((*order, profile.id), _device(other, best, watts)))
    found.sort(key=lambda pair: pair[0])
    same = [device for order, device in found if not order[0]]
    others = [device for order, device in found if order[0]]
    kept = _different(same)[:_MOST_OF_FAMILY]
    return (*kept, *_different(others)[: _MOST_DEVICES - len(kept)])


def _different(devices: Sequence[LargerDevice]) -> list[LargerDevice]:
    """Without those that are as fast as one before them: the same chip with more memory."""
    seen: dict[float, LargerDevice] = {}
    for device in devices:
        latency = device.outlook.latency_ms
        seen.setdefault(latency.value if latency else 0.0, device)
    return list(seen.values())


def _device(
    other: Consultation, best: tuple[Proposal, Forecast], watts: float | None
) -> LargerDevice:
    proposal, forecast = best
    budget = f", at most {watts:g} W" if watts else ""
    mode = f" in mode {other.mode}" if other.mode else ""
    return LargerDevice(
        profile=other.profile.id,
        name=other.profile.name,
        approach=proposal.approach.label,
        watts=watts,
        sentence=predicted(
            f"{other.profile.name}{mode}{budget}: {latency_words(forecast.latency_ms)} in "
            f"{proposal.approach.label}, predicted.",
            forecast,
        ),
        outlook=outlook_of(forecast, other.limit_ms, watts=watts),
        action=ChooseTarget(profile=other.profile.id, mode=other.mode),
    )
