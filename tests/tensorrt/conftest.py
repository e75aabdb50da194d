"""Models for TensorRT, recorded outputs, and an interpreter with a stand-in for its parser."""

import sysconfig
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

SAMPLES = Path(__file__).parent / "samples"

PARSER_STAND_IN = '''
"""Stands in for tensorrt_rtx: says what the model's file name asks for."""

import os
import types

__version__ = "1.7.1"
Severity = types.SimpleNamespace
ComputeCapability = types.SimpleNamespace(SM86=86, SM89=89)


class ILogger:
    def __init__(self):
        pass


class Error:
    def desc(self):
        return "false"

    def node_name(self):
        return "det"

    def node_operator(self):
        return "Det"


class OnnxParser:
    num_errors = 0

    def __init__(self, network, logger):
        self.network, self.logger = network, logger

    def parse_from_file(self, path):
        name = os.path.basename(path)
        self.network.name = name
        if "crashes" in name:
            os.abort()
        if "hangs" in name:
            while True:
                pass
        if "warns" in name:
            self.logger.log(types.SimpleNamespace(name="WARNING"), "UINT8 zero_point only on DLA")
        self.num_errors = int("refused" in name)
        return "refused" not in name

    def get_error(self, index):
        return Error()


class Network:
    num_layers = 7


class Config:
    def set_compute_capability(self, capability, index):
        return True

    def add_optimization_profile(self, profile):
        self.profile = profile


class Profile:
    def set_shape(self, name, smallest, best, largest):
        self.shape = (name, tuple(smallest), tuple(best), tuple(largest))


class Builder:
    def __init__(self, logger):
        self.logger = logger

    def create_network(self):
        return Network()

    def create_builder_config(self):
        return Config()

    def create_optimization_profile(self):
        return Profile()

    def build_serialized_network(self, network, config):
        if "dies" in network.name:
            os.abort()
        if "unbuilt" in network.name:
            self.logger.log(types.SimpleNamespace(name="ERROR"), "no kernel for If")
            return None
        return types.SimpleNamespace(nbytes=1234)
'''


@pytest.fixture(scope="session")
def parser_stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter in whose environment “tensorrt_rtx” is the stand-in."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(packages) / "tensorrt_rtx.py").write_text(PARSER_STAND_IN)
    return folder / "bin" / "python"


@pytest.fixture
def sample() -> Callable[[str], str]:
    """The text of a recorded output."""
    return lambda name: (SAMPLES / name).read_text(encoding="utf-8")


Shape = Sequence[int | str]
Saved = Callable[..., Path]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """Writes a model of these nodes, x → y, with these weights, and returns its path."""

    def save(
        nodes: Sequence[onnx.NodeProto],
        weights: dict[str, np.ndarray] | None = None,
        *,
        shape: Shape = (1, 3, 8, 8),
        opset: int = 17,
        name: str = "model.onnx",
        domains: Sequence[str] = (),
    ) -> Path:
        graph = helper.make_graph(
            list(nodes),
            "graph",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            [numpy_helper.from_array(value, key) for key, value in (weights or {}).items()],
        )
        opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
        path = tmp_path / name
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
        return path

    return save


def node(
    operator: str, inputs: str, outputs: str, name: str, **attributes: object
) -> onnx.NodeProto:
    """A node; names of tensors with spaces between them."""
    return helper.make_node(operator, inputs.split(), outputs.split(), name, **attributes)
