"""Solves, makes, measures, corrects the map, and solves again until predictions hold.

Every plan that is made becomes a candidate of the race, so the solver can only add to the simple
choices: what is chosen in the end is measured beside them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from core.benchmark.results import Estimate
from core.plan.plan import CompressionPlan
from core.search.accuracy import check_accuracy
from core.search.choice import accurate_enough
from core.search.compression import compress_entry
from core.search.correction import corrected
from core.search.divergence import measured_loss
from core.search.entries import Entry
from core.search.layer_map import ModelMap
from core.search.plan_programme import Limit
from core.search.prediction import PastMeasurement, drop_fit
from core.search.quick_look import look_beside
from core.search.report import Candidate, FrontPoint
from core.search.setting import Setting
from core.search.solver import WORTHWHILE, Solution, figure_of, front_of, solve
from core.search.sums import profiled
from core.search.treatment import treatment_of
from core.search.variants import NumbersVariant, variants_of

ROUNDS = 5
"""Solving and measuring ends after so many rounds at the latest."""
AFTERWARDS = 3
"""Rounds after a better way to find the numbers was found."""
CLEARLY = 0.8
"""Another way to find the numbers must lose at most this share to be taken over."""
AGREEMENT = 0.05
"""Prediction and measurement of latency agree within this share."""
RIVALS = 0.15
"""The best plan on another runtime is made too if it promises to come this near."""
LOOSER = 8.0
"""Other ways to find numbers are tried on the plan that may lose this much more."""
_CAUTION = 0.5
"""Share of an over-limit plan's loss that the next one may have at most."""

_NUMBERS_ONLY = "Made to see what it loses; it runs the kernels of the plan that it varies."

Progress = Callable[[float, float, str], None]


def refine(setting: Setting, map: ModelMap, progress: Progress) -> "Refinement":
    """Add the solver's plans to the race's candidates, each made, looked at and judged."""
    work = Refinement(setting, map, progress)
    work.run()
    if work.better_numbers():
        work.run(AFTERWARDS)
    return work


