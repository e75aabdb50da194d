"""What is to be said about stored numbers: not finite, beyond FP16, lost to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.doctors.figures.tensor_walk import SMALLEST, SMALLEST_NORMAL
from core.model.graph import LayerId, ModelGraph
from core.model.half_floats import LARGEST
from core.techniques.editing import ModelEdit
from core.techniques.refusals import FLOAT32


@dataclass(frozen=True)
class WeightFigures:
    """One stored tensor of a layer."""

    layer: LayerId
    name: str
    values: int
    largest: float
    """Of the finite ones, absolute."""
    not_finite: int
    beyond_half: int
    vanished: int
    """Other than 0, and 0 in float16."""
    coarse: int
    """Held by float16 with fewer digits only (subnormal)."""


def weight_figures(edit: ModelEdit, graph: ModelGraph) -> Iterator[WeightFigures]:
    """Every float32 weight, once for each layer that takes it."""
    import numpy as np

    for layer, node in edit.layers(layer.id for layer in graph.layers).items():
        for name in node.input:
            if not name or edit.dtype(name) != FLOAT32:
                continue
            values = edit.weight(name)
            finite = values[np.isfinite(values)]
            size = np.abs(finite)
            yield WeightFigures(
                layer=layer,
                name=name,
                values=values.size,
                largest=float(size.max(initial=0.0)),
                not_finite=values.size - finite.size,
                beyond_half=int((size > LARGEST).sum()),
                vanished=int(((size > 0) & (size <= SMALLEST)).sum()),
                coarse=int(((size > SMALLEST) & (size < SMALLEST_NORMAL)).sum()),
            )
