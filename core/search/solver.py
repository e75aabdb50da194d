"""Finds the best plans under a limit: an integer programme over all layers' measured costs.

The programme (core.search.plan_programme) is solved once for every runtime, every form of INT8 and
several limits of accuracy; what is not dominated is the Pareto front.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from core.model.graph import LayerId, ModelGraph
from core.plan.plan import CompressionPlan
from core.search.decisions import choices_on
from core.search.layer_map import KEEP, ModelMap
from core.search.plan_programme import Limit, PlanProgramme
from core.search.prediction import PastMeasurement, Prediction, Predictor
from core.search.report import Aim
from core.search.treatment import plan_of

WORTHWHILE = 0.97
"""Of the original's latency; what gains less may be noise."""
LEVELS = (0.7, 0.5, 0.35, 0.25, 0.15, 0.08)
"""Shares of the first solution's loss to which the sweep limits accuracy further."""


class Solution(BaseModel):
    """One plan that no other solution beats both in what is aimed at and in loss."""

    model_config = ConfigDict(frozen=True)

    plan: CompressionPlan
    prediction: Prediction
    kept: tuple[LayerId, ...]
    """Layers that the plan's options could treat and that are left as they are."""


def solve(
    map: ModelMap,
    graph: ModelGraph,
    limit: Limit,
    goal: Aim,
    *,
    exclude: Collection[LayerId] = (),
    on: Collection[str] | None = None,
    past: Sequence[PastMeasurement] = (),
) -> tuple[Solution, ...]:
    """The Pareto front of what is aimed at against loss, the best within the limits first.

    `exclude` are layers that must be kept; `on` the labels of runtimes, None means all. Empty
    when no plan satisfies the limits. A front has some ten plans; a model of a few hundred layers
    takes a second or two.
    """
    predictor = Predictor(map, past)
    found: dict[str, Solution] = {}
    for label in map.runtimes if on is None else on:
        for options in _families(map, label, goal):
            programme = PlanProgramme(
                map=map,
                graph=graph,
                choices=choices_on(map, label, options, exclude),
                goal=goal,
                baseline_ms=map.baselines[label].value,
            )
            for taken in _sweep(programme, limit):
                name, kept = _described(taken, map)
                plan = plan_of(taken, map, map.runtimes[label], name)
                solution = Solution(plan=plan, prediction=predictor.predict(plan), kept=kept)
                found.setdefault(plan.model_dump_json(), solution)
    return front_of(tuple(found.values()), goal)


def _families(map: ModelMap, label: str, goal: Aim) -> Iterator[tuple[str, ...]]:
    """Sets of options that one plan may mix: at most one of those that let INT8 flow.

    For latency, options that leave activations as they are take part only where they made the
    whole model faster: elsewhere their gains on single layers are noise of the counters.
    """
    known = [o for o in map.options.values() if (label, o.id) in map.whole_by_option]
    flowing = [option.id for option in known if option.flow == "int8"]
    others = [
        option.id
        for option in known
        if option.flow != "int8" and (goal != "latency" or _gains(map, label, option.id))
    ]
    yield from ((*others, one) for one in flowing)
    if not flowing:
        yield tuple(others)


def _gains(map: ModelMap, label: str, option: str) -> bool:
    whole = map.whole_by_option[label, option].latency_ms.value
    return whole < WORTHWHILE * map.baselines[label].value


def _sweep(programme: PlanProgramme, limit: Limit) -> Iterator[Mapping[LayerId, str]]:
    """The best choice within the limit, and the best ones that lose less."""
    best = programme.solved(limit)
    if best is None:
        return
    yield best
    loss = programme.loss_of(best)
    for level in LEVELS if loss > 0 else ():
        tighter = programme.solved(limit.model_copy(update={"loss": level * loss}))
        if tighter is not None:
            yield tighter


def _described(taken: Mapping[LayerId, str], map: ModelMap) -> tuple[str, tuple[LayerId, ...]]:
    """A plan's name for people: “INT8 asymmetric, 3 layers kept”; and these layers."""
    counts: dict[str, int] = {}
    for option in taken.values():
        counts[option] = counts.get(option, 0) + 1
    used = sorted(counts, key=lambda option: -counts[option])
    if not used:
        return map.options[KEEP].label, ()
    treatable = frozenset[LayerId]().union(*(map.options[option].treats for option in used))
    kept = tuple(sorted(treatable - taken.keys()))
    parts = [map.options[used[0]].label]
    parts += [f"{counts[option]} {map.options[option].label}" for option in used[1:]]
    if kept:
        parts.append(f"{len(kept)} layer{'s' if len(kept) > 1 else ''} kept")
    return ", ".join(parts), kept


def front_of(solutions: Sequence[Solution], goal: Aim) -> tuple[Solution, ...]:
    """Without those that another one beats or equals in both respects; the best first."""
    ranked = sorted(solutions, key=lambda one: (figure_of(one, goal), _loss(one)))
    front: list[Solution] = []
    for solution in ranked:
        if not front or _loss(solution) < _loss(front[-1]):
            front.append(solution)
    return tuple(front)


def figure_of(solution: Solution, goal: Aim) -> float:
    """What is aimed at, predicted: milliseconds, or bytes."""
    prediction = solution.prediction
    if goal == "latency":
        return prediction.latency_ms.value if prediction.latency_ms else float("inf")
    return prediction.file_bytes.value


def _loss(solution: Solution) -> float:
    return solution.prediction.loss.value if solution.prediction.loss else 0.0
