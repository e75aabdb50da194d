"""Makes the compressed models of a race, each once, however many runtimes will run it."""

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.errors import UserError
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan
from core.search.entries import Entry, candidates_of, original_in_other_precisions
from core.search.images import PreparedImages
from core.search.report import Candidate
from core.search.setting import CANDIDATES_FOLDER, Setting

Progress = Callable[[float, float, str], None]


class CompressedModel(BaseModel):
    """A model file that was made from a plan."""

    model_config = ConfigDict(frozen=True)

    file: str
    """Relative to the run's folder."""
    bytes: int
    treated: int
    """How many layers the plan changed."""
    notes: tuple[str, ...] = ()


def compress_entry(setting: Setting, entry: Entry, progress: Progress) -> None:
    """Add the entry's candidates to the race; those whose model cannot be made are failed ones."""
    made: CompressedModel | None = None
    reason = ""
    try:
        made = made_model(setting, entry, progress)
    except UserError as error:
        reason = f"{error.what} {error.why}"
    for candidate in candidates_of(entry, setting.runtimes, setting.request.threads):
        setting.candidates[candidate.id] = (
            candidate.model_copy(update={"standing": "failed", "reason": reason})
            if made is None
            else candidate.model_copy(update={"model": made.file, "file_bytes": made.bytes})
        )


def made_model(
    setting: Setting,
    entry: Entry,
    progress: Progress = lambda done, total, text: None,
) -> CompressedModel:
    """The entry's model file, made once in a run. Raises UserError when it cannot be made."""
    what = f"model of {entry.id}"
    earlier = setting.acknowledged(what, CompressedModel)
    if earlier is not None and (setting.context.folder / earlier.file).exists():
        return earlier
    relative = f"{CANDIDATES_FOLDER}/{entry.id}.onnx"
    target = setting.context.folder / relative
    target.parent.mkdir(exist_ok=True)
    made = compress(setting, entry.plan, target, setting.images, progress)
    setting.context.artifact(entry.label, target)
    result = made.model_copy(update={"file": relative})
    setting.acknowledge(what, result, f"File, {entry.label}")
    return result


def compress(
    setting: Setting,
    plan: CompressionPlan,
    target: Path,
    images: PreparedImages | None,
    progress: Progress = lambda done, total, text: None,
) -> CompressedModel:
    """Apply a plan to the working copy. Raises InputError that lists every fault of the plan."""
    applied = apply_plan(
        plan,
        setting.original,
        target,
        setting.graph,
        calibration=None if images is None else images.calibration_feeds,
        calibration_count=0 if images is None else images.calibration_count,
        progress=progress,
    )
    return CompressedModel(
        file=target.name,
        bytes=applied.file_bytes,
        treated=len(applied.treated),
        notes=applied.notes,
    )


def enter_originals(setting: Setting) -> None:
    """Add the original in every precision that a runtime does not take by itself."""
    for candidate in original_in_other_precisions(setting.runtimes, setting.request.threads):
        setting.candidates[candidate.id] = original_candidate(setting, candidate)


def original_candidate(setting: Setting, candidate: Candidate) -> Candidate:
    """A candidate that runs the original itself."""
    relative = setting.original.relative_to(setting.context.folder).as_posix()
    return candidate.model_copy(update={"model": relative, "file_bytes": setting.graph.file_bytes})
