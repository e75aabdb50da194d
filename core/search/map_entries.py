"""From profiles to the map: times of layers, conversions, borders, and who follows whom."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from core.benchmark.layer_profile import Kernel, LayerProfile
from core.model.graph import Dimension, LayerId, ModelGraph
from core.search.layer_map import Border, ConversionRate

_CHEAPEST = 0.1
"""Where no conversion was seen, one is guessed to cost as much per element as the kernels at this
share of all, from the cheapest on: reading and writing is all that they do."""


def times_of(
    profile: LayerProfile, latency_ms: float, graph: ModelGraph
) -> Mapping[LayerId, float]:
    """Milliseconds of every executed layer; they add up to the latency without counters.

    A kernel's time is shared among its layers by their operations, and time that belongs to no
    layer in proportion to what the layers took.
    """
    times: dict[LayerId, float] = {}
    for kernel in profile.kernels:
        members = [layer for layer in kernel.layers if layer in graph.by_id]
        weights = [1 + (graph.by_id[layer].operations or 0) for layer in members]
        for layer, weight in zip(members, weights, strict=True):
            share = kernel.milliseconds * weight / sum(weights)
            times[layer] = times.get(layer, 0.0) + share
    counted = sum(times.values())
    scale = latency_ms / counted if counted else 1.0
    return {layer: time * scale for layer, time in times.items()}


def groups_of(profile: LayerProfile) -> Mapping[LayerId, tuple[LayerId, ...]]:
    """The layers that ran together with each."""
    return {layer: group.layers for layer, group in profile.by_layer().items()}


def conversion_rate(profiles: Sequence[LayerProfile], graph: ModelGraph) -> ConversionRate:
    """Milliseconds per element over all conversions of precision in the profiles of one runtime."""
    seen = [
        (kernel.milliseconds, elements)
        for profile in profiles
        for kernel in profile.kernels
        if _changes_precision(kernel) and (elements := _elements_of(kernel, graph))
    ]
    if seen:
        rate = sum(ms for ms, _ in seen) / sum(elements for _, elements in seen)
        return ConversionRate(ms_per_element=rate, kernels=len(seen))
    rates = sorted(
        kernel.milliseconds / elements
        for profile in profiles
        for kernel in profile.kernels
        if kernel.role == "layer" and (elements := _elements_of(kernel, graph))
    )
    guessed = rates[int(_CHEAPEST * len(rates))] if rates else 0.0
    return ConversionRate(ms_per_element=guessed, kernels=0)


def _changes_precision(kernel: Kernel) -> bool:
    differs = kernel.source_precision not in ("", kernel.precision)
    return kernel.role == "conversion" and differs


def _elements_of(kernel: Kernel, graph: ModelGraph) -> int:
    known = [layer for layer in kernel.layers if layer in graph.by_id]
    return elements_in(graph.by_id[known[0]].output_shape) if known else 0


def elements_in(shape: tuple[Dimension, ...] | None) -> int:
    """Free sizes count as 1, as a batch is run; 0 for a shape that is not known."""
    if shape is None:
        return 0
    count = 1
    for size in shape:
        count *= size if isinstance(size, int) and size > 0 else 1
    return count


def borders_of(graph: ModelGraph) -> Iterator[Border]:
    """Every float tensor between layers."""
    takers: dict[str, list[LayerId]] = {}
    for layer in graph.layers:
        for name in dict.fromkeys(layer.inputs):
            takers.setdefault(name, []).append(layer.id)
    for name, taking in takers.items():
        maker, tensor = graph.producers.get(name), graph.tensors.get(name)
        if maker is not None and tensor is not None and tensor.dtype == "float32":
            elements = elements_in(tensor.shape)
            yield Border(maker=maker, takers=tuple(taking), elements=elements)


def followers_of(graph: ModelGraph, treated: Collection[LayerId]) -> Mapping[LayerId, LayerId]:
    """For each layer that no option treats, the nearest treated one before it, else after it."""
    leaders: dict[LayerId, LayerId] = {}
    ordered = list(graph.layers)
    for layer in ordered:
        made = (graph.producers.get(name) for name in layer.inputs)
        _follow(layer.id, (one for one in made if one), leaders, treated)
    takers: dict[str, list[LayerId]] = {}
    for layer in reversed(ordered):
        taking = (taker for name in layer.outputs for taker in takers.get(name, ()))
        _follow(layer.id, taking, leaders, treated)
        for name in layer.inputs:
            takers.setdefault(name, []).append(layer.id)
    return leaders


def _follow(
    layer: LayerId,
    neighbours: Iterator[LayerId],
    leaders: dict[LayerId, LayerId],
    treated: Collection[LayerId],
) -> None:
    if layer in treated or layer in leaders:
        return
    for neighbour in neighbours:
        leader = neighbour if neighbour in treated else leaders.get(neighbour)
        if leader is not None:
            leaders[layer] = leader
            return
