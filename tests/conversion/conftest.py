"""A Python with a stand-in for PyTorch, and jobs that run in the test's own process."""

import sysconfig
import threading
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.jobs.context import WorkerContext
from core.jobs.events import Event
from core.jobs.kinds.convert import Convert, ConvertReport, ConvertRequest

FILES = Path(__file__).parent.parent / "formats" / "files"

STAND_IN = '''
"""Does what the converter calls: hands out the model that lies beside it."""

import shutil
import types
from pathlib import Path


def _export(module, given, target, **options):
    if module == "broken":
        raise ValueError("this operator is not known")
    shutil.copy(Path(__file__).parent / "model.onnx", target)


def _load(path):
    return "broken" if "broken" in path else "program"


set_grad_enabled = print
export = types.SimpleNamespace(load=_load)
onnx = types.SimpleNamespace(export=_export)
'''


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter in whose environment “torch” is the stand-in."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    torch = Path(packages) / "torch"
    torch.mkdir()
    (torch / "__init__.py").write_text(STAND_IN)
    onnx.save(converted_tiny(), torch / "model.onnx")
    return folder / "bin" / "python"


def converted_tiny() -> onnx.ModelProto:
    """The beginning of tiny.pt2 as PyTorch's exporter writes it: weights keep their names."""
    weights = [
        numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "stem.weight"),
        numpy_helper.from_array(np.ones(4, np.float32), "stem.bias"),
    ]
    nodes = [
        helper.make_node(
            "Conv", ["x", "stem.weight", "stem.bias"], ["conv"], "node_Conv_1", pads=[1] * 4
        ),
        helper.make_node("Relu", ["conv"], ["y"], "node_relu"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, 8, 8])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


@pytest.fixture
def convert(tmp_path: Path) -> Callable[..., ConvertReport]:
    """Do a conversion; by default of tiny.pt2 into out.onnx, with consent."""

    def run(**asked: object) -> ConvertReport:
        defaults = {"model": FILES / "tiny.pt2", "to": "onnx", "trusted": True}
        request = ConvertRequest.model_validate({"out": tmp_path / "out.onnx", **defaults, **asked})
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        events: list[Event] = []
        context = WorkerContext(folder, (), events.append, threading.Event())
        return Convert().run(request, context)

    return run
