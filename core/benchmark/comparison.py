"""Two models side by side: how their speed compares, and on which images their answers differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from core.benchmark.changes import kind_for
from core.benchmark.changes.album import ALBUM_FILE, write_album
from core.benchmark.changes.base import Asked, ImageChange
from core.benchmark.changes.finding import find_changes
from core.benchmark.contender_process import Contender
from core.benchmark.end_to_end import EndToEnd
from core.benchmark.evaluation import evaluate
from core.benchmark.protocol import measure
from core.benchmark.results import AccuracyResult, BenchmarkResult, Ratio
from core.benchmark.statistics import ratio
from core.data.contract import PreprocessingContract
from core.data.judge import Judge, score
from core.data.metrics.base import ClassMetric, Score, scores_of
from core.data.tensors import Tensors
from core.errors import InputError, UserError
from core.formats import metadata_of
from core.jobs.kinds.base import JobContext
from core.runtimes import runtimes

if TYPE_CHECKING:
    from core.data.datasets.base import Sample
    from core.data.preparing import Preparation

A = "a"
B = "b"

STEP_IMAGES = "Preparing the images"
STEP_ANSWERS = "Asking both models"
STEP_SPEED = "Measuring both in turns"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class AnswerComparison(_Part):
    """The answers of both models to the same images."""

    contract: PreprocessingContract | None
    """None where the data are tensors."""
    contract_origin: str
    agreement: Score
    """How much B's answers are like A's: for classifiers the share of same ones."""
    accuracy: tuple[AccuracyResult, ...]
    """Of A and of B, with B's drop against A; empty without labels."""
    better: int
    """Changed images on which B is nearer to the truth than A: of classifiers, right only in B."""
    worse: int
    changes: tuple[ImageChange, ...]
    """The most damaged first."""
    warnings: tuple[str, ...]
    task: str = ""
    """What the models were recognized to do: “object detection”."""
    damage: str = ""
    """What the damage of an image counts: “probability that the true class lost”."""
    pictured: int = 0
    """Of how many changes, from the first on, the album in the run's folder has pictures."""


class ComparisonReport(_Part):
    """The outcome of comparing A with B."""

    a: BenchmarkResult
    b: BenchmarkResult
    ratio: Ratio
    """Latency of B over latency of A."""
    answers: AnswerComparison | None
    """None without images."""
    end_to_end: tuple[EndToEnd, ...] = ()
    """From image to answer, of A and of B; empty without images."""


@dataclass(frozen=True)
class Images:
    """What both models are asked about."""

    data: Path
    contract: PreprocessingContract | None
    """None looks for the best preset, judged by A."""


@dataclass(frozen=True)
class Turns:
    """How long both are measured; see core.benchmark.protocol.measure."""

    blocks: int
    patience: float


def compare(
    a: Contender, b: Contender, images: Images | None, turns: Turns, context: JobContext
) -> ComparisonReport:
    """Ask both, then measure both in turns. Raises UserError when one of them cannot be run."""
    answers, inputs = None, None
    if images is not None:
        answers, inputs = _compare_answers(a, b, images, context)
    context.step(STEP_SPEED)
    results, samples = measure(
        [a, b],
        blocks=turns.blocks,
        patience=turns.patience,
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


def inputs_of(context: JobContext) -> Path:
    """Where the prepared inputs lie: this folder, or for images the file with .npy behind it."""
    return context.scratch / "inputs"


def _compare_answers(
    a: Contender, b: Contender, images: Images, context: JobContext
) -> tuple[AnswerComparison, Path]:
    """The comparison, and what the models were given."""
    from core.data import open_dataset
    from core.data.preparing import find_preparation

    context.step(STEP_IMAGES)
    dataset = open_dataset(images.data)
    runtime = runtimes()[a.choice.runtime]
    metadata = metadata_of(a.model)
    found = find_preparation(
        dataset, a.model, runtime, images.contract, progress=context.progress, metadata=metadata
    )
    samples = dataset.samples[: found.most_judged]
    inputs = found.write(samples, inputs_of(context), context.progress).path
    context.step(STEP_ANSWERS)
    of_a, of_b = (_answers(contender, inputs, context) for contender in (a, b))
    judge = found.judge(samples, of_a)
    _check_alike(judge, of_b, a, b)
    return _judged(found, samples, Asked(judge, of_b), context), inputs


def _answers(contender: Contender, inputs: Path, context: JobContext) -> Tensors:
    return evaluate(
        contender,
        inputs,
        context.scratch / f"outputs-{contender.id}",
        progress=context.progress,
        check_cancelled=context.check_cancelled,
    )


def _check_alike(judge: Judge, of_b: Tensors, a: Contender, b: Contender) -> None:
    """Raises InputError when two classifiers tell other numbers of classes apart."""
    if judge.task != ClassMetric.task:
        return
    of_a = judge.standard.reference
    scores = [scores_of(outputs.first(1)).shape[1] for outputs in (of_a, of_b)]
    if scores[0] != scores[1]:
        raise InputError(
            "The two models cannot be compared on images.",
            f"{a.label} gives {scores[0]} scores for an image, {b.label} {scores[1]}.",
            "Choose two models of the same task, or leave the images out to compare speed.",
        )


def _judged(
    found: "Preparation", samples: "Sequence[Sample]", asked: Asked, context: JobContext
) -> AnswerComparison:
    judge = asked.judge
    agreement = judge.agreement
    changes = find_changes(asked, samples, context.progress)
    album = context.folder / ALBUM_FILE
    order = [index for index, _ in changes]
    pictured = write_album(album, asked, found.dataset, samples, order, progress=context.progress)
    context.artifact("changes", album)
    effects = [change.effect for _, change in changes]
    return AnswerComparison(
        contract=found.contract,
        contract_origin=found.origin,
        agreement=score(agreement, agreement.tally(asked.of_b, judge.standard)),
        accuracy=_accuracies(judge, asked.of_b, len(samples)),
        better=effects.count("better"),
        worse=effects.count("worse"),
        changes=tuple(change for _, change in changes),
        warnings=found.warnings,
        task=judge.task,
        damage=kind_for(asked).damage(asked),
        pictured=pictured,
    )


def _accuracies(judge: Judge, of_b: Tensors, count: int) -> tuple[AccuracyResult, ...]:
    """Of A and of B by the metrics that know the truth; empty without any."""
    truthful = tuple(metric for metric in judge.metrics if metric.truth is not None)
    if not truthful:
        return ()
    judge = Judge(judge.standard, truthful)
    return tuple(
        AccuracyResult(
            contender=name,
            task=judge.task,
            scores=found.scores,
            drop=found.drop,
            reference=A,
            evaluated_on=f"all {count} images",
        )
        for name, outputs in ((A, judge.standard.reference), (B, of_b))
        if (found := judge.judge(outputs))
    )
