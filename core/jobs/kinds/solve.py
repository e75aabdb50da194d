"""The job that finds the best plans from a map, without measuring any."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from core.errors import InputError
from core.jobs.kinds.base import JobContext, JobKind
from core.search.correction import corrected
from core.search.layer_map import ModelMap
from core.search.plan_programme import Limit
from core.search.prediction import PastMeasurement, drop_fit
from core.search.report import Goal
from core.search.solver import Solution, front_of, solve

_READ, _SOLVE = "Reading the map", "Solving for the best mix of layers"


class SolveRequest(BaseModel):
    """Which map, and within which limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path
    map: Path
    """The file that the map job wrote."""
    goal: Goal = Goal()
    past: tuple[PastMeasurement, ...] = ()
    """What the project measured of plans; the map is corrected by it."""
    metric: str = ""
    """What the goal's limit of accuracy is about; empty means what the map was judged by."""


class PlanFront(BaseModel):
    """The Pareto front, the best for the goal first. Every figure is predicted."""

    model_config = ConfigDict(frozen=True)

    solutions: tuple[Solution, ...]


class Solve(JobKind[SolveRequest, PlanFront]):
    """Solve for the best mix of layers under the goal's limits."""

    name: ClassVar[str] = "solve"
    title: ClassVar[str] = "Finding the best plan"
    request_type: ClassVar[type[BaseModel]] = SolveRequest
    outcome_type: ClassVar[type[BaseModel]] = PlanFront

    def steps(self, request: SolveRequest) -> Sequence[tuple[str, float]]:
        return ((_READ, 1.0), (_SOLVE, 5.0))

    def run(self, request: SolveRequest, context: JobContext) -> PlanFront:
        from core.formats import read_graph

        context.step(_READ)
        map = ModelMap.model_validate_json(request.map.read_bytes())
        basis = corrected(map.in_points_of(request.metric), request.past)
        graph = read_graph(request.model)
        limit, aim = _limit(basis, request), request.goal.aim
        context.step(_SOLVE)
        found: list[Solution] = []
        for index, label in enumerate(basis.runtimes):
            context.progress(index, len(basis.runtimes), label)
            found += solve(basis, graph, limit, aim, on=(label,), past=request.past)
        if not found:
            raise InputError(
                "No plan stays within these limits.",
                "By the map, no mix of layers on any runtime is fast, small and accurate enough.",
                "Loosen a limit of the goal, and find the best plan again.",
            )
        return PlanFront(solutions=front_of(found, aim))


def _limit(map: ModelMap, request: SolveRequest) -> Limit:
    goal = request.goal
    return Limit(
        loss=None if map.loss is None else drop_fit(map, request.past).loss_at(goal.max_drop),
        latency_ms=goal.max_latency_ms,
        file_bytes=goal.max_bytes,
        memory_bytes=goal.max_memory_bytes,
    )
