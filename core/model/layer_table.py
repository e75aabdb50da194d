"""The layers of a model as a table: its columns, and the order of the rows for any of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.model.columns import Columns, Ints, Texts
from core.model.graph import Layer, LayerId, ModelGraph

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Value: TypeAlias = str | int | float | None
Form: TypeAlias = Literal["text", "shape", "count", "bytes", "operations", "milliseconds", "share"]


@dataclass(frozen=True)
class Known:
    """What is known of layers beyond the graph; layers nobody told about are missing."""

    latency: Mapping[LayerId, float] = field(default_factory=dict[LayerId, float])
    """Milliseconds."""
    sensitivity: Mapping[LayerId, float] = field(default_factory=dict[LayerId, float])
    """Share of the error, 0 to 1."""
    choice: Mapping[LayerId, str] = field(default_factory=dict[LayerId, str])
    precision: Mapping[LayerId, str] = field(default_factory=dict[LayerId, str])


@dataclass(frozen=True)
class TableColumn:
    """One column. `keys` gives a number per layer to sort by; NaN sorts last in both directions."""

    name: str
    title: str
    form: Form
    value: Callable[[Layer, Known], Value]
    keys: Callable[[ModelGraph, Known], Floats]
    is_known: Callable[[Known], bool] = lambda known: True
    """Whether there is anything to show in it."""


def rows_in_order(
    graph: ModelGraph,
    known: Known,
    column: TableColumn | None,
    *,
    falling: bool,
    among: Flags | None,
) -> Ints:
    """Places of layers, sorted by a column, or as they run without one.

    Takes up to half a second for 100,000 names: call it beside the window's thread.
    """
    rows = np.arange(len(graph.layers)) if among is None else np.flatnonzero(among)
    if column is None:
        return rows
    keys = column.keys(graph, known)[rows]
    return rows[np.argsort(-keys if falling else keys, kind="stable")]


def _texts(of: Callable[[Columns], Ints]) -> Callable[[ModelGraph, Known], Floats]:
    """Ranks of texts by their numbers."""

    def keys(graph: ModelGraph, known: Known) -> Floats:
        return _ranks(graph.columns.texts, of(graph.columns))

    return keys


def _ranks(texts: Texts, numbers: Ints) -> Floats:
    different, places = np.unique(numbers, return_inverse=True)
    return _ranked(texts.all_of(different))[places]


def _ranked(words: Sequence[str]) -> Floats:
    """The place of each text among all in order; empty ones have none."""
    folded = [word.casefold() for word in words]
    ranks = np.empty(len(words))
    ranks[sorted(range(len(words)), key=folded.__getitem__)] = np.arange(len(words))
    ranks[[not word for word in words]] = np.nan
    return ranks


def _scopes(graph: ModelGraph, known: Known) -> Floats:
    paths, of = graph.scope_column
    return _ranked([" › ".join(path) for path in paths])[of]


def _shapes(graph: ModelGraph, known: Known) -> Floats:
    """By how many elements a shape has; free sizes count as 1."""
    columns = graph.columns
    rows = len(columns.sizes.starts) - 1
    counts = np.full(rows + 1, np.nan)
    for row in range(rows):
        sizes = [size for size in columns.shape(row) or () if isinstance(size, int)]
        counts[row] = np.prod([float(size) for size in sizes])
    return counts[columns.output_shapes]


def _shape(layer: Layer) -> str:
    if layer.output_shape is None:
        return ""
    return "×".join("?" if size is None else str(size) for size in layer.output_shape) or "scalar"


def _counts(of: Callable[[Columns], Ints]) -> Callable[[ModelGraph, Known], Floats]:
    def keys(graph: ModelGraph, known: Known) -> Floats:
        counts = of(graph.columns).astype(np.float64)
        counts[counts < 0] = np.nan
        return counts

    return keys


def _figures(of: Callable[[Known], Mapping[LayerId, float]]) -> Callable[..., Floats]:
    def keys(graph: ModelGraph, known: Known) -> Floats:
        return _spread(graph, of(known))

    return keys


def _words(of: Callable[[Known], Mapping[LayerId, str]]) -> Callable[..., Floats]:
    def keys(graph: ModelGraph, known: Known) -> Floats:
        words = of(known)
        rank = {word: place for place, word in enumerate(sorted(set(words.values())))}
        return _spread(graph, {layer: rank[word] for layer, word in words.items()})

    return keys


def _spread(graph: ModelGraph, figures: Mapping[LayerId, float]) -> Floats:
    spread = np.full(len(graph.layers), np.nan)
    for layer, value in figures.items():
        if (place := graph.index_of.get(layer)) is not None:
            spread[place] = value
    return spread


COLUMNS: tuple[TableColumn, ...] = (
    TableColumn("name", "Layer", "text", lambda it, k: it.name, _texts(lambda c: c.names)),
    TableColumn("scope", "Scope", "text", lambda it, k: " › ".join(it.scope), _scopes),
    TableColumn(
        "operator", "Operator", "text", lambda it, k: it.operator, _texts(lambda c: c.operators)
    ),
    TableColumn("shape", "Output", "shape", lambda it, k: _shape(it), _shapes),
    TableColumn(
        "dtype", "Type", "text", lambda it, k: it.output_dtype, _texts(lambda c: c.output_dtypes)
    ),
    TableColumn(
        "parameters",
        "Parameters",
        "count",
        lambda it, k: it.parameters,
        _counts(lambda c: c.parameters),
    ),
    TableColumn(
        "bytes", "Size", "bytes", lambda it, k: it.weight_bytes, _counts(lambda c: c.weight_bytes)
    ),
    TableColumn(
        "operations",
        "Operations",
        "operations",
        lambda it, k: it.operations,
        _counts(lambda c: c.operations),
    ),
    TableColumn(
        "latency",
        "Latency",
        "milliseconds",
        lambda it, k: k.latency.get(it.id),
        _figures(lambda k: k.latency),
        lambda k: bool(k.latency),
    ),
    TableColumn(
        "sensitivity",
        "Sensitivity",
        "share",
        lambda it, k: k.sensitivity.get(it.id),
        _figures(lambda k: k.sensitivity),
        lambda k: bool(k.sensitivity),
    ),
    TableColumn(
        "choice",
        "Choice",
        "text",
        lambda it, k: k.choice.get(it.id, ""),
        _words(lambda k: k.choice),
        lambda k: bool(k.choice),
    ),
    TableColumn(
        "precision",
        "Ran in",
        "text",
        lambda it, k: k.precision.get(it.id, ""),
        _words(lambda k: k.precision),
        lambda k: bool(k.precision),
    ),
)


def columns_for(known: Known) -> tuple[TableColumn, ...]:
    """The columns in which there is anything to show."""
    return tuple(column for column in COLUMNS if column.is_known(known))
