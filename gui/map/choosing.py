"""A plan with some layers treated by one of the map's options, or kept."""

from collections.abc import Iterable, Iterator, Mapping

from core.model.graph import LayerId
from core.plan.plan import CompressionPlan
from core.search.layer_map import MapOption
from core.search.layer_worth import LayerWorth


def whole_groups(
    layers: Iterable[LayerId], worths: Mapping[LayerId, LayerWorth]
) -> tuple[LayerId, ...]:
    """The layers and what runs in one kernel with them, as far as it can be treated.

    A group that is treated in part would run kernels that nobody measured.
    """
    return tuple(dict.fromkeys(_treatable(layers, worths)))


def _treatable(
    layers: Iterable[LayerId], worths: Mapping[LayerId, LayerWorth]
) -> Iterator[LayerId]:
    for layer in layers:
        if layer in worths:
            for member in worths[layer].together:
                if member in worths and worths[member].treatable:
                    yield member


def plan_with(
    plan: CompressionPlan, layers: Iterable[LayerId], option: MapOption | None
) -> CompressionPlan:
    """`option` None keeps the layers as they are."""
    if option is None:
        for layer in layers:
            plan = plan.with_choice(layer, None, {})
        return plan
    *preparing, last = option.steps
    missing = [step for step in preparing if plan.step(step.technique) is None]
    plan = plan.model_copy(update={"steps": (*missing, *plan.steps)})
    for layer in layers:
        plan = plan.with_choice(layer, last.technique, last.default or {})
    return plan
