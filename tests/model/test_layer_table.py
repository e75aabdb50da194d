"""The table of layers can be sorted by every column; what is not known comes last."""

from math import prod
from pathlib import Path

import numpy as np
import pytest

from core.formats import read_graph
from core.model.graph import ModelGraph
from core.model.layer_table import (
    COLUMNS,
    Known,
    TableColumn,
    Value,
    columns_for,
    rows_in_order,
)


@pytest.fixture(scope="module")
def graph(sample_model: Path) -> ModelGraph:
    return read_graph(sample_model)


@pytest.fixture(scope="module")
def known(graph: ModelGraph) -> Known:
    """Figures of some layers only."""
    some = [layer.id for layer in graph.layers][3:9]
    return Known(
        latency={layer: 5.0 - place for place, layer in enumerate(some)},
        sensitivity={layer: place / 10 for place, layer in enumerate(some[:2])},
        choice=dict.fromkeys(some, "INT8"),
        precision=dict(zip(some, "bacabc", strict=True)),
    )


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@pytest.mark.parametrize("falling", [False, True])
def test_that_rows_are_in_the_order_of_their_values(
    graph: ModelGraph, known: Known, column: TableColumn, falling: bool
) -> None:
    rows = rows_in_order(graph, known, column, falling=falling, among=None)

    values = [column.value(graph.layers[row], known) for row in rows]
    filled = [value for value in values if value not in (None, "")]
    assert sorted(rows.tolist()) == list(range(len(graph.layers)))
    assert values[len(filled) :] == [value for value in values if value in (None, "")]
    keys = [_key(value) for value in filled]
    assert keys == sorted(keys, reverse=falling) or column.name == "shape"


def _key(value: Value) -> str | float:
    return value.casefold() if isinstance(value, str) else float(value or 0)


def test_that_equal_rows_stay_in_running_order(graph: ModelGraph) -> None:
    operators = next(column for column in COLUMNS if column.name == "operator")

    rows = rows_in_order(graph, Known(), operators, falling=True, among=None)

    convolutions = [row for row in rows.tolist() if graph.operators[row] == "Conv"]
    assert convolutions == sorted(convolutions)


def test_that_only_the_wanted_rows_are_shown(graph: ModelGraph) -> None:
    wanted = np.array([operator == "Relu" for operator in graph.operators])

    rows = rows_in_order(graph, Known(), None, falling=False, among=wanted)

    assert [graph.operators[row] for row in rows] == ["Relu"] * 9


def test_that_shapes_are_sorted_by_their_size(graph: ModelGraph) -> None:
    shapes = next(column for column in COLUMNS if column.name == "shape")

    rows = rows_in_order(graph, Known(), shapes, falling=True, among=None)

    elements = [
        prod(size for size in graph.layers[row].output_shape or () if isinstance(size, int))
        for row in rows
    ]
    assert elements == sorted(elements, reverse=True)


def test_that_columns_without_anything_to_show_are_left_out(known: Known) -> None:
    assert "latency" not in [column.name for column in columns_for(Known())]
    assert columns_for(known) == COLUMNS
