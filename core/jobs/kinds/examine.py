"""The job that looks at images: what there is, and how the model wants it prepared."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel

from core.data.choose import ContractTrial
from core.data.contract import PreprocessingContract
from core.jobs.kinds.base import JobContext, JobKind

if TYPE_CHECKING:
    from core.data.datasets.base import OpenDataset
    from core.data.judge import Judge
    from core.data.preparing import Preparation
    from core.runtimes.base import Session

SEEN = 4
"""Samples from whose answers the task is recognized."""


class ExamineRequest(BaseModel):
    """Which images, for which model."""

    data: Path
    model: Path
    contract: PreprocessingContract | None = None
    """None looks for the best preset."""


class MetricChoice(BaseModel):
    """A metric that fits the model and the images."""

    name: str
    label: str
    """“mAP 50-95”."""


class Examination(BaseModel):
    """What was found."""

    name: str
    images: int
    classes: int
    """How many classes have images; 0 without labels."""
    labelled: bool
    class_names: tuple[str, ...]
    """By label; empty without labels."""
    contract: PreprocessingContract | None
    """None where the data are tensors, which the model takes as they are."""
    origin: str
    """Where the contract comes from: “given …”, “best of 11 presets by accuracy: 88.0 % …”."""
    table: tuple[ContractTrial, ...]
    """How each contract that was tried fared, the chosen one first."""
    warnings: tuple[str, ...]
    thumbnails: tuple[str, ...]
    """Names of small PNG files in the run's folder."""
    sentence: str = ""
    """“200 images with boxes of 3 classes (COCO)”."""
    judged: str = ""
    """“Object detection, judged by mAP 50-95.”"""
    task: str = ""
    """“object detection”."""
    metrics: tuple[MetricChoice, ...] = ()
    """What a limit can be about; the first is what it is about if nobody chooses."""


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
        found, judge = _found(request, dataset, context)
        for warning in found.warnings:
            context.note(warning, "warning")
        return Examination(
            name=dataset.name,
            images=len(dataset.samples),
            classes=len({sample.label for sample in dataset.samples} - {None})
            or len(dataset.classes),
            labelled=dataset.labelled,
            class_names=tuple(dataset.classes),
            contract=found.contract,
            origin=found.origin,
            table=found.table,
            warnings=found.warnings,
            thumbnails=thumbnails,
            sentence=dataset.sentence,
            judged=judge.sentence,
            task=judge.task,
            metrics=tuple(MetricChoice(name=one.name, label=one.label) for one in judge.metrics),
        )


def _found(
    request: ExamineRequest, dataset: "OpenDataset", context: JobContext
) -> tuple["Preparation", "Judge"]:
    """How the data are given to the model, and what will judge it, seen on a few of them."""
    from core.data.preparing import preparation_for
    from core.data.splitting import spread
    from core.formats import check_runnable_onnx, metadata_of

    context.step("Loading the model")
    check_runnable_onnx(request.model)
    metadata = metadata_of(request.model)
    session = _session(request.model)
    try:
        context.step("Trying how to prepare them")
        found = preparation_for(
            dataset, session, request.contract, progress=context.progress, metadata=metadata
        )
        samples = spread(dataset.samples)[:SEEN]
        return found, found.judge(samples, found.answers(samples, session))
    finally:
        session.close()


def _session(model: Path) -> "Session":
    from core.plan.plan import RuntimeChoice
    from core.runtimes import runtimes

    return runtimes()["onnxruntime"].compile(model, RuntimeChoice(runtime="onnxruntime"))
