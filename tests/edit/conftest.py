"""A branching model with names that are easy to edit, and ways to edit it in this process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from pydantic import BaseModel

from core.edit.applying import edited_draft
from core.edit.edits_file import edits_from
from core.jobs.kinds.base import JobContext

Edited = Callable[..., onnx.ModelProto]


class QuietContext(JobContext):
    """Runs a job in this process and listens to nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "scratch").mkdir(parents=True)

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    def secret(self, purpose: str) -> str | None: ...

    def step(self, title: str, weight: float = 1.0) -> None: ...

    def progress(self, done: float, total: float, text: str = "", unit: str = "") -> None: ...

    def note(self, text: str, level: Literal["info", "warning"] = "info") -> None: ...

    def artifact(self, name: str, path: Path) -> None:
        assert path.is_file()

    def measured(self, what: str, result: BaseModel, title: str = "") -> None: ...

    def check_cancelled(self) -> None: ...


@pytest.fixture
def context(tmp_path: Path) -> JobContext:
    return QuietContext(tmp_path / "run")


@pytest.fixture
def branching(tmp_path: Path) -> Path:
    """x N×4 → dense → (left Relu, right Relu6 by Clip) → sum → y; and free, a second output."""
    path = tmp_path / "models" / "branching.onnx"
    path.parent.mkdir()
    onnx.save(build_branching(), path)
    return path


def build_branching() -> onnx.ModelProto:
    weights = [
        numpy_helper.from_array(np.arange(16, dtype=np.float32).reshape(4, 4) / 8, "dense.weight"),
        numpy_helper.from_array(np.ones(4, np.float32), "dense.bias"),
        numpy_helper.from_array(np.float32(0), "low"),
        numpy_helper.from_array(np.float32(6), "high"),
    ]
    nodes = [
        helper.make_node("Gemm", ["x", "dense.weight", "dense.bias"], ["d"], "dense", alpha=2.0),
        helper.make_node("Relu", ["d"], ["l"], "left"),
        helper.make_node("Clip", ["d", "low", "high"], ["r"], "right"),
        helper.make_node("Add", ["l", "r"], ["s"], "sum"),
        helper.make_node("Sigmoid", ["s"], ["y"], "last"),
        helper.make_node("Neg", ["l"], ["free"], "negative"),
    ]
    graph = helper.make_graph(
        nodes,
        "branching",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 4])],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 4]),
            helper.make_tensor_value_info("free", TensorProto.FLOAT, ["N", 4]),
        ],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


@pytest.fixture
def edited(branching: Path) -> Edited:
    """The branching model, or the one at `path`, after edits given as plain data; checked."""

    def edit(*edits: dict[str, Any], path: Path = branching) -> onnx.ModelProto:
        model = edited_draft(path, edits_from(edits)).finish()
        onnx.checker.check_model(model, full_check=True)
        return model

    return edit
