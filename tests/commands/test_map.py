"""`edgewright map`, from a model to figures of every layer."""

import csv
from pathlib import Path
from typing import Any

from core.search.layer_map import ModelMap


def test_that_without_images_time_and_size_of_every_layer_are_mapped(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    table, file = tmp_path / "map.csv", tmp_path / "map.json"
    only = ("--runtime", "onnxruntime")
    said = edgewright("map", tiny_model, *only, "--csv", table, "--out", file)
    assert said.code == 0
    assert "INT8 weights of all layers" in said.out
    assert "body/Conv" in said.out
    made = ModelMap.model_validate_json(file.read_bytes())
    assert made.loss is None
    assert "int8" not in made.options
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(made.entries)
    assert {row["option"] for row in rows} == set(made.options)
