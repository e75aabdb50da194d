"""What treating layers is worth, and which of them are treated together."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.graph import LayerId
from core.plan.plan import CompressionPlan
from core.search.drop_fit import DropFit
from core.search.layer_map import ModelMap
from core.search.layer_worth import LayerWorth, worth_of_groups, worth_of_layers
from core.search.sums import raw_figures
from gui.map.choosing import plan_with, whole_groups
from tests.search.made_map import RUNTIME, MadeLayer, made_map

DROPS = DropFit.of([(0.1, 2.0)])
"""Twenty points for each unit of loss."""


def worths_of(map: ModelMap) -> dict[LayerId, LayerWorth]:
    return dict(worth_of_layers(map, "openvino", "int8", DROPS))


def test_that_a_layer_is_worth_its_time_against_its_points() -> None:
    cheap, dear, slower = worths_of(
        made_map(
            [
                MadeLayer(kept_ms=1.0, int8_ms=0.4, loss=0.0),
                MadeLayer(kept_ms=1.0, int8_ms=0.5, loss=0.1),
                MadeLayer(kept_ms=1.0, int8_ms=1.5, loss=0.1),
            ]
        )
    ).values()

    assert cheap.saved_ms == pytest.approx(0.6) and cheap.ms_per_point == math.inf
    assert dear.points is not None and dear.points.value == pytest.approx(2.0)
    assert dear.ms_per_point == pytest.approx(0.25)
    assert slower.saved_ms == pytest.approx(-0.5) and slower.ms_per_point is None


def test_that_an_option_that_was_not_measured_has_no_figures() -> None:
    map = made_map([MadeLayer()])

    assert worth_of_layers(map, "openvino", "fp16", DROPS) == {}
    assert worth_of_layers(map, "onnxruntime", "int8", DROPS) == {}


layers = st.lists(
    st.builds(
        MadeLayer,
        kept_ms=st.floats(0.1, 2),
        int8_ms=st.floats(0.1, 2),
        loss=st.floats(0, 0.2),
        fused=st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@given(layers)
def test_that_groups_add_up_what_their_layers_gain_and_cost(made: list[MadeLayer]) -> None:
    worths = worths_of(made_map(made))
    groups = worth_of_groups(worths)

    assert groups.keys() == worths.keys()
    for layer, group in groups.items():
        members = [worths[one] for one in worths[layer].together]
        assert group.saved_ms == pytest.approx(sum(one.saved_ms or 0 for one in members))
        assert group.loss == pytest.approx(sum(one.loss or 0 for one in members))


@given(layers, st.data())
def test_that_what_is_treated_and_kept_again_is_predicted_as_before(
    made: list[MadeLayer], data: st.DataObject
) -> None:
    map = made_map(made)
    worths = worths_of(map)
    chosen = whole_groups([data.draw(st.sampled_from(list(worths)))], worths)
    plan = CompressionPlan(runtime=RUNTIME)

    treated = plan_with(plan, chosen, map.options["int8"])
    kept = plan_with(treated, chosen, None)

    assert all(treated.choice(layer) is not None for layer in chosen)
    assert raw_figures(kept, map).latency_ms == raw_figures(plan, map).latency_ms
    gained = sum(worths[layer].saved_ms or 0.0 for layer in chosen)
    assert raw_figures(treated, map).gained_ms == pytest.approx(gained)