@dataclass
class Refinement:
    """Rounds of solving and measuring; the candidates that they make enter the race."""

    setting: Setting
    map: ModelMap
    progress: Progress
    front: tuple[Solution, ...] = ()
    """The last one that was solved for."""
    _ceiling: float = float("inf")
    """Loss that plans may have; lowered when one below it lost too much accuracy."""
    _losses: dict[str, float | None] = field(default_factory=dict[str, float | None])
    """Measured loss by candidate."""

    def run(self, rounds: int = ROUNDS) -> None:
        """Go on until what was predicted is measured, nothing new is proposed or time is over."""
        for number in range(rounds):
            if number and not self.setting.seconds_left():
                return
            self.progress(number, rounds, "Solving for the best mix of layers")
            proposed = tuple(self._proposed())
            if not proposed:
                return
            held = [self._holds(solution, self._make(solution.plan)) for solution in proposed]
            if held[0]:
                return

    def better_numbers(self) -> bool:
        """Try other ways to find the numbers of a plan that is faster but loses more.

        True where one loses clearly less: the map then rests on it, and what was solved before may
        be bettered. Nothing is tried where plans that lose more would hardly be better.
        """
        tempting = self._tempting() if self.setting.seconds_left() else None
        if tempting is None:
            return False
        base = self._made_of(tempting.plan) or self._make(tempting.plan)
        before = self._loss_of(base)
        tried: list[tuple[float, NumbersVariant]] = []
        variants = list(variants_of(base.plan))
        for index, variant in enumerate(variants):
            if not self.setting.seconds_left():
                break
            self.progress(index, len(variants), variant.words)
            loss = self._loss_of(self._make(variant.applied(base.plan), timed=False))
            if loss is not None:
                tried.append((loss, variant))
        if not before or not tried:
            return False
        loss, winner = min(tried, key=lambda pair: pair[0])
        if loss > CLEARLY * before:
            return False
        self.map = winner.applied_to_map(self.map, loss / before)
        self._ceiling = float("inf")
        return True

    def _tempting(self) -> Solution | None:
        """The best plan under a looser limit of loss, if it promises clearly more."""
        basis, past = corrected(self.map, self.past()), self.past()
        goal = self.setting.request.goal
        limit = self._limit(basis, past)
        if limit.loss is None:
            return None
        looser = limit.model_copy(update={"loss": LOOSER * limit.loss})
        lossy = solve(basis, self.setting.graph, looser, goal.aim, past=past)
        if not lossy or not lossy[0].plan.steps:
            return None
        promised = figure_of(lossy[0], goal.aim)
        within = figure_of(self.front[0], goal.aim) if self.front else float("inf")
        return lossy[0] if promised < WORTHWHILE * within else None

    def points(self) -> tuple[FrontPoint, ...]:
        """The last front for the report."""
        return tuple(
            FrontPoint(
                label=solution.plan.name,
                candidate=same.id if (same := self._made_of(solution.plan)) else None,
                latency_ms=solution.prediction.latency_ms,
                file_bytes=solution.prediction.file_bytes,
                drop_points=solution.prediction.drop_points,
            )
            for solution in self.front
        )

    def past(self) -> tuple[PastMeasurement, ...]:
        """Every candidate that was looked at and whose plan the map has figures for."""
        return tuple(
            PastMeasurement(
                plan=candidate.plan,
                latency_ms=candidate.screened_ms,
                file_bytes=candidate.file_bytes,
                loss=self._loss_of(candidate),
                drop_points=drop.value if (drop := _drop_of(candidate)) else None,
                drop_low=drop.low if drop else None,
            )
            for candidate in self.setting.candidates.values()
            if candidate.standing != "failed"
            and candidate.plan.steps
            and profiled(candidate.plan, self.map)[1]
            and not treatment_of(candidate.plan, self.map).unknown
        )

    def _proposed(self) -> Iterator[Solution]:
        """The best plan of all and near ones on other runtimes, unless they were made before."""
        basis, past = corrected(self.map, self.past()), self.past()
        limit, aim = self._limit(basis, past), self.setting.request.goal.aim
        fronts = [
            front
            for label in basis.runtimes
            if (front := solve(basis, self.setting.graph, limit, aim, on=(label,), past=past))
        ]
        self.front = front_of([solution for front in fronts for solution in front], aim)
        firsts = sorted((front[0] for front in fronts), key=_latency)
        for solution in firsts:
            near = _latency(solution) <= (1 + RIVALS) * _latency(firsts[0])
            if near and solution.plan.steps and self._made_of(solution.plan) is None:
                yield solution

    def _limit(self, basis: ModelMap, past: Sequence[PastMeasurement]) -> Limit:
        goal = self.setting.request.goal
        loss = None
        if basis.loss is not None:
            loss = drop_fit(basis, past, hopeful=True).loss_at(goal.max_drop)
        return Limit(
            loss=None if loss is None else min(loss, self._ceiling),
            latency_ms=goal.max_latency_ms,
            file_bytes=goal.max_bytes,
            memory_bytes=goal.max_memory_bytes,
        )

    def _make(self, plan: CompressionPlan, *, timed: bool = True) -> Candidate:
        """Make, look at and judge a plan; it is in the race from then on."""
        digest = hashlib.sha256(plan.model_dump_json().encode()).hexdigest()[:8]
        entry = Entry(f"solved-{digest}", plan.name, plan)
        compress_entry(self.setting, entry, lambda done, total, text: None)
        added = self._made_of(plan)
        assert added is not None
        if added.standing != "failed" and timed:
            look_beside(self.setting, self._anchor(added), (added,))
        elif added.standing != "failed":
            self.setting.replace(added, reason=_NUMBERS_ONLY)
        if self.setting.candidates[added.id].standing != "failed":
            check_accuracy(self.setting, self.setting.candidates[added.id])
        return self.setting.candidates[added.id]

    def _anchor(self, candidate: Candidate) -> Candidate:
        """The original on the same runtime."""
        baselines = [c for c in self.setting.candidates.values() if not c.plan.steps]
        same = [c for c in baselines if c.plan.runtime == candidate.plan.runtime]
        return (same or [self.setting.reference])[0]

    def _holds(self, solution: Solution, candidate: Candidate) -> bool:
        """Whether measurement confirmed the prediction; what it taught is kept."""
        if candidate.standing == "failed" or candidate.screened_ms is None:
            return False
        accurate = accurate_enough(candidate, self.setting.request.goal)
        loss = self._loss_of(candidate)
        if not accurate and loss is not None:
            self._ceiling = min(self._ceiling, _CAUTION * loss)
        return accurate and abs(candidate.screened_ms / _latency(solution) - 1) < AGREEMENT

    def _made_of(self, plan: CompressionPlan) -> Candidate | None:
        candidates = self.setting.candidates.values()
        same = (c for c in candidates if c.plan.steps == plan.steps)
        return next((c for c in same if c.plan.runtime == plan.runtime), None)

    def _loss_of(self, candidate: Candidate) -> float | None:
        if self.map.loss is None:
            return None
        if candidate.id not in self._losses:
            self._losses[candidate.id] = measured_loss(self.setting, candidate, self.map.loss)
        return self._losses[candidate.id]


def _latency(solution: Solution) -> float:
    predicted = solution.prediction.latency_ms
    return predicted.value if predicted else float("inf")


def _drop_of(candidate: Candidate) -> Estimate | None:
    return candidate.accuracy.drop if candidate.accuracy else None
