"""What treating a layer is worth: time and bytes saved against the accuracy that it costs."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.benchmark.results import Estimate
from core.model.graph import LayerId
from core.search.decisions import choices_on
from core.search.drop_fit import DropFit
from core.search.layer_map import KEEP, MapEntry, ModelMap

CHEAP_POINTS = 0.01
"""A layer that costs less than this many points is as good as free."""


@dataclass(frozen=True)
class LayerWorth:
    """One layer under one option against leaving it as it is, on one runtime."""

    layer: LayerId
    together: tuple[LayerId, ...]
    """The layers that one kernel runs, this one included: they are treated alike."""
    kept_ms: float | None = None
    treated_ms: float | None = None
    """Both measured: its share of the kernel that ran it."""
    loss: float | None = None
    """Measured: KL divergence or noise, whichever the map adds up; None where not scanned."""
    loss_band: tuple[float, float] | None = None
    points: Estimate | None = None
    """Predicted: points of accuracy that this loss means, over the band of the loss."""
    flips: Estimate | None = None
    """Measured: share of the images whose best answer changed."""
    images: int = 0
    saved_bytes: float = 0.0
    treatable: bool = True
    """Whether the option can treat it at all."""

    @property
    def saved_ms(self) -> float | None:
        """Negative where treating makes it slower."""
        if self.kept_ms is None or self.treated_ms is None:
            return None
        return self.kept_ms - self.treated_ms

    @property
    def ms_per_point(self) -> float | None:
        """Milliseconds saved for each point of accuracy: infinite for a layer that costs nothing.

        None where nothing is saved or the cost is not known.
        """
        if self.points is None or self.saved_ms is None or self.saved_ms <= 0:
            return None
        costs = self.points.value
        return math.inf if costs < CHEAP_POINTS else self.saved_ms / costs


def worth_of_layers(
    map: ModelMap, label: str, option: str, drops: DropFit
) -> Mapping[LayerId, LayerWorth]:
    """Every layer of the map, on the runtime choice `label`; empty where that was not measured."""
    entries = map.by_runtime.get(label, {})
    if option == KEEP or not any(own == option for _, own in entries):
        return {}
    together = {
        layer: decision.layers
        for decision in choices_on(map, label, (option,)).decisions
        for layer in decision.layers
    }
    treats = map.options[option].treats
    scale = map.size_scales.get(option, 1.0)
    return {
        layer: _worth(
            kept,
            entries.get((layer, option)) if layer in treats else None,
            together.get(layer, (layer,)),
            _Reading(map, drops, scale),
        )
        for (layer, own), kept in entries.items()
        if own == KEEP
    }


def worth_of_groups(worths: Mapping[LayerId, LayerWorth]) -> Mapping[LayerId, LayerWorth]:
    """Every layer with the figures of all that run together with it, added up."""
    found: dict[LayerId, LayerWorth] = {}
    for layer, worth in worths.items():
        if layer not in found:
            members = [worths[one] for one in worth.together if one in worths]
            whole = _added(members)
            found.update({one.layer: whole for one in members})
    return found


@dataclass(frozen=True)
class _Reading:
    """What the figures of entries are read with."""

    map: ModelMap
    drops: DropFit
    size_scale: float

    def points(self, loss: float | None, band: tuple[float, float] | None) -> Estimate | None:
        if loss is None:
            return None
        low, high = band or (loss, loss)
        return Estimate(
            value=self.drops.drop_at(loss),
            low=self.drops.drop_at(max(low, 0.0)),
            high=self.drops.drop_at(max(high, 0.0)),
        )


def _worth(
    kept: MapEntry, treated: MapEntry | None, together: tuple[LayerId, ...], reading: _Reading
) -> LayerWorth:
    if treated is None:
        return LayerWorth(kept.layer, together, kept.milliseconds, treatable=False)
    loss = reading.map.loss_of(treated) if reading.map.loss else None
    return LayerWorth(
        layer=kept.layer,
        together=together,
        kept_ms=kept.milliseconds,
        treated_ms=treated.milliseconds,
        loss=loss,
        loss_band=treated.loss_band,
        points=reading.points(loss, treated.loss_band),
        flips=treated.flips,
        images=treated.images,
        saved_bytes=(kept.bytes - treated.bytes) * reading.size_scale,
    )


def _added(members: list[LayerWorth]) -> LayerWorth:
    able = [one for one in members if one.treatable]
    points = [one.points for one in able if one.points is not None]
    return LayerWorth(
        layer=members[0].layer,
        together=members[0].together,
        kept_ms=_total(one.kept_ms for one in members),
        treated_ms=_total(one.treated_ms if one.treatable else one.kept_ms for one in members),
        loss=_total(one.loss for one in able),
        points=_together(points) if points else None,
        saved_bytes=sum(one.saved_bytes for one in able),
        treatable=bool(able),
    )


def _together(points: list[Estimate]) -> Estimate:
    return Estimate(
        value=sum(one.value for one in points),
        low=sum(one.low for one in points),
        high=sum(one.high for one in points),
    )


def _total(figures: Iterable[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None
