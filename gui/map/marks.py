"""What the map adds to a plot of trade-offs: the solver's plans and the one in the editor."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.benchmark.results import Estimate
from core.search.report import OptimizationReport
from gui.map.mapping import LayerMapping
from gui.map.words import bytes_words, drop_words, latency_words

if TYPE_CHECKING:
    from core.search.prediction import Prediction
    from core.search.solver import Solution

Span = tuple[float, float, float]
"""A value, its low and its high."""


@dataclass(frozen=True)
class Mark:
    """One point. `solution` is the plan that pressing it puts in the editor."""

    words: str
    x: Span
    y: Span
    solution: "Solution | None" = None


@dataclass(frozen=True)
class Marks:
    """Everything that the map adds to a plot."""

    by_size: bool = False
    """Whether the lower axis is megabytes rather than milliseconds."""
    accuracy: bool = True
    """Whether the other axis is accuracy rather than megabytes."""
    front: tuple[Mark, ...] = ()
    """Predicted."""
    plan: Mark | None = None
    """Predicted: the plan in the editor; None where it changes nothing."""
    measured: tuple[Mark, ...] = ()
    """The original and the wholly treated models, where no report shows what was measured."""

    @property
    def all(self) -> tuple[Mark, ...]:
        return (*self.measured, *self.front, *((self.plan,) if self.plan else ()))


@dataclass(frozen=True)
class _Axes:
    """What the plot's axes are: milliseconds or megabytes, and score or megabytes."""

    by_size: bool
    accuracy: bool
    score: float
    """Percent that the original scores; 0 shows changes instead of scores."""

    def place(
        self, latency: Estimate | None, size: Estimate, drop: Estimate | None
    ) -> tuple[Span, Span] | None:
        across = _megabytes(size) if self.by_size else latency and _span(latency)
        up = drop and _below(self.score, drop) if self.accuracy else _megabytes(size)
        return (across, up) if across and up else None


def marks_of(mapping: LayerMapping, report: OptimizationReport | None, aim: str) -> Marks:
    """The points of the map on a report's plot; without a report on a plot of their own."""
    reading = mapping.reading
    if reading is None or mapping.prediction is None:
        return Marks()
    loss_known = reading.map.loss is not None and (report is None or report.accuracy_checked)
    score = _score(report)
    axes = _Axes((report.goal.aim if report else aim) == "size", loss_known, score)
    front = (_mark(one.plan.name, one.prediction, axes, one) for one in mapping.front)
    plan = _mark("Your plan", mapping.prediction, axes) if mapping.treated else None
    return Marks(
        by_size=axes.by_size,
        accuracy=axes.accuracy,
        front=tuple(mark for mark in front if mark is not None),
        plan=plan,
        measured=() if report else tuple(_measured(mapping, axes)),
    )


def _measured(mapping: LayerMapping, axes: _Axes) -> Iterator[Mark]:
    assert mapping.reading is not None
    map = mapping.reading.map
    for whole in map.whole:
        size = Estimate(value=whole.file_bytes, low=whole.file_bytes, high=whole.file_bytes)
        place = axes.place(whole.latency_ms, size, whole.drop_points)
        if place is not None:
            label = f"{map.options[whole.option].label} · {whole.runtime.runtime}, measured"
            yield Mark(label, *place)


def _mark(
    name: str, prediction: "Prediction", axes: _Axes, solution: "Solution | None" = None
) -> Mark | None:
    place = axes.place(prediction.latency_ms, prediction.file_bytes, prediction.drop_points)
    if place is None:
        return None
    figures = [latency_words(prediction.latency_ms)[0]] if prediction.latency_ms else []
    figures.append(bytes_words(prediction.file_bytes)[0])
    figures += [drop_words(prediction.drop_points)[0]] if prediction.drop_points else []
    return Mark(f"{name}\npredicted: {', '.join(figures)}", *place, solution)


def _span(estimate: Estimate) -> Span:
    return estimate.value, estimate.low, estimate.high


def _megabytes(size: Estimate) -> Span:
    return size.value / 1e6, size.low / 1e6, size.high / 1e6


def _below(score: float, drop: Estimate) -> Span:
    return score - drop.value, score - drop.high, score - drop.low


def _score(report: OptimizationReport | None) -> float:
    for candidate in report.candidates if report else ():
        if candidate.standing == "baseline" and candidate.accuracy and candidate.accuracy.scores:
            return 100 * candidate.accuracy.scores[0].value
    return 0.0
