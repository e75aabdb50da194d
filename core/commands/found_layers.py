"""The layers that were looked for, as an answer and as a table."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from core.commands.words import megabytes, table
from core.model.graph import ModelGraph
from core.model.graph_index import GraphIndex, shape_text
from core.model.query import parse_query
from core.model.summary import full_name


class FoundLayer(BaseModel):
    """One layer that fits."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    operator: str
    shape: str
    """Of its first output: “1×96×56×56”; empty where the rank is not known."""
    dtype: str
    parameters: int
    operations: int | None
    """None where they are not known."""
    weight_bytes: int


def found_layers(graph: ModelGraph, words: str) -> tuple[FoundLayer, ...]:
    """The layers that fit all words, the best first."""
    index, query = GraphIndex.of(graph), parse_query(words)
    places: list[int] = index.best_first(query, index.find(query)).tolist()
    return tuple(
        FoundLayer(
            id=layer.id,
            name=full_name(layer),
            operator=layer.operator,
            shape=shape_text(layer.output_shape).replace("x", "×"),
            dtype=layer.output_dtype,
            parameters=layer.parameters,
            operations=layer.operations,
            weight_bytes=layer.weight_bytes,
        )
        for layer in (graph.layers[place] for place in places)
    )


def found_text(found: Sequence[FoundLayer]) -> str:
    """The same for people."""
    if not found:
        return "No layer fits."
    rows = [
        (
            layer.name,
            layer.operator,
            layer.shape,
            layer.dtype,
            f"{layer.parameters:,}",
            "–" if layer.operations is None else f"{layer.operations / 1e6:.2f}",
            megabytes(layer.weight_bytes),
        )
        for layer in found
    ]
    header = ("Layer", "Operator", "Shape", "Type", "Parameters", "Million operations", "Weights")
    count = f"{len(found):,} layer{' fits' if len(found) == 1 else 's fit'}."
    return f"{count}\n\n{table(header, rows)}"
