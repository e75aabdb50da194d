"""The sample and its INT8 form, made by the product's own technique; small models to vary."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.data import open_dataset
from core.data.contract_file import read_contract
from core.data.decode import prepare
from core.data.splitting import spread
from core.diff.structure import Compared, compare_structure
from core.formats import read_graph
from core.model.identity import stamp
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan, Step
from core.sample import SAMPLE_CONTRACT

CALIBRATION = 6


@dataclass(frozen=True)
class Models:
    """An original, its INT8 form, and real inputs in rows."""

    original: Path
    int8: Path
    images: np.ndarray


@pytest.fixture(scope="session")
def quantized(
    tmp_path_factory: pytest.TempPathFactory, sample_model: Path, sample_data: Path
) -> Models:
    folder = tmp_path_factory.mktemp("quantized")
    original = folder / "original.onnx"
    stamp(sample_model, original)
    graph = read_graph(original)
    images = _images(sample_data, 2 * CALIBRATION)
    name = graph.inputs[0].name

    def feeds() -> Iterator[dict[str, np.ndarray]]:
        return ({name: image[None]} for image in images[:CALIBRATION])

    plan = CompressionPlan(steps=(Step(technique="int8", default={}),))
    int8 = folder / "int8.onnx"
    apply_plan(plan, original, int8, graph, feeds, calibration_count=CALIBRATION)
    return Models(original, int8, images[CALIBRATION:])


def _images(data: Path, count: int) -> np.ndarray:
    dataset = open_dataset(data)
    contract = read_contract(SAMPLE_CONTRACT)
    samples = spread(dataset.samples)[:count]
    return np.stack([prepare(dataset.read(sample), contract) for sample in samples])


@pytest.fixture
def compared(tmp_path: Path) -> Callable[[onnx.ModelProto, onnx.ModelProto], Compared]:
    """Reads two models that were just built, and compares them."""

    def compare(a: onnx.ModelProto, b: onnx.ModelProto) -> Compared:
        graphs = []
        for name, model in (("a", a), ("b", b)):
            path = tmp_path / f"{name}.onnx"
            onnx.save(model, path)
            graphs.append(read_graph(path))
        return compare_structure(*graphs)

    return compare


def chain(operators: Sequence[str], *, named: bool = True) -> onnx.ModelProto:
    """image → each operator in turn → result; without names, nodes and tensors are numbered."""
    nodes: list[onnx.NodeProto] = []
    last = "image"
    for number, operator in enumerate(operators):
        result = f"{operator}_of_{last}"[:60] if named else f"t{number}"
        name = f"{operator}-{operators[:number].count(operator)}" if named else ""
        nodes.append(helper.make_node(operator, [last], [result], name))
        last = result
    return model_of(nodes, last)


def model_of(
    nodes: Sequence[onnx.NodeProto],
    result: str,
    weights: dict[str, np.ndarray] | None = None,
    shape: Sequence[int] = (1, 4, 8, 8),
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(result, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in (weights or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
