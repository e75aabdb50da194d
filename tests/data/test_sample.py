"""The embedded sample: its licence, its accuracy, and the trade that it is there to show."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from core.benchmark.results import Estimate
from core.data import open_dataset
from core.data.contract_file import read_contract
from core.data.decode import prepare
from core.data.judge import share_drop
from core.formats import read_graph
from core.model.graph import ModelGraph
from core.model.identity import stamp
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan, Step


@pytest.fixture(scope="module")
def source(sample_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's working copy."""
    target = tmp_path_factory.mktemp("sample") / "source.onnx"
    stamp(sample_model, target)
    return target


@pytest.fixture(scope="module")
def graph(source: Path) -> ModelGraph:
    return read_graph(source)


@pytest.fixture(scope="module")
def images(sample_data: Path) -> tuple[np.ndarray, np.ndarray]:
    dataset = open_dataset(sample_data)
    contract = read_contract(sample_data.parent / "contract.json")
    tensors = [prepare(dataset.read(sample), contract) for sample in dataset.samples]
    return np.stack(tensors), np.array([sample.label for sample in dataset.samples])


@pytest.fixture(scope="module")
def hits(images: tuple[np.ndarray, np.ndarray]) -> Callable[[Path], np.ndarray]:
    """Which images a model gets right."""

    def judge(model: Path) -> np.ndarray:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(model, options)
        (scores,) = session.run(None, {"image": images[0]})
        return scores.argmax(axis=1) == images[1]

    return judge


@pytest.fixture
def drop(
    source: Path, graph: ModelGraph, images: tuple[np.ndarray, np.ndarray], hits, tmp_path: Path
) -> Callable[[Step], Estimate]:
    """Points that a step costs; every eighth image calibrates."""

    def measure(step: Step) -> Estimate:
        def feeds() -> Iterator[dict[str, np.ndarray]]:
            return ({"image": tensor[np.newaxis]} for tensor in images[0][::8])

        target = tmp_path / "target.onnx"
        plan = CompressionPlan(steps=(step,))
        apply_plan(plan, source, target, graph, feeds, calibration_count=50)
        return share_drop(hits(source), hits(target))

    return measure


def test_that_the_sample_is_right_nine_times_in_ten(source: Path, hits):
    assert hits(source).mean() >= 0.9


def test_that_int8_throughout_costs_visible_accuracy(drop):
    cost = drop(Step(technique="int8", default={}))
    assert cost.value >= 2
    assert cost.low > 0


def test_that_keeping_one_depthwise_layer_brings_the_accuracy_back(drop, graph: ModelGraph):
    (layer,) = [layer.id for layer in graph.layers if "detail.depthwise" in str(layer.weights)]
    cost = drop(Step(technique="int8", default={}).with_layer(layer, None))
    assert cost.value <= 1


def test_that_the_sample_names_its_licences_and_the_cost_of_each_layer(sample_model: Path):
    licences = (sample_model.parent / "LICENSES.md").read_text(encoding="utf-8")
    assert "Zalando" in licences
    assert "MIT License" in licences
    assert "| detail.depthwise |" in (sample_model.parent / "README.md").read_text(encoding="utf-8")


def test_that_the_sample_holds_no_paths_of_the_machine_that_trained_it(sample_model: Path):
    content = sample_model.read_bytes()
    assert not [word for word in (b"/home/", b"/root/", b"/work/", b".py") if word in content]
