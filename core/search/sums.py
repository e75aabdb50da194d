"""Adds up the map's figures for a plan: latency, bytes and loss, before any word on their error."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.model.graph import LayerId
from core.plan.plan import CompressionPlan
from core.search.layer_map import KEEP, MapEntry, ModelMap, runtime_label
from core.search.treatment import Treatment, treatment_of

Entries = Mapping[tuple[LayerId, str], MapEntry]


@dataclass(frozen=True)
class RawFigures:
    """None where the map does not know."""

    latency_ms: float | None
    file_bytes: float
    loss: float | None
    gained_ms: float = 0.0
    """What the layers' own times fall by, part of `latency_ms`."""
    borders_ms: float = 0.0
    """What conversions between differing neighbours add to it."""
    approximate: bool = False
    """Whether nearest settings stand in for some that were not measured."""


def profiled(plan: CompressionPlan, map: ModelMap) -> tuple[str, bool]:
    """The label of the profiled choice that stands for the plan's, and whether it is the same."""
    labels = list(map.runtimes)
    if plan.runtime is None:
        return (labels[0] if labels else ""), True
    wanted = runtime_label(plan.runtime)
    if wanted in map.runtimes:
        return wanted, True
    same = [name for name, one in map.runtimes.items() if one.runtime == plan.runtime.runtime]
    return [*same, *labels, ""][0], False


def raw_figures(
    plan: CompressionPlan, map: ModelMap, treatment: Treatment | None = None
) -> RawFigures:
    """Baseline plus what every treated layer changes plus the conversions between neighbours."""
    label, _ = profiled(plan, map)
    entries = map.by_runtime.get(label, {})
    treatment = treatment or treatment_of(plan, map)
    options = treatment.options
    around = with_followers(options, map)
    baseline = map.baselines.get(label)
    gained = sum(_gain(layer, option, entries) for layer, option in around.items())
    borders = borders_ms(around, map, label)
    latency = None if baseline is None else max(baseline.value - gained + borders, 0.0)
    return RawFigures(
        latency_ms=latency,
        file_bytes=_bytes(options, entries, map),
        loss=_loss(options, entries, map),
        gained_ms=gained,
        borders_ms=borders,
        approximate=treatment.approximate,
    )


def with_followers(options: Mapping[LayerId, str], map: ModelMap) -> Mapping[LayerId, str]:
    """The options, and those of the layers that no option treats: what surrounds them."""
    following = {
        layer: options[leader] for layer, leader in map.followers.items() if leader in options
    }
    return {**following, **options}


def borders_ms(around: Mapping[LayerId, str], map: ModelMap, label: str) -> float:
    """What conversions at all borders between layers of different flow take."""
    rate = map.conversions.get(label)
    if rate is None or not around:
        return 0.0
    flows = {option.id: option.flow for option in map.options.values()}
    elements = 0
    for border in map.borders:
        flow = flows[around.get(border.maker, KEEP)]
        elements += border.elements * any(
            flows[around.get(taker, KEEP)] != flow for taker in border.takers
        )
    return rate.ms_per_element * elements


def _gain(layer: LayerId, option: str, entries: Entries) -> float:
    treated, kept = entries.get((layer, option)), entries.get((layer, KEEP))
    if treated is None or kept is None:
        return 0.0
    if treated.milliseconds is None or kept.milliseconds is None:
        return 0.0
    return kept.milliseconds - treated.milliseconds


def _bytes(options: Mapping[LayerId, str], entries: Entries, map: ModelMap) -> float:
    saved = sum(
        (entries[layer, KEEP].bytes - entries[layer, option].bytes)
        * map.size_scales.get(option, 1.0)
        for layer, option in options.items()
        if (layer, option) in entries
    )
    return max(map.file_bytes - saved, 0.0)


def _loss(options: Mapping[LayerId, str], entries: Entries, map: ModelMap) -> float | None:
    if map.loss is None:
        return None
    return sum(
        map.loss_where_treated(entries[layer, option])
        for layer, option in options.items()
        if (layer, option) in entries
    )
