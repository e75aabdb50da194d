"""The graph by what the map tells: what treating each layer costs, and what it gains."""

from collections.abc import Mapping

from core.model.graph import LayerId, ModelGraph
from core.search.layer_worth import CHEAP_POINTS, LayerWorth, worth_of_groups
from gui.colourings import costliest
from gui.graph.colouring import Colouring
from gui.map.words import FREE, loss_words, points_words, signed_milliseconds

COST, GAIN = "Cost", "Gain"
_FUSED = "fused"
"""On the layers that run in the kernel of another one, which tells the figure of all."""


def by_cost(
    graph: ModelGraph, worths: Mapping[LayerId, LayerWorth], option: str, loss: str | None
) -> Colouring | None:
    """Loss by layers that run together; None where it was not measured."""
    groups = worth_of_groups(worths)
    values = {layer: one.loss for layer, one in groups.items() if one.loss is not None}
    if not values:
        return None
    texts = _texts({layer: _cost(groups[layer]) for layer in values}, groups, graph)
    unit = f"{'KL' if loss == 'kl' else 'noise'} measured · {option}"
    return Colouring(COST, unit, values, texts, combine="max")


def by_gain(
    graph: ModelGraph, worths: Mapping[LayerId, LayerWorth], option: str, runtime: str
) -> Colouring | None:
    """Milliseconds saved by layers that run together; None where no time is known."""
    groups = worth_of_groups(worths)
    values = {
        layer: saved
        for layer, one in groups.items()
        if one.treatable and (saved := one.saved_ms) is not None
    }
    if not values:
        return None
    texts = _texts({layer: _gain(saved) for layer, saved in values.items()}, groups, graph)
    unit = f"ms saved, measured · {option}, {runtime}"
    return Colouring(GAIN, unit, values, texts, combine="max")


def _cost(worth: LayerWorth) -> str:
    if worth.points is None:
        return loss_words(worth.loss or 0.0)
    return FREE if worth.points.value < CHEAP_POINTS else f"{points_words(worth.points.value)} pts"


def _gain(saved: float) -> str:
    return signed_milliseconds(saved) if saved >= 0 else f"{signed_milliseconds(-saved)} slower"


def _texts(
    figures: Mapping[LayerId, str], groups: Mapping[LayerId, LayerWorth], graph: ModelGraph
) -> Mapping[LayerId, str]:
    """The figure at the costliest layer of each group; the others say that they go with it."""
    texts: dict[LayerId, str] = {}
    for layer, words in figures.items():
        host = costliest(groups[layer].together, graph)
        texts[layer] = words if layer == host else _FUSED
    return texts
