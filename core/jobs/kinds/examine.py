"""The job that looks at images: what there is, and how the model wants it prepared."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel

from core.data.choose import ContractTrial
from core.data.contract import PreprocessingContract
from core.jobs.kinds.base import JobContext, JobKind

if TYPE_CHECKING:
    from core.data.choose import ContractChoice
    from core.data.datasets.base import OpenDataset
    from core.runtimes.base import Session


class ExamineRequest(BaseModel):
    """Which images, for which model."""

    data: Path
    model: Path
    contract: PreprocessingContract | None = None
    """None looks for the best preset."""


class Examination(BaseModel):
    """What was found."""

    name: str
    images: int
    classes: int
    """How many classes have images; 0 without labels."""
    labelled: bool
    class_names: tuple[str, ...]
    """By label; empty without labels."""
    contract: PreprocessingContract
    origin: str
    """Where the contract comes from: “given …”, “best of 11 presets by accuracy: 88.0 % …”."""
    table: tuple[ContractTrial, ...]
    """How each contract that was tried fared, the chosen one first."""
    warnings: tuple[str, ...]
    thumbnails: tuple[str, ...]
    """Names of small PNG files in the run's folder."""


class Examine(JobKind[ExamineRequest, Examination]):
    name: ClassVar[str] = "examine"
    title: ClassVar[str] = "Looking at the images"
    request_type: ClassVar[type[BaseModel]] = ExamineRequest
    outcome_type: ClassVar[type[BaseModel]] = Examination

    def steps(self, request: ExamineRequest) -> Sequence[tuple[str, float]]:
        return (
            ("Listing the images", 1.0),
            ("Loading the model", 2.0),
            ("Trying how to prepare them", 16.0),
        )

    def run(self, request: ExamineRequest, context: JobContext) -> Examination:
        from core.data import open_dataset
        from core.data.thumbnails import write_thumbnails

        context.step("Listing the images")
        dataset = open_dataset(request.data)
        thumbnails = write_thumbnails(dataset, context.folder)
        for name in thumbnails:
            context.artifact("thumbnail", context.folder / name)
        choice, doubts = _choice(request, dataset, context)
        warnings = (*dataset.warnings, *doubts)
        for warning in warnings:
            context.note(warning, "warning")
        return Examination(
            name=dataset.name,
            images=len(dataset.samples),
            classes=len({sample.label for sample in dataset.samples} - {None}),
            labelled=dataset.labelled,
            class_names=tuple(dataset.classes),
            contract=choice.contract,
            origin=choice.sentence,
            table=choice.table,
            warnings=warnings,
            thumbnails=thumbnails,
        )


def _choice(
    request: ExamineRequest, dataset: "OpenDataset", context: JobContext
) -> tuple["ContractChoice", tuple[str, ...]]:
    from core.data.finding import find_contract
    from core.formats import check_runnable_onnx

    context.step("Loading the model")
    check_runnable_onnx(request.model)
    session = _session(request.model)
    try:
        context.step("Trying how to prepare them")
        return find_contract(dataset, session, request.contract, context.progress)
    finally:
        session.close()


def _session(model: Path) -> "Session":
    from core.plan.plan import RuntimeChoice
    from core.runtimes import runtimes

    return runtimes()["onnxruntime"].compile(model, RuntimeChoice(runtime="onnxruntime"))
