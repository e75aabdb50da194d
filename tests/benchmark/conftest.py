"""Contenders whose speed, noise and death are known, in real processes."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from core.benchmark.conditions import Conditions
from core.benchmark.contender_process import Contender
from core.benchmark.load import RoundWatch, Watch
from core.plan.plan import RuntimeChoice

STUB = Path(__file__).parent / "stub_contender.py"
REPOSITORY = Path(__file__).resolve().parents[2]


class QuietWatch(RoundWatch):
    """Sees a computer on which nothing else goes on, whatever really does."""

    def conditions(self) -> Conditions:
        return Conditions()


class Stubs:
    """Contenders by id with what they shall do, and the way to launch them."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._behaviours: dict[str, dict[str, object]] = {}

    def add(self, id: str, *, streams: int = 1, batch: int = 1, **behaviour: object) -> Contender:
        self._behaviours[id] = behaviour
        choice = RuntimeChoice(runtime="stub", streams=streams, batch=batch)
        return Contender(id=id, label=f"Stub {id}", model=self._model, choice=choice)

    def launch(self, contender: Contender) -> Sequence[str]:
        behaviour = json.dumps(self._behaviours[contender.id])
        path = f"import sys, runpy; sys.path.insert(0, {str(REPOSITORY)!r}); "
        run = f"sys.argv = ['stub', {behaviour!r}]; runpy.run_path({str(STUB)!r}, None, '__main__')"
        return [sys.executable, "-c", path + run]


@pytest.fixture
def stubs(tiny_model: Path) -> Stubs:
    return Stubs(tiny_model)


@pytest.fixture
def quiet() -> Watch:
    return QuietWatch


@pytest.fixture
def real() -> Callable[[str, Path], Contender]:
    """A contender that a runtime of Edgewright executes."""

    def build(runtime: str, model: Path) -> Contender:
        choice = RuntimeChoice(runtime=runtime, threads=1)
        return Contender(id=runtime, label=runtime, model=model, choice=choice)

    return build


@pytest.fixture
def two_inputs_model(tmp_path: Path) -> Path:
    """Adds a float32 vector and the sum of as many int64 tokens as there are."""
    ports = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4]),
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "length"]),
    ]
    nodes = [
        helper.make_node("Cast", ["tokens"], ["numbers"], "cast", to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["numbers"], ["total"], "sum"),
        helper.make_node("Add", ["x", "total"], ["y"], "add"),
    ]
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])
    graph = helper.make_graph(nodes, "two", ports, [result])
    path = tmp_path / "two.onnx"
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    return path
