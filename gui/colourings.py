"""The ways to colour the graph that follow from the plan and from the results."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.model.graph import Layer, LayerId, ModelGraph
from core.runtimes.base import ExecutedLayer
from gui.graph.colouring import Colouring
from gui.plan_editor import technique_words
from gui.wording import milliseconds_words

if TYPE_CHECKING:
    from core.benchmark.layer_profile import LayerProfile

KEPT = "Kept"


def by_choice(graph: ModelGraph, choices: Mapping[LayerId, str]) -> Colouring:
    """Every layer by the technique that the plan really gives it."""
    names = (KEPT, *sorted({technique_words(name) for name in choices.values()}))

    @cache
    def make() -> NDArray[np.float64]:
        kinds = np.full(len(graph.layers), float(names.index(KEPT)))
        for layer, technique in choices.items():
            if (place := graph.index_of.get(layer)) is not None:
                kinds[place] = names.index(technique_words(technique))
        return kinds

    return Colouring("Choice", kind="category", palette=names, worded=True, make=make)


def by_precision(executed: Mapping[LayerId, ExecutedLayer]) -> Colouring | None:
    """Every layer by what it was really computed in; None where no runtime told."""
    told = {layer: kernel.precision for layer, kernel in executed.items() if kernel.precision}
    if not told:
        return None
    names = tuple(sorted(set(told.values())))
    values = {layer: float(names.index(word)) for layer, word in told.items()}
    return Colouring("Precision", values=values, kind="category", palette=names, worded=True)


def by_sensitivity(sensitivity: Mapping[LayerId, float]) -> Colouring | None:
    """Share of the error that each layer alone makes; None where nobody looked for it."""
    if not sensitivity:
        return None
    percent = {layer: 100 * share for layer, share in sensitivity.items()}
    texts = {layer: f"{value:.1f} %" for layer, value in percent.items()}
    return Colouring("Sensitivity", "% of the error", percent, texts, combine="max")


def costliest(layers: Iterable[LayerId], graph: ModelGraph) -> LayerId | None:
    """The layer with the most operations, which stands for all that ran together."""
    known = (layer for layer in layers if layer in graph.by_id)
    return max(known, key=lambda layer: _effort(graph.by_id[layer]), default=None)


def _effort(layer: Layer) -> tuple[int, int]:
    """Operations, or the size of the weights where these are not known."""
    return layer.operations or 0, layer.weight_bytes


def by_profile(graph: ModelGraph, profile: "LayerProfile | None") -> Colouring | None:
    """Time of each group of layers, at the one with the most operations; None without profile."""
    if profile is None:
        return None
    values: dict[LayerId, float] = {}
    texts: dict[LayerId, str] = {}
    for group in profile.groups():
        if (host := costliest(group.layers, graph)) is not None:
            values[host] = group.milliseconds
            others = f", {len(group.layers)} layers" if len(group.layers) > 1 else ""
            texts[host] = milliseconds_words(group.milliseconds) + others
    runtime = profile.label.rpartition(" · ")[2]
    return Colouring(f"Latency on {runtime}", "ms per group, measured", values, texts)


def by_latency(graph: ModelGraph, executed: Mapping[LayerId, ExecutedLayer]) -> Colouring | None:
    """Time of each kernel, shown at the costliest of the layers that were fused into it."""
    kernels = {kernel.name: kernel for kernel in executed.values() if kernel.milliseconds}
    if not kernels:
        return None
    values: dict[LayerId, float] = {}
    for kernel in kernels.values():
        if (host := costliest(kernel.layers, graph)) is not None:
            values[host] = values.get(host, 0.0) + (kernel.milliseconds or 0.0)
    texts = {layer: milliseconds_words(value) for layer, value in values.items()}
    return Colouring("Latency", "ms per layer", values, texts)
