"""The job that measures batch × streams and finds the sweet spot."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.benchmark.batches import with_batch
from core.benchmark.sweep import Sweep, SweepWork, sweep
from core.errors import UserError
from core.formats import format_of
from core.jobs.kinds.base import JobContext, JobKind
from core.model.identity import stamp
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes

_MAKING, _MEASURING = "Setting the batch", "Measuring every combination"


class SweepRequest(BaseModel):
    """One model on one runtime."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path
    choice: RuntimeChoice | None = None
    """None takes the first runtime that can be used here, as it is."""
    batches: tuple[int, ...] = Field(default=(1, 2, 4, 8), min_length=1)
    streams: tuple[int, ...] = Field(default=(1, 2), min_length=1)
    latency_limit_ms: float | None = Field(default=None, gt=0)
    blocks: int = Field(default=9, ge=2, le=1000)
    label: str = ""
    """For people; the file's name when empty."""


class SweepKind(JobKind[SweepRequest, Sweep]):
    name: ClassVar[str] = "sweep"
    title: ClassVar[str] = "Sweeping batch and streams"
    request_type: ClassVar[type[BaseModel]] = SweepRequest
    outcome_type: ClassVar[type[BaseModel]] = Sweep

    def steps(self, request: SweepRequest) -> Sequence[tuple[str, float]]:
        return ((_MAKING, 1.0), (_MEASURING, 10.0))

    def run(self, request: SweepRequest, context: JobContext) -> Sweep:
        context.step(_MAKING)
        choice = request.choice or RuntimeChoice(runtime=available_runtimes()[0].name)
        work = SweepWork(
            name=request.label or request.model.name,
            models=_models(request, context),
            choice=choice,
            streams=sorted(set(request.streams)),
            latency_limit_ms=request.latency_limit_ms,
        )
        context.step(_MEASURING)
        return sweep(
            work,
            blocks=request.blocks,
            progress=context.progress,
            check_cancelled=context.check_cancelled,
        )


def _models(request: SweepRequest, context: JobContext) -> dict[int, Path | UserError]:
    """A copy for each batch: only working copies of ONNX have been checked to be safe to run."""
    known = format_of(request.model)
    working = request.model
    if known.name == "onnx":
        working = context.scratch / "model.onnx"
        stamp(request.model, working)
    else:
        known.check_runnable(request.model)
    found: dict[int, Path | UserError] = {}
    batches = sorted(set(request.batches))
    for index, batch in enumerate(batches):
        context.check_cancelled()
        context.progress(index, len(batches), f"Batch {batch}")
        try:
            found[batch] = with_batch(working, batch, context.scratch)
        except UserError as error:
            found[batch] = error
    return found
