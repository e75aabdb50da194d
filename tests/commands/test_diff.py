"""`edgewright diff`: one documented object, words for people, and exit codes to build on."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import onnx
import pytest


@pytest.fixture
def other(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model with Relu where it had one before its pool."""
    model = onnx.load(tiny_model)
    node = next(node for node in model.graph.node if node.name == "body/Relu")
    node.op_type = "Sigmoid"
    path = tmp_path / "other.onnx"
    onnx.save(model, path)
    return path


def test_that_equal_models_end_with_0(edgewright: Any, tiny_model: Path) -> None:
    said = edgewright("diff", tiny_model, tiny_model)
    assert said.code == 0, said.err
    assert "The models are alike." in said.out


def test_that_models_that_differ_end_with_1_and_one_documented_object(
    edgewright: Any, tiny_model: Path, other: Path, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", np.ones((2, 3, 16, 16), np.float32))
    said = edgewright("diff", tiny_model, other, "--inputs", tmp_path / "x.npy", "--json")
    assert said.code == 1, said.err
    schema = (files("resources") / "schemas" / "diff.json").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(json.loads(schema)).validate(said.json)
    [layer] = said.json["structure"]["changed"]
    assert layer["a"]["id"] == "body/Relu"
    assert layer["changes"] == [{"what": "operator", "before": "Relu", "after": "Sigmoid"}]
    numeric = said.json["numeric"]
    assert numeric["inputs"] == "2 inputs from x.npy"
    assert not numeric["made_up"]
    farthest = [row["layer"] for row in numeric["tensors"] if row["relative"] > 0]
    assert set(farthest) == {"body/Relu", "head/Pool", "head/Flatten", "head/Gemm"}


def test_that_words_name_what_changed_and_the_farthest_tensors(
    edgewright: Any, tiny_model: Path, other: Path
) -> None:
    said = edgewright("diff", tiny_model, other, "--random")
    assert said.code == 1
    assert "operator: Relu → Sigmoid" in said.out
    assert "farthest apart of 7" in said.out
    assert "Random inputs say little" in said.out


def test_that_a_file_that_is_no_model_ends_with_2(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "no.onnx").write_text("no model")
    said = edgewright("diff", tiny_model, tmp_path / "no.onnx", "--json")
    assert said.code == 2
    assert "It is a text file" in said.json["error"]["why"]
