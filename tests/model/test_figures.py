"""Figures per layer from files as people have them."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.formats import read_graph
from core.model.figures import LayerFigures, read_layer_figures, title_and_unit
from core.model.graph import ModelGraph


@pytest.fixture(scope="module")
def graph(sample_model: Path) -> ModelGraph:
    return read_graph(sample_model)


def read(tmp_path: Path, text: str, graph: ModelGraph) -> LayerFigures:
    path = tmp_path / "figures.txt"
    path.write_text(text, encoding="utf-8")
    return read_layer_figures(path, graph)


def test_that_a_csv_becomes_one_column_per_figure_with_its_unit(
    tmp_path: Path, graph: ModelGraph
) -> None:
    one, two = graph.layers[0].id, graph.layers[1].id

    found = read(tmp_path, f"layer,latency (ms),energy_mJ\n{one},1.5,3\n{two},0.5,\n", graph)

    assert [(column.title, column.unit) for column in found.columns] == [
        ("Latency", "ms"),
        ("Energy", "mJ"),
    ]
    assert found.columns[0].values[:2].tolist() == [1.5, 0.5]
    assert np.isnan(found.columns[1].values[1])
    assert np.isnan(found.columns[0].values[2:]).all()
    assert found.matched == 2
    assert found.unmatched == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_that_the_delimiter_is_guessed(tmp_path: Path, graph: ModelGraph, delimiter: str) -> None:
    rows = [("operator", "name", "time"), *[("Conv", layer.id, "2.5") for layer in graph.layers]]

    found = read(tmp_path, "\n".join(delimiter.join(row) for row in rows), graph)

    assert [column.title for column in found.columns] == ["Time"]
    assert found.columns[0].values.tolist() == [2.5] * len(graph.layers)


def test_that_a_decimal_comma_is_read_where_semicolons_separate(
    tmp_path: Path, graph: ModelGraph
) -> None:
    found = read(tmp_path, f"name;time\n{graph.layers[0].id};1,25\n", graph)

    assert found.columns[0].values[0] == 1.25


def test_that_a_csv_without_a_header_is_read(tmp_path: Path, graph: ModelGraph) -> None:
    found = read(tmp_path, f"{graph.layers[0].id},7\n{graph.layers[1].id},8\n", graph)

    assert found.columns[0].title == "Column 2"
    assert found.columns[0].values[:2].tolist() == [7, 8]


def test_that_every_common_form_of_json_is_read(tmp_path: Path, graph: ModelGraph) -> None:
    name = str(graph.layers[0].id)
    forms: list[object] = [
        {name: 2.0},
        {name: {"Figure": 2.0, "comment": "x"}},
        [{"name": name, "Figure": 2.0}],
        {"layers": [{"layer": name, "Figure": 2, "ok": True}]},
    ]

    for form in forms:
        found = read(tmp_path, json.dumps(form), graph)
        assert [column.title for column in found.columns] == ["Figure"]
        assert found.columns[0].values[0] == 2.0


def test_that_layers_are_found_by_their_outputs_and_by_other_spellings(
    tmp_path: Path, graph: ModelGraph
) -> None:
    output = graph.layers[0].outputs[0]
    spelled = "/" + str(graph.layers[1].id).replace(".", "/").upper()

    found = read(tmp_path, f"name,time\n{output},1\n{spelled},2\n", graph)

    assert found.columns[0].values[:2].tolist() == [1, 2]


def test_that_names_that_no_layer_has_are_told(tmp_path: Path, graph: ModelGraph) -> None:
    text = f"name,time\n{graph.layers[0].id},1\nlost1,2\nlost2,3\nlost3,3\nlost4,3\n"

    found = read(tmp_path, text, graph)

    assert found.unmatched == ("lost1", "lost2", "lost3", "lost4")
    assert found.words() == (
        "1 layer got figures. Not in this model: “lost1”, “lost2”, “lost3” and 1 more."
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("{nonsense", "is no JSON"),
        ("name,comment\na,b\n", "holds no figures"),
        ("name,time\nunknown,1\n", "does not fit this model"),
        ("[]", "holds no figures"),
    ],
)
def test_that_a_file_without_figures_is_refused_with_the_reason(
    tmp_path: Path, graph: ModelGraph, text: str, what: str
) -> None:
    with pytest.raises(InputError, match=what):
        read(tmp_path, text, graph)


def test_that_a_file_that_is_no_text_is_refused(tmp_path: Path, graph: ModelGraph) -> None:
    path = tmp_path / "figures.csv"
    path.write_bytes(b"\xff\xfe\x00\x81")

    with pytest.raises(InputError, match="cannot be read"):
        read_layer_figures(path, graph)


@pytest.mark.parametrize(
    ("header", "title", "unit"),
    [
        ("latency (ms)", "Latency", "ms"),
        ("latency [us]", "Latency", "µs"),
        ("peak_kb", "Peak", "KB"),
        ("ms", "Ms", ""),
        ("my_score", "My score", ""),
    ],
)
def test_that_units_come_from_headers(header: str, title: str, unit: str) -> None:
    assert title_and_unit(header) == (title, unit)
