"""From an image file to an answer that can be used: how long each part takes, apart.

An image is decoded, resized and normalised on one thread, as the contract says; then the model
runs; then its answer is read: the best classes, boxes without their duplicates, the map of classes.
Reading the file itself is not timed: it says more about the disk than about the model.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from core.benchmark.answers import reading_of
from core.benchmark.contender_process import (
    Contender,
    ContenderProcess,
    Launch,
    launch_contender,
)
from core.benchmark.messages import Walked
from core.benchmark.results import Estimate
from core.benchmark.sampling import Progress
from core.benchmark.statistics import positive_interval
from core.data.contract import PreprocessingContract

if TYPE_CHECKING:
    from core.benchmark.answers import Reading
    from core.data.datasets.base import OpenDataset
    from core.runtimes.base import Session

IMAGES = 40
_PROCESSES = 3
_WARM_UP = 3
"""Images that are walked through before any is timed."""


class EndToEnd(BaseModel):
    """What one image costs with all that is around the model; medians over images."""

    model_config = ConfigDict(frozen=True)

    contender: str
    label: str
    """Of the contender, for people."""
    images: int
    preparing_ms: Estimate
    inference_ms: Estimate
    reading_ms: Estimate | None
    """None where the answer is used as it is."""
    total_ms: Estimate
    answer: str
    """What was read from the answer: “class scores”, “boxes”, “map of classes”; else empty."""

    @property
    def words(self) -> str:
        """“preparing an image 3 ms + inference 1 ms: 4 ms from image to answer, 25 % of it …”."""
        parts = [
            f"preparing an image {self.preparing_ms.value:.3g} ms",
            f"inference {self.inference_ms.value:.3g} ms",
        ]
        if self.reading_ms is not None:
            parts.append(f"reading the {self.answer} {self.reading_ms.value:.3g} ms")
        share = self.inference_ms.value / self.total_ms.value
        return (
            f"{' + '.join(parts)}: {self.total_ms.value:.3g} ms from image to answer, "
            f"{100 * share:.0f} % of it inference"
        )


def end_to_end(
    contenders: Sequence[Contender],
    data: Path,
    contracts: Sequence[PreprocessingContract],
    *,
    feeds: Path | None = None,
    images: int = IMAGES,
    progress: Progress = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
    launch: Launch = launch_contender,
) -> tuple[EndToEnd, ...]:
    """Time the whole way for each contender with its own contract, in turns in fresh processes.

    `feeds` are prepared inputs to start with, which models need that take images of any size.
    `data` is a folder or zip of images; the contenders take one at a time, on one stream. Raises
    UserError when a contender or an image fails.
    """
    walks: dict[str, list[Walked]] = {contender.id: [] for contender in contenders}
    total = _PROCESSES * len(contenders)
    for start in range(_PROCESSES):
        for index, (contender, contract) in enumerate(zip(contenders, contracts, strict=True)):
            done = start * len(contenders) + index
            progress(done, total, f"From image to answer: {contender.label}")
            with ContenderProcess(contender, check_cancelled, launch) as process:
                process.load(feeds)
                walks[contender.id].append(process.walk(data, contract, images))
    return tuple(_result(contender, walks[contender.id]) for contender in contenders)


def _result(contender: Contender, walks: Sequence[Walked]) -> EndToEnd:
    def estimate(of: "Callable[[Walked], Sequence[float]]") -> Estimate:
        values = [(value, start) for start, walk in enumerate(walks) for value in of(walk)]
        return positive_interval([value for value, _ in values], [start for _, start in values])

    answer = walks[0].answer
    return EndToEnd(
        contender=contender.id,
        label=contender.label,
        images=len(walks[0].preparing_ms),
        preparing_ms=estimate(lambda walk: walk.preparing_ms),
        inference_ms=estimate(lambda walk: walk.inference_ms),
        reading_ms=estimate(lambda walk: walk.reading_ms) if answer else None,
        total_ms=estimate(_totals),
        answer=answer,
    )


def _totals(walk: Walked) -> list[float]:
    return [
        sum(parts)
        for parts in zip(walk.preparing_ms, walk.inference_ms, walk.reading_ms, strict=True)
    ]


@dataclass(frozen=True)
class _Times:
    """Milliseconds of one image."""

    preparing: float
    inference: float
    reading: float


def walk(session: "Session", data: Path, contract: PreprocessingContract, images: int) -> Walked:
    """The contender's side: walk through the images one by one. Raises InputError."""
    from core.data import open_dataset
    from core.data.decode import prepare

    dataset = open_dataset(data)
    first = prepare(dataset.read(dataset.samples[0]), contract)
    port = session.inputs[0]
    answer = session.infer({port.name: first[None].astype(port.dtype)})
    words, read = reading_of(answer, contract)
    times = list(_times(session, dataset, contract, images, read))
    return Walked(
        preparing_ms=tuple(each.preparing for each in times),
        inference_ms=tuple(each.inference for each in times),
        reading_ms=tuple(each.reading for each in times),
        answer=words,
    )


def _times(
    session: "Session",
    dataset: "OpenDataset",
    contract: PreprocessingContract,
    images: int,
    read: "Reading",
) -> Iterator[_Times]:
    from core.data.decode import prepare

    port = session.inputs[0]
    samples = dataset.samples[: max(images, 1)]
    for number, sample in enumerate([*samples[:_WARM_UP], *samples]):
        file = dataset.read(sample)
        start = time.perf_counter()
        feeds = {port.name: prepare(file, contract)[None].astype(port.dtype, copy=False)}
        prepared = time.perf_counter()
        answer = session.infer(feeds)
        answered = time.perf_counter()
        read(answer)
        end = time.perf_counter()
        if number >= min(_WARM_UP, len(samples)):
            yield _Times(
                (prepared - start) * 1000, (answered - prepared) * 1000, (end - answered) * 1000
            )
