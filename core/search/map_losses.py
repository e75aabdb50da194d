"""From a sensitivity scan to the map: which figure adds up, and what a scan cannot see."""

from collections.abc import Mapping

from core.benchmark.results import Estimate
from core.model.graph import LayerId, ModelGraph
from core.search.layer_map import Loss
from core.search.sensitivity.report import NO_NOISE_DB, LayerSensitivity, SensitivityReport


def power(decibels: float) -> float:
    """The noise's power over the outputs' power."""
    return 10 ** (-decibels / 10)


def band_of(loss: LayerSensitivity) -> tuple[float, float]:
    """95 % interval of the figure that adds up."""
    if loss.kl is not None:
        return loss.kl.low, loss.kl.high
    return power(loss.sqnr_db.high), power(loss.sqnr_db.low)


def share_of(loss: LayerSensitivity) -> Estimate | None:
    """Share of the inputs whose best answer changed."""
    flips = loss.flips
    return flips and Estimate(value=flips.value, low=flips.low, high=flips.high)


def loss_in(report: SensitivityReport | None) -> Loss | None:
    """KL divergence where all outputs are class scores."""
    if report is None or not report.entries:
        return None
    return "kl" if all(entry.kl is not None for entry in report.entries) else "noise"


def unseen_alone(
    losses: Mapping[LayerId, LayerSensitivity],
    groups: Mapping[LayerId, tuple[LayerId, ...]],
    graph: ModelGraph,
) -> frozenset[LayerId]:
    """Layers that compute, and that nothing happens to while they are treated alone.

    Arithmetic is quantized only between neighbours that are, so a scan of single layers says
    nothing about it. Where a member of its group was seen, that figure speaks for the group.
    """
    seen = {layer for layer, figures in losses.items() if figures.sqnr_db.value < NO_NOISE_DB}
    return frozenset(
        layer
        for layer in losses
        if (graph.by_id[layer].operations or 0) > 0
        and seen.isdisjoint((layer, *groups.get(layer, ())))
    )
