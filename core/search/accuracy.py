"""Scores candidates on the evaluation images, each in a process of its own."""

from typing import TYPE_CHECKING

from core.benchmark.contender_process import Contender
from core.benchmark.evaluation import evaluate
from core.benchmark.results import AccuracyResult
from core.data.metrics import drop_points, metrics_for, score, scores_of
from core.data.metrics.base import Score
from core.data.tensors import Tensors
from core.errors import UserError
from core.search.images import PreparedImages
from core.search.report import Candidate
from core.search.setting import Setting

if TYPE_CHECKING:
    import numpy as np

OUTPUTS_FOLDER = "outputs"


def contender_of(setting: Setting, candidate: Candidate) -> Contender:
    """The candidate as the benchmark knows it."""
    assert candidate.plan.runtime is not None
    return Contender(
        id=candidate.id,
        label=candidate.label,
        model=setting.file_of(candidate),
        choice=candidate.plan.runtime,
    )


def check_accuracy(setting: Setting, candidate: Candidate) -> Candidate:
    """Score a candidate against the reference; one that cannot be run is marked as failed."""
    assert setting.images is not None
    what = f"accuracy of {candidate.id}"
    result = setting.acknowledged(what, AccuracyResult)
    if result is None:
        try:
            result = _score(setting, setting.images, candidate)
        except UserError as error:
            setting.fail(candidate, f"{error.what} {error.why}")
            return setting.candidates[candidate.id]
        setting.acknowledge(what, result, f"Accuracy, {candidate.label}")
    return setting.replace(candidate, accuracy=result)


def _score(setting: Setting, images: PreparedImages, candidate: Candidate) -> AccuracyResult:
    reference = setting.reference
    outputs = outputs_of(setting, images, candidate)
    expected = outputs if candidate.id == reference.id else outputs_of(setting, images, reference)
    labelled = images.labels is not None
    scores: list[Score] = []
    drop = None
    for metric in metrics_for(labelled=labelled, classes=outputs.shape[1]):
        hits = metric.hits(outputs, images.labels, expected)
        scores.append(score(metric, hits))
        if drop is None:
            drop = drop_points(metric.hits(expected, images.labels, expected), hits)
    return AccuracyResult(
        contender=candidate.id,
        scores=tuple(scores),
        drop=drop,
        reference=reference.id,
        evaluated_on=images.sentence,
    )


def outputs_of(setting: Setting, images: PreparedImages, candidate: Candidate) -> "np.ndarray":
    """The candidate's class scores on all evaluation images, (images, classes), float32."""
    path = setting.context.folder / OUTPUTS_FOLDER / candidate.id
    if path.exists():
        outputs = Tensors.read(path)
    else:
        path.parent.mkdir(exist_ok=True)
        outputs = evaluate(
            contender_of(setting, candidate),
            images.evaluation,
            path,
            check_cancelled=setting.context.check_cancelled,
        )
    return scores_of(outputs)
