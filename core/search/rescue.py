"""Wins back accuracy: keeps the few layers that hurt most as they are, as few as will do."""

from collections.abc import Callable

from core.search.accuracy import check_accuracy
from core.search.choice import latency_of, order_of_merit, within_limit
from core.search.compression import compress_entry
from core.search.entries import Entry
from core.search.report import Candidate
from core.search.sensitivity import Sensitivity, keep, rank_layers
from core.search.setting import Setting

WORTH_WHILE = 0.97
"""An over-limit candidate must promise at least 3 % over the best that stays within the limit."""
SIZES = (1, 2, 3, 5, 8, 12)
"""How many of the worst layers are kept, one try after the other."""

Progress = Callable[[float, float, str], None]


def worth_rescuing(setting: Setting) -> Candidate | None:
    """The most promising candidate that loses too much accuracy, or None."""
    goal = setting.request.goal
    judged = [c for c in setting.candidates.values() if c.accuracy is not None]
    ranked = order_of_merit(judged, goal)
    tempting = [c for c in ranked if not within_limit(c, goal) and c.plan.steps]
    sound = [c for c in ranked if within_limit(c, goal)]
    if not tempting:
        return None
    if sound and _figure(setting, tempting[0]) > WORTH_WHILE * _figure(setting, sound[0]):
        return None
    return tempting[0]


def rescue(setting: Setting, candidate: Candidate, progress: Progress) -> tuple[Candidate, ...]:
    """Add plans that keep ever more of the worst layers, until one is within the limit.

    Returns the candidates of that plan on every runtime; none when even the longest list of kept
    layers loses too much.
    """
    ranking = _ranking(setting, candidate, progress)
    base = candidate.plan.model_copy(update={"runtime": None})
    for size in (size for size in SIZES if size < len(ranking.worst_first)):
        layers = ranking.worst_first[:size]
        label = f"{base.name}, {size} layer{'s' if size > 1 else ''} kept"
        recipe = candidate.id.split(".")[0]
        entry = Entry(
            f"{recipe}-keep{size}", label, keep(base, layers).model_copy(update={"name": label})
        )
        progress(size, SIZES[-1], f"Keeping the {size} most sensitive as they are")
        compress_entry(setting, entry, lambda done, total, text: None)
        added = [c for c in setting.candidates.values() if c.id.startswith(f"{entry.id}.")]
        same = next((c for c in added if _runs_like(c, candidate)), None)
        if same is None or same.standing == "failed":
            continue
        if within_limit(check_accuracy(setting, same), setting.request.goal):
            return tuple(setting.candidates[other.id] for other in added)
        for other in added:  # the attempt stays in the table, but not on every runtime
            if other.id != same.id:
                del setting.candidates[other.id]
    return ()


def _ranking(setting: Setting, candidate: Candidate, progress: Progress) -> Sensitivity:
    what = f"sensitivity of {candidate.id}"
    ranking = setting.acknowledged(what, Sensitivity)
    if ranking is None:
        ranking = rank_layers(setting, candidate.plan, progress)
        setting.acknowledge(what, ranking, f"Sensitivity, {candidate.label}")
    return ranking


def _runs_like(candidate: Candidate, other: Candidate) -> bool:
    return candidate.plan.runtime == other.plan.runtime


def _figure(setting: Setting, candidate: Candidate) -> float:
    if setting.request.goal.aim == "size":
        return float(candidate.file_bytes or 0)
    return latency_of(candidate)
