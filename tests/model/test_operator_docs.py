"""Operators are described as the opset of a model means them, in plain text."""

import gzip
import json
from importlib.resources import files
from pathlib import Path

import pytest

from core.model.operator_docs import FILE, FOLDER, formal_port, operator_of
from core.model.operator_schemas import main, plain_text


def test_that_an_operator_is_described_as_the_opset_means_it() -> None:
    old, new = (operator_of("Clip", "", {"": opset}) for opset in (6, 13))

    assert old is not None and new is not None
    assert (old.since, new.since) == (6, 13)
    assert [each.name for each in old.attributes] == ["max", "min"]
    assert [each.name for each in new.inputs] == ["input", "min", "max"]


def test_that_defaults_and_optional_inputs_are_told() -> None:
    conv = operator_of("Conv", "ai.onnx", {"": 18})

    assert conv is not None
    assert {each.name: each.default for each in conv.attributes}["group"] == "1"
    assert [each.presence for each in conv.inputs] == ["single", "single", "optional"]
    assert conv.text.startswith("The convolution operator consumes an input tensor")


def test_that_a_variadic_port_stands_for_all_that_follow() -> None:
    concat = operator_of("Concat", "", {"": 18})

    assert concat is not None
    port = formal_port(concat.inputs, 7)
    assert port is not None and port.name == "inputs"
    assert formal_port(concat.outputs, 1) is None


def test_that_operators_of_onnx_runtime_are_known_and_others_are_not() -> None:
    opsets = {"": 18, "com.microsoft": 1, "com.example": 1}

    assert operator_of("QLinearAdd", "com.microsoft", opsets) is not None
    assert operator_of("QLinearAdd", "com.example", opsets) is None
    assert operator_of("Conv", "com.example", opsets) is None
    assert operator_of("GroupNormalization", "", {"": 12}) is None


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("Two lines\nof one sentence.", "Two lines of one sentence."),
        ("* `X` - input\n* **Y** - output", "• X - input\n• Y - output"),
        (
            "See [the doc](IR.md) <br/>\n\n```\na = b\nc = d\n```\nend",
            "See the doc\n\na = b\nc = d\nend",
        ),
    ],
)
def test_that_markdown_becomes_plain_text(markdown: str, plain: str) -> None:
    assert plain_text(markdown) == plain


def test_that_the_file_is_what_the_pinned_libraries_say(tmp_path: Path) -> None:
    """Renew with: python -m core.model.operator_schemas resources/operators/onnx.json.gz"""
    main(tmp_path / FILE)

    stored = (files("resources") / FOLDER / FILE).read_bytes()
    assert _read(stored) == _read((tmp_path / FILE).read_bytes())


def _read(data: bytes) -> object:
    return json.loads(gzip.decompress(data))
