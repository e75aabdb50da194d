"""Applies a plan: each step rewrites what the step before left."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.model.graph import LayerId, ModelGraph
from core.plan.checks import require_valid
from core.plan.plan import CompressionPlan
from core.plan.resolve import resolve_plan
from core.techniques import techniques
from core.techniques.base import Feeds, TechniqueInput

Progress = Callable[[float, float, str], None]


@dataclass(frozen=True)
class AppliedPlan:
    """What applying a plan did."""

    model: Path
    file_bytes: int
    """With the weights beside the model, where there are any."""
    treated: dict[LayerId, tuple[str, ...]]
    """The techniques that treated each layer, in order; untreated layers are left out."""
    notes: tuple[str, ...]


def apply_plan(
    plan: CompressionPlan,
    source: Path,
    target: Path,
    graph: ModelGraph,
    calibration: Callable[[], Iterator[Feeds]] | None = None,
    *,
    calibration_count: int = 0,
    progress: Progress = lambda done, total, text: None,
) -> AppliedPlan:
    """Write `target`, the compressed form of the working copy `source` that `graph` describes.

    `calibration` starts a fresh pass over the calibration inputs at each call;
    `calibration_count` is their number. `progress` gets done, total and text, and may raise
    JobCancelled; then nothing is left behind. Raises InputError with every problem of the plan.
    """
    require_valid(plan, graph, has_calibration=calibration is not None)
    treated: dict[LayerId, tuple[str, ...]] = {}
    notes: list[str] = []
    with TemporaryDirectory(prefix=f".{target.stem}-", dir=target.parent) as folder:
        current = source
        for index, (step, choices) in enumerate(
            zip(plan.steps, resolve_plan(plan, graph), strict=True)
        ):
            scratch = Path(folder) / str(index)
            scratch.mkdir()
            work = TechniqueInput(
                source=current,
                target=scratch / target.name,
                graph=graph,
                choices=choices,
                calibration=calibration,
                calibration_count=calibration_count,
                progress=_part(progress, index, len(plan.steps)),
                scratch=scratch,
            )
            outcome = techniques()[step.technique].rewrite(work)
            for layer in outcome.treated:
                treated[layer] = (*treated.get(layer, ()), step.technique)
            notes += outcome.notes
            current = work.target
        deliver = _copied if current == source else _moved
        file_bytes = deliver(current, target)
    return AppliedPlan(target, file_bytes, treated, tuple(notes))


def _part(progress: Progress, index: int, steps: int) -> Progress:
    """Report one step's progress as a part of the whole."""

    def report(done: float, total: float, text: str) -> None:
        progress(index + (done / total if total else 0.0), steps, text)

    return report


def _copied(source: Path, target: Path) -> int:
    """Copy a model and the weights beside it, which keep the name by which it refers to them."""
    total = 0
    data = source.with_name(f"{source.name}.data")
    for origin, place in ((data, target.with_name(data.name)), (source, target)):
        if origin.exists():
            if origin != place:
                shutil.copyfile(origin, place)
            total += origin.stat().st_size
    return total


def _moved(made: Path, target: Path) -> int:
    """Move a model, which has its final name already, and the weights beside it."""
    total = 0
    for suffix in (".data", ""):
        origin = made.with_name(made.name + suffix)
        if origin.exists():
            total += origin.stat().st_size
            origin.replace(target.with_name(target.name + suffix))
    return total
