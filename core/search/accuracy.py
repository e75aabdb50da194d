"""Scores candidates on the evaluation images, each in a process of its own."""

import shutil
from pathlib import Path

from core.benchmark.contender_process import Contender
from core.benchmark.results import AccuracyResult
from core.data.judge import Judge, UnfitMetric
from core.data.tensors import Tensors
from core.errors import UserError
from core.search.images import PreparedImages
from core.search.report import Candidate
from core.search.setting import Setting

OUTPUTS_FOLDER = "outputs"
KEPT_BYTES = 64 << 20
"""Outputs of candidates larger than this are deleted once they are scored."""


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
    """Score a candidate against the reference; one that cannot be run is marked as failed.

    Raises UnfitMetric, which is no candidate's fault.
    """
    assert setting.images is not None
    what = f"accuracy of {candidate.id}"
    result = setting.acknowledged(what, AccuracyResult)
    if result is None:
        try:
            result = _score(setting, setting.images, candidate)
        except UnfitMetric:
            raise
        except UserError as error:
            setting.fail(candidate, f"{error.what} {error.why}")
            return setting.candidates[candidate.id]
        setting.acknowledge(what, result, f"Accuracy, {candidate.label}")
    return setting.replace(candidate, accuracy=result)


def judge_of(setting: Setting) -> Judge:
    """What judges every candidate: the metrics that fit, and the original's outputs."""
    assert setting.images is not None
    if setting.judge is None:
        reference = outputs_of(setting, setting.images, setting.reference)
        setting.judge = setting.images.judge(reference, setting.request.metric)
        setting.context.note(setting.judge.sentence)
    return setting.judge


def _score(setting: Setting, images: PreparedImages, candidate: Candidate) -> AccuracyResult:
    judge = judge_of(setting)
    itself = candidate.id == setting.reference.id
    outputs = judge.standard.reference if itself else outputs_of(setting, images, candidate)
    found = judge.judge(outputs)
    if not itself:
        _forget_large(_folder(setting, candidate))
    return AccuracyResult(
        contender=candidate.id,
        task=judge.task,
        scores=found.scores,
        drop=found.drop,
        reference=setting.reference.id,
        evaluated_on=images.sentence,
    )


def outputs_of(setting: Setting, images: PreparedImages, candidate: Candidate) -> Tensors:
    """All outputs of the candidate for the evaluation samples."""
    folder = _folder(setting, candidate)
    if folder.exists():
        return Tensors.read(folder)
    folder.parent.mkdir(exist_ok=True)
    return setting.ground.evaluate(
        contender_of(setting, candidate),
        images.evaluation,
        folder,
        progress=lambda done, total, text: None,
        check_cancelled=setting.context.check_cancelled,
    )


def _folder(setting: Setting, candidate: Candidate) -> Path:
    return setting.context.folder / OUTPUTS_FOLDER / candidate.id


def _forget_large(folder: Path) -> None:
    if sum(file.stat().st_size for file in folder.iterdir()) > KEPT_BYTES:
        shutil.rmtree(folder, ignore_errors=True)
