"""Searches for the way in which a model's images were prepared when it was trained.

The presets are tried as they are, and then taken apart: first the numbers and the order of colours
on few images, then how the best of these are resized and cropped, then how they are interpolated.
What comes out on top meets the present contract on all images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.benchmark.results import Estimate
from core.data.contract import PreprocessingContract
from core.data.contract_families import (
    distinct,
    essence_of,
    with_other_geometry,
    with_other_interpolation,
    with_other_numbers,
)
from core.data.contract_trials import Tried, Trier
from core.data.decode import Progress

FEW, MORE = 24, 48
"""Images of the first two stages; the third and the last take all."""
BEST = 2
"""So many of each stage go on to the next."""
_STAGES = 4


@dataclass(frozen=True)
class ContractSearch:
    """What a search found."""

    current: Tried
    best: Tried
    """The current one itself where nothing does clearly better."""
    gain: Estimate
    """Of the best over the current one on the same images, in `unit`, with a 95 % interval."""
    unit: Literal["points", "nats"]
    ways: int
    """How many different contracts were tried."""
    tried: tuple[Tried, ...]
    """The best first; those that fell out early saw fewer images. Of contracts that the images
    cannot tell apart only the first is listed."""

    @property
    def better(self) -> bool:
        return self.best is not self.current


def search_contracts(
    trier: Trier,
    current: PreprocessingContract,
    presets: Sequence[PreprocessingContract],
    progress: Progress = lambda done, total, text: None,
) -> ContractSearch:
    """Search around the presets and the current contract. Raises InputError.

    Something else than the current contract is proposed only where it is clearly better, image by
    image, than the current one.
    """
    stages = (
        ("Trying numbers and colours", with_other_numbers, FEW),
        ("Trying how to resize", with_other_geometry, MORE),
        ("Trying interpolations", with_other_interpolation, trier.count),
    )
    seen: list[Tried] = []
    leaders = [current]
    for number, (words, vary, images) in enumerate(stages):
        wanted = [current, *(other for leader in leaders for other in vary(leader))]
        wanted += presets if number == 0 else ()
        report = _stage(progress, number, words)
        tried = trier.tried([*distinct(wanted)], min(images, trier.count), report)
        seen += tried
        leaders = [one.contract for one in _ranked(_different(tried))[:BEST]]
    report = _stage(progress, len(stages), "Comparing the best with the current one")
    now, *others = trier.tried([*distinct([current, *leaders])], trier.count, report)
    best = _ranked([now, *others])[0]
    gain = trier.gain(now, best)
    if not trier.clearly_better(best, now):
        best, gain = now, Estimate(value=0.0, low=0.0, high=0.0)
    whole = _table([best, now, *others], seen)
    return ContractSearch(
        now, best, gain, trier.unit, len([*distinct([one.contract for one in seen])]), whole
    )


def _table(finalists: Sequence[Tried], seen: Sequence[Tried]) -> tuple[Tried, ...]:
    """Each contract with its figures on most images; of those that came to the same the first."""
    found: dict[PreprocessingContract, Tried] = {}
    for one in (*finalists, *_ranked(seen)):
        found.setdefault(essence_of(one.contract), one)
    return tuple(_ranked(_different(list(found.values()))))


def _different(tried: Sequence[Tried]) -> list[Tried]:
    """The first of those that the images cannot tell apart."""
    found: dict[tuple[int, float, bytes], Tried] = {}
    for one in tried:
        found.setdefault((one.images, one.merit, one.per_image.tobytes()), one)
    return list(found.values())


def _ranked(tried: Sequence[Tried]) -> list[Tried]:
    """The best first; of equals the first given stays first."""
    return sorted(tried, key=lambda one: (-one.images, -one.merit, -one.evidence))


def _stage(progress: Progress, stage: int, words: str) -> Progress:
    """Report one stage's progress as a part of the whole."""

    def report(done: float, total: float, text: str) -> None:
        progress(stage + (done / total if total else 0.0), _STAGES, text or words)

    return report
