"""The solver against trying everything, and the limits that it respects."""

import math
from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.graph import LayerId
from core.plan.plan import CompressionPlan, Step
from core.search.layer_map import KEEP, ModelMap
from core.search.plan_programme import Limit
from core.search.solver import Solution, solve
from core.search.sums import raw_figures
from tests.search.made_map import RUNTIME, MadeLayer, graph_of, made_map

ROUNDING = 1e-6
SECOND_BEST = 0.01
"""Milliseconds that a plan may be slower for a smaller file or less loss, of up to 12."""

LAYERS = st.lists(
    st.builds(
        MadeLayer,
        kept_ms=st.floats(0.1, 2.0),
        int8_ms=st.floats(0.05, 2.0),
        loss=st.just(0.0) | st.floats(1e-6, 0.1),
        elements=st.integers(0, 500),
        fused=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def best(map: ModelMap, limit: Limit, goal: str = "latency") -> Solution:
    return solve(map, graph_of(map), limit, goal)[0]  # type: ignore[arg-type]


def treated(solution: Solution) -> set[str]:
    (step,) = solution.plan.steps or (Step(technique="int8"),)
    named = {layer for layer, options in step.layers.items() if options is not None}
    if step.default is None:
        return named
    return {f"layer{index}" for index in range(100)} - {
        layer for layer, options in step.layers.items() if options is None
    }


def every_plan(map: ModelMap) -> Iterator[CompressionPlan]:
    """All ways to treat whole groups."""
    groups = list(dict.fromkeys(entry.group for entry in map.entries))
    last = {group[0]: group for group in groups}  # a longer list of the same group comes last
    for taken in product((True, False), repeat=len(last)):
        layers = {
            str(layer): {}
            for group, wanted in zip(last.values(), taken, strict=True)
            for layer in group
            if wanted
        }
        yield CompressionPlan(steps=(Step(technique="int8", layers=layers),), runtime=RUNTIME)


@settings(max_examples=40, deadline=None)
@given(LAYERS, st.floats(0.0, 0.3))
def test_that_no_other_plan_within_the_limit_is_faster(
    layers: list[MadeLayer], allowed: float
) -> None:
    map = made_map(layers)
    figures = [raw_figures(plan, map) for plan in every_plan(map)]
    strictly, nearly = (
        min(one.latency_ms or 0 for one in figures if (one.loss or 0) <= allowed + more)
        for more in (0.0, ROUNDING)
    )
    found = raw_figures(best(map, Limit(loss=allowed)).plan, map)
    assert nearly - SECOND_BEST <= (found.latency_ms or 0) <= strictly + SECOND_BEST
    assert (found.loss or 0) <= allowed + ROUNDING


@settings(max_examples=25, deadline=None)
@given(LAYERS, st.floats(0.3, 1.0))
def test_that_a_limit_of_latency_holds_while_the_file_gets_smallest(
    layers: list[MadeLayer], share: float
) -> None:
    map = made_map(layers)
    allowed = share * map.baselines["openvino"].value
    figures = [raw_figures(plan, map) for plan in every_plan(map)]
    strictly, nearly = (
        [one.file_bytes for one in figures if (one.latency_ms or 0) <= allowed + more]
        for more in (0.0, ROUNDING)
    )
    solutions = solve(map, graph_of(map), Limit(latency_ms=allowed), "size")
    assert bool(strictly) <= bool(solutions) <= bool(nearly)
    if solutions:
        found = raw_figures(solutions[0].plan, map)
        assert found.file_bytes >= min(nearly) * (1 - ROUNDING)
        assert found.file_bytes <= min(strictly, default=math.inf) * (1 + ROUNDING)
        assert (found.latency_ms or 0) <= allowed + ROUNDING


def test_that_fused_layers_are_treated_together() -> None:
    map = made_map([MadeLayer(loss=0), MadeLayer(loss=0.5, fused=True), MadeLayer(loss=0)])
    kept = set(best(map, Limit(loss=0.1)).kept)
    assert kept == {"layer0", "layer1"}


def test_that_a_layer_between_kept_ones_is_kept_where_conversions_cost_more_than_it_gains() -> None:
    lossy = MadeLayer(loss=1.0, elements=1000)
    lone = MadeLayer(kept_ms=1.0, int8_ms=0.9, loss=0.0, elements=1000)
    cheap, dear = (made_map([lossy, lone, lossy], rate) for rate in (1e-6, 1e-3))
    assert set(best(cheap, Limit(loss=0.1)).kept) == {"layer0", "layer2"}
    assert best(dear, Limit(loss=0.1)).plan.steps == ()


def test_that_an_excluded_layer_is_kept_with_what_is_fused_to_it() -> None:
    map = made_map([MadeLayer(), MadeLayer(fused=True), MadeLayer()])
    (solution, *_) = solve(map, graph_of(map), Limit(), "latency", exclude=(LayerId("layer1"),))
    assert set(solution.kept) == {"layer0", "layer1"}


def test_that_the_front_trades_latency_for_loss() -> None:
    map = made_map([MadeLayer(int8_ms=0.1 * n, loss=0.01 * (9 - n)) for n in range(9)])
    front = solve(map, graph_of(map), Limit(loss=0.3), "latency")
    times = [one.prediction.latency_ms.value for one in front if one.prediction.latency_ms]
    losses = [one.prediction.loss.value for one in front if one.prediction.loss]
    assert len(front) > 3
    assert times == sorted(times)
    assert losses == sorted(losses, reverse=True)


def test_that_memory_is_limited_where_tensors_exist_together() -> None:
    wide = [MadeLayer(kept_ms=1, int8_ms=2, elements=elements) for elements in (10, 1000, 10, 10)]
    map = made_map(wide)
    free = best(map, Limit())
    assert free.plan.steps == ()
    tight = best(map, Limit(memory_bytes=map.file_bytes + 1100))
    assert "layer1" not in tight.kept
    assert tight.plan.steps


def test_that_no_plan_is_found_where_the_limits_exclude_each_other() -> None:
    map = made_map([MadeLayer()])
    assert solve(map, graph_of(map), Limit(loss=0.0, latency_ms=0.1), "latency") == ()


def test_that_a_plan_with_few_exceptions_names_only_these() -> None:
    map = made_map([MadeLayer(loss=0.0) for _ in range(6)] + [MadeLayer(loss=1.0)])
    (step,) = best(map, Limit(loss=0.1)).plan.steps
    assert step.default == {}
    assert step.layers == {"layer6": None}
    assert map.options[KEEP].steps == ()
