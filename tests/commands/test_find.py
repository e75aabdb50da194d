"""`edgewright inspect MODEL --find WORDS`."""

from pathlib import Path
from typing import Any

from core.commands.found_layers import found_layers, found_text
from core.formats import read_graph


def test_that_inspect_finds_layers(edgewright: Any, tiny_model: Path) -> None:
    said = edgewright("inspect", tiny_model, "--find", "op:Conv attr:group>1", "--json")

    assert said.code == 0
    assert said.json["layers"] == 7
    assert [layer["id"] for layer in said.json["found"]] == ["body/Conv"]
    assert said.json["found"][0]["shape"] == "1×8×16×16"


def test_that_found_layers_are_a_table_for_people(tiny_model: Path) -> None:
    graph = read_graph(tiny_model)

    assert "2 layers fit." in found_text(found_layers(graph, "relu"))
    assert found_text(found_layers(graph, "no such layer")) == "No layer fits."
