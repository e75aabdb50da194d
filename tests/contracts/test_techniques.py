"""Every technique keeps the promises of its base class."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.errors import JobCancelled
from core.formats import read_graph
from core.model.graph import ModelGraph
from core.model.identity import nodes_by_layer, stamp
from core.parameters import defaults, option_problems
from core.plan.plan import Step
from core.plan.resolve import resolve_step
from core.techniques import techniques
from core.techniques.base import Feeds, Technique, TechniqueInput


@pytest.fixture(params=list(techniques()), ids=lambda technique: technique.name)
def technique(request: pytest.FixtureRequest) -> Technique:
    return request.param


@pytest.fixture
def source(technique: Technique, tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model, or one with a normalization for techniques that find no work in it."""
    path = tmp_path / "source.onnx"
    stamp(tiny_model, path)
    graph = read_graph(path)
    if all(technique.refusal(layer, graph) for layer in graph.layers):
        onnx.save(normalized_model(), tmp_path / "normalized.onnx")
        stamp(tmp_path / "normalized.onnx", path)
    return path


def normalized_model() -> onnx.ModelProto:
    """Layer normalization and a fully connected layer over the rows of an image."""
    random = np.random.default_rng(0)
    weights = {
        "shape": np.array([1, 12, 64]),
        "gain": random.uniform(0.5, 2, 64).astype(np.float32),
        "offset": random.normal(0, 1, 64).astype(np.float32),
        "matrix": random.normal(0, 1, (64, 32)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Reshape", ["image", "shape"], ["rows"], "rows"),
        helper.make_node("LayerNormalization", ["rows", "gain", "offset"], ["normed"], "norm"),
        helper.make_node("MatMul", ["normed", "matrix"], ["dense"], "dense"),
        helper.make_node("Relu", ["dense"], ["end"], "end"),
    ]
    graph = helper.make_graph(
        nodes,
        "normalized",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info("end", TensorProto.FLOAT, [1, 12, 32])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    opset = helper.make_opsetid("", 18)
    return helper.make_model(graph, opset_imports=[opset], ir_version=10)


@pytest.fixture
def work(technique: Technique, source: Path, tmp_path: Path) -> TechniqueInput:
    """The technique over the whole tiny model, with its defaults."""
    graph = read_graph(source)
    return TechniqueInput(
        source=source,
        target=tmp_path / "target.onnx",
        graph=graph,
        choices=resolve_step(Step(technique=technique.name, default={}), technique, graph),
        calibration=images,
        calibration_count=3,
        scratch=tmp_path,
    )


def images() -> Iterator[Feeds]:
    for seed in range(3):
        random = np.random.default_rng(seed)
        yield {"image": random.normal(0, 1, (1, 3, 16, 16)).astype(np.float32)}


def test_that_techniques_can_be_loaded() -> None:
    assert techniques().failed == {}


def test_that_a_technique_says_who_it_is(technique: Technique) -> None:
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", technique.name)
    assert technique.label
    assert len(technique.short) <= 10
    assert technique.summary.endswith(".")
    assert technique.weight_bits in {4, 8, 16, 32}


def test_that_its_defaults_and_variants_are_valid(technique: Technique) -> None:
    parameters = technique.parameters
    assert option_problems(parameters, defaults(parameters)) == {}
    for variant in technique.variants:
        assert variant.label
        assert option_problems(parameters, variant.options) == {}


def test_that_every_parameter_explains_itself(technique: Technique) -> None:
    names = [parameter.name for parameter in technique.parameters]
    assert len(set(names)) == len(names)
    assert all(parameter.help.endswith(".") for parameter in technique.parameters)


def test_that_a_refusal_is_a_sentence(technique: Technique, source: Path) -> None:
    graph = read_graph(source)
    reasons = [technique.refusal(layer, graph) for layer in graph.layers]
    assert None in reasons
    assert all(reason is None or reason.endswith(".") for reason in reasons)


def test_that_it_writes_a_valid_model_with_the_same_ends(
    technique: Technique, work: TechniqueInput
) -> None:
    technique.rewrite(work)
    onnx.checker.check_model(str(work.target), full_check=True)
    before, after = read_graph(work.source), read_graph(work.target)
    assert _ends(after) == _ends(before)


def _ends(graph: ModelGraph) -> list[tuple[str, str]]:
    return [(tensor.name, tensor.dtype) for tensor in (*graph.inputs, *graph.outputs)]


def test_that_layers_keep_their_ids(technique: Technique, work: TechniqueInput) -> None:
    outcome = technique.rewrite(work)
    ids = nodes_by_layer(onnx.load(work.target)).keys()
    assert ids >= {layer.id for layer in work.graph.layers}
    assert set(outcome.treated) <= set(work.choices)
    assert outcome.treated


def test_that_the_source_is_left_as_it_was(technique: Technique, work: TechniqueInput) -> None:
    before = work.source.read_bytes()
    technique.rewrite(work)
    assert work.source.read_bytes() == before


def test_that_the_same_input_gives_the_same_file(
    technique: Technique, work: TechniqueInput
) -> None:
    technique.rewrite(work)
    first = work.target.read_bytes()
    technique.rewrite(work)
    assert work.target.read_bytes() == first


def test_that_it_can_be_stopped(technique: Technique, work: TechniqueInput) -> None:
    def stop(done: float, total: float, text: str) -> None:
        raise JobCancelled

    stopped = TechniqueInput(**{**vars(work), "progress": stop})
    with pytest.raises(JobCancelled):
        technique.rewrite(stopped)
    assert not work.target.exists()


def test_that_the_predicted_weight_is_the_stored_one(
    technique: Technique, work: TechniqueInput
) -> None:
    technique.rewrite(work)
    predicted = sum(
        technique.weight_bytes_after(work.graph.weights[name])
        if layer.id in work.choices
        else work.graph.weights[name].bytes
        for layer in work.graph.layers
        for name in layer.weights
    )
    stored = sum(
        weight.bytes
        for name, weight in read_graph(work.target).weights.items()
        if not name.endswith(("scale", "zero_point", "axes"))
    )
    scales = 5 * sum(weight.shape[0] for weight in work.graph.weights.values())
    assert stored <= predicted <= stored + scales


def test_that_declaring_techniques_loads_no_model_library() -> None:
    script = (
        "import sys; from core.techniques import techniques; from core.plan import apply, checks, "
        "recipes, size; recipes.recipes(); assert len(techniques().found) >= 4; "
        "print(sorted({'onnx', 'onnx_ir', 'onnxruntime', 'openvino', 'torch', 'numpy'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.stdout.strip() == "[]"
