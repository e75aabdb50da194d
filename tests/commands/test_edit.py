"""`edgewright edit`: flags and files of edits, its answer, and how it ends."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import onnx


def test_that_flags_and_a_file_edit_a_model(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "edits.json"
    listed.write_text('{"edits": [{"kind": "rename-layer", "layer": "stem/Relu", "to": "r"}]}')
    out = tmp_path / "part.onnx"
    flags = (
        "--edits",
        listed,
        "--set-batch",
        "2",
        "--cut-from",
        "stem_out",
        "--cut-to",
        "body_act",
    )
    said = edgewright("edit", tiny_model, "--out", out, *flags, "--json")
    assert said.code == 0
    schema = (files("resources") / "schemas" / "edit.json").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(json.loads(schema)).validate(said.json)
    assert said.json["edits"] == [
        "Rename layer stem/Relu to r",
        "Set the batch to 2",
        "Cut out the part from stem_out to body_act",
    ]
    graph = onnx.load(out).graph
    assert [node.name for node in graph.node] == ["r", "body/Conv", "body/Relu"]
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_value == 2


def test_that_every_wrong_edit_is_told_and_nothing_is_written(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "wrong.onnx"
    said = edgewright(
        "edit", tiny_model, "--out", out, "--rename", "image=scores", "--delete", "nobody"
    )
    assert said.code == 2
    assert "called “scores” already" in said.err
    assert "no layer “nobody”" in said.err
    assert not out.exists()


def test_that_a_flag_that_says_nothing_is_refused(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    said = edgewright("edit", tiny_model, "--out", tmp_path / "x.onnx", "--rename", "image")
    assert said.code == 2
    assert "has not the form OLD=NEW" in said.err
    unclear = edgewright("edit", tiny_model, "--out", tmp_path / "x.tflite")
    assert unclear.code == 2
    assert ".onnx, .xml" in unclear.err
