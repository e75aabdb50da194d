"""Writes small ONNX models for the tests of what is read from them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

Write = Callable[..., Path]


@pytest.fixture
def write_model(tmp_path: Path) -> Write:
    """Writes a model of the given nodes from x, 1×4 unless told, to y."""

    def write(
        nodes: Sequence[onnx.NodeProto],
        *,
        x: Sequence[int | str | None] = (1, 4),
        y: Sequence[int | str | None] | None = None,
        weights: Sequence[onnx.TensorProto] = (),
        opset: int = 18,
        functions: Sequence[onnx.FunctionProto] = (),
    ) -> Path:
        graph = helper.make_graph(
            nodes,
            "graph",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, y)],
            weights,
        )
        imports = [helper.make_opsetid("", opset), helper.make_opsetid("local", 1)]
        model = helper.make_model(graph, opset_imports=imports, ir_version=8, functions=functions)
        path = tmp_path / "model.onnx"
        path.write_bytes(model.SerializeToString())
        return path

    return write
