"""Two models side by side: how their speed compares, and on which images their answers differ."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from core.benchmark.contender_process import Contender
from core.benchmark.evaluation import evaluate
from core.benchmark.protocol import measure
from core.benchmark.results import AccuracyResult, BenchmarkResult, Ratio
from core.benchmark.statistics import ratio
from core.data.contract import PreprocessingContract
from core.data.metrics import drop_points, metrics, metrics_for, score, scores_of
from core.data.metrics.base import Score
from core.errors import InputError, UserError
from core.jobs.kinds.base import JobContext

if TYPE_CHECKING:
    import numpy as np

    from core.data.choose import ContractChoice
    from core.data.datasets.base import OpenDataset

A = "a"
B = "b"

STEP_IMAGES = "Preparing the images"
STEP_ANSWERS = "Asking both models"
STEP_SPEED = "Measuring both in turns"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ImageChange(_Part):
    """One image on which the two models answer differently."""

    image: str
    """Its place in the dataset."""
    a: str
    """Name of the class that A answers, or its number."""
    b: str
    truth: str | None
    """None without labels."""
    effect: Literal["better", "worse", "other"]
    """Whether B is right where A was wrong, the other way round, or neither is known."""


class AnswerComparison(_Part):
    """The answers of both models to the same images."""

    contract: PreprocessingContract
    contract_origin: str
    agreement: Score
    """Share of images to which both give the same answer."""
    accuracy: tuple[AccuracyResult, ...]
    """Of A and of B, with B's drop against A; empty without labels."""
    better: int
    """Images that B answers rightly and A does not."""
    worse: int
    changes: tuple[ImageChange, ...]
    warnings: tuple[str, ...]


class ComparisonReport(_Part):
    """The outcome of comparing A with B."""

    a: BenchmarkResult
    b: BenchmarkResult
    ratio: Ratio
    """Latency of B over latency of A."""
    answers: AnswerComparison | None
    """None without images."""


@dataclass(frozen=True)
class Images:
    """What both models are asked about."""

    data: Path
    contract: PreprocessingContract | None
    """None looks for the best preset, judged by A."""


def compare(
    a: Contender, b: Contender, images: Images | None, blocks: int, context: JobContext
) -> ComparisonReport:
    """Ask both, then measure both in turns. Raises UserError when one of them cannot be run."""
    answers, inputs = None, None
    if images is not None:
        answers, inputs = _compare_answers(a, b, images, context)
    context.step(STEP_SPEED)
    results, samples = measure(
        [a, b],
        blocks=blocks,
        feeds=inputs,
        progress=context.progress,
        check_cancelled=context.check_cancelled,
    )
    for failed, why in samples.failures.items():
        label = a.label if failed == A else b.label
        raise UserError(
            f"{label} cannot be measured.", why, "Choose another runtime or another model."
        )
    of_a, of_b = results
    return ComparisonReport(a=of_a, b=of_b, ratio=ratio(samples, B, A), answers=answers)


def _compare_answers(
    a: Contender, b: Contender, images: Images, context: JobContext
) -> tuple[AnswerComparison, Path]:
    """The comparison, and the file of prepared inputs."""
    from core.data import open_dataset
    from core.data.decode import prepare_all

    context.step(STEP_IMAGES)
    dataset = open_dataset(images.data)
    choice, doubts = _contract(a, dataset, images.contract, context)
    inputs = context.scratch / "inputs.npy"
    prepare_all(dataset, dataset.samples, choice.contract, inputs, context.progress)
    context.step(STEP_ANSWERS)
    of_a, of_b = (_answers(contender, inputs, context) for contender in (a, b))
    if of_a.shape != of_b.shape:
        raise InputError(
            "The two models cannot be compared on images.",
            f"{a.label} gives {of_a.shape[1]} scores for an image, {b.label} {of_b.shape[1]}.",
            "Choose two models of the same task, or leave the images out to compare speed.",
        )
    found = _judge(dataset, of_a, of_b, choice)
    return found.model_copy(update={"warnings": (*dataset.warnings, *doubts)}), inputs


def _contract(
    a: Contender,
    dataset: "OpenDataset",
    given: PreprocessingContract | None,
    context: JobContext,
) -> "tuple[ContractChoice, tuple[str, ...]]":
    from core.data.finding import find_contract
    from core.runtimes import runtimes

    with closing(runtimes()[a.choice.runtime].compile(a.model, a.choice)) as session:
        return find_contract(dataset, session, given, context.progress)


def _answers(contender: Contender, inputs: Path, context: JobContext) -> "np.ndarray":
    """Class scores, float32, shape (images, classes)."""
    outputs = evaluate(
        contender,
        inputs,
        context.scratch / f"outputs-{contender.id}",
        progress=context.progress,
        check_cancelled=context.check_cancelled,
    )
    return scores_of(outputs)


def _judge(
    dataset: "OpenDataset", of_a: "np.ndarray", of_b: "np.ndarray", choice: "ContractChoice"
) -> AnswerComparison:
    import numpy as np

    known = [sample.label for sample in dataset.samples if sample.label is not None]
    labelled = len(known) == len(dataset.samples)
    labels = np.asarray(known, dtype=np.int64) if labelled else None
    agreement = metrics()["agreement"]
    changes = _changes(dataset, of_a.argmax(axis=1), of_b.argmax(axis=1))
    return AnswerComparison(
        contract=choice.contract,
        contract_origin=choice.sentence,
        agreement=score(agreement, agreement.hits(of_b, labels, of_a)),
        accuracy=() if labels is None else _accuracies(of_a, of_b, labels),
        better=sum(change.effect == "better" for change in changes),
        worse=sum(change.effect == "worse" for change in changes),
        changes=changes,
        warnings=(),
    )


def _accuracies(
    of_a: "np.ndarray", of_b: "np.ndarray", labels: "np.ndarray"
) -> tuple[AccuracyResult, ...]:
    judges = [
        metric
        for metric in metrics_for(labelled=True, classes=of_a.shape[1])
        if metric.needs_labels
    ]
    hits = {
        name: [metric.hits(outputs, labels, of_a) for metric in judges]
        for name, outputs in ((A, of_a), (B, of_b))
    }
    return tuple(
        AccuracyResult(
            contender=name,
            scores=tuple(score(metric, hit) for metric, hit in zip(judges, found, strict=True)),
            drop=drop_points(hits[A][0], found[0]),
            reference=A,
            evaluated_on=f"all {len(labels)} images",
        )
        for name, found in hits.items()
    )


def _changes(
    dataset: "OpenDataset", of_a: "np.ndarray", of_b: "np.ndarray"
) -> tuple[ImageChange, ...]:
    names = dataset.classes
    return tuple(
        ImageChange(
            image=sample.key,
            a=_class_name(names, int(first)),
            b=_class_name(names, int(second)),
            truth=None if sample.label is None else _class_name(names, sample.label),
            effect=_effect(sample.label, int(first), int(second)),
        )
        for sample, first, second in zip(dataset.samples, of_a, of_b, strict=True)
        if first != second
    )


def _class_name(names: Sequence[str], index: int) -> str:
    return names[index] if index < len(names) else str(index)


def _effect(truth: int | None, a: int, b: int) -> Literal["better", "worse", "other"]:
    if truth is not None and truth == b:
        return "better"
    return "worse" if truth is not None and truth == a else "other"
