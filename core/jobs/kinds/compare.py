"""The job that compares two models: speed in turns, and answers image by image."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, Field

from core.benchmark.comparison import (
    STEP_ANSWERS,
    STEP_IMAGES,
    STEP_SPEED,
    A,
    B,
    ComparisonReport,
    Images,
    Turns,
    compare,
    inputs_of,
)
from core.benchmark.contender_process import Contender
from core.benchmark.end_to_end import end_to_end
from core.benchmark.protocol import PATIENCE
from core.data.contract import PreprocessingContract
from core.jobs.kinds.base import JobContext, JobKind
from core.plan.plan import RuntimeChoice

_STEP_END_TO_END = "From image to answer"


class CompareRequest(BaseModel):
    """Which models, how to run each, and on which images."""

    a: Path
    b: Path
    choice_a: RuntimeChoice | None = None
    """None takes the first runtime that can be used here, as it is."""
    choice_b: RuntimeChoice | None = None
    data: Path | None = None
    contract: PreprocessingContract | None = None
    label_a: str = ""
    """For people; the file's name when empty."""
    label_b: str = ""
    blocks: int = Field(default=20, ge=2, le=1000)
    patience: float = Field(default=PATIENCE, ge=0, le=86400)
    """Seconds to go on where times jump, until the interval is narrow."""


class Compare(JobKind[CompareRequest, ComparisonReport]):
    name: ClassVar[str] = "compare"
    title: ClassVar[str] = "Comparing two models"
    request_type: ClassVar[type[BaseModel]] = CompareRequest
    outcome_type: ClassVar[type[BaseModel]] = ComparisonReport

    def steps(self, request: CompareRequest) -> Sequence[tuple[str, float]]:
        if request.data is None:
            return ((STEP_SPEED, 1.0),)
        return (
            (STEP_IMAGES, 1.0),
            (STEP_ANSWERS, 1.0),
            (STEP_SPEED, 2.0),
            (_STEP_END_TO_END, 0.5),
        )

    def run(self, request: CompareRequest, context: JobContext) -> ComparisonReport:
        images = None if request.data is None else Images(request.data, request.contract)
        a = _contender(A, request.a, request.choice_a, request.label_a, context.scratch)
        b = _contender(B, request.b, request.choice_b, request.label_b, context.scratch)
        report = compare(a, b, images, Turns(request.blocks, request.patience), context)
        contract = report.answers.contract if report.answers else None
        if request.data is None:
            return report
        context.step(_STEP_END_TO_END)
        if contract is None:
            return report
        found = end_to_end(
            [a, b],
            request.data,
            [contract, contract],
            feeds=inputs_of(context).with_suffix(".npy"),
            progress=context.progress,
            check_cancelled=context.check_cancelled,
        )
        return report.model_copy(update={"end_to_end": found})


def _contender(
    id: str, model: Path, choice: RuntimeChoice | None, label: str, folder: Path
) -> Contender:
    """Of the working copy: only that has been checked to be safe to run. Raises InputError."""
    from core.model.identity import stamp
    from core.runtimes import available_runtimes

    copy = folder / f"{id}.onnx"
    stamp(model, copy)
    if choice is None:
        choice = RuntimeChoice(runtime=available_runtimes()[0].name)
    return Contender(id=id, label=label or model.name, model=copy, choice=choice)
