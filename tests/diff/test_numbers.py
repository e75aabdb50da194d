"""Tensors of both models on the same inputs, against a computation of the test's own."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from core.diff import numbers
from core.diff.inputs import Inputs, inputs_from_file, random_inputs
from core.diff.numbers import compare_numbers
from core.diff.structure import compare_structure
from core.diff.watching import WatchedModel
from core.errors import InputError, JobCancelled, UserError
from core.formats import read_graph
from core.model.identity import stamp
from tests.diff.conftest import chain, model_of


def every_tensor(path, image):
    """All tensors of a model on one input, by ONNX Runtime without optimizations."""
    model = onnx.load(path)
    names = [name for node in model.graph.node for name in node.output]
    del model.graph.output[:]
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return dict(zip(names, session.run(None, {"image": image[None]}), strict=True))


def direct_distances(models):
    """‖a − b‖ ÷ ‖a‖ of each tensor of the original, B's taken behind its DequantizeLinear."""
    error, power = {}, {}
    for image in models.images:
        a, b = every_tensor(models.original, image), every_tensor(models.int8, image)
        for name, value in a.items():
            other = b.get(f"{name}/dequantized", b[name])
            gap = value.astype(np.float64) - other
            error[name] = error.get(name, 0.0) + float((gap**2).sum())
            power[name] = power.get(name, 0.0) + float((value.astype(np.float64) ** 2).sum())
    return {name: np.sqrt(error[name] / power[name]) for name in error}


def inputs_of(images):
    rows = tuple({"image": image[None]} for image in images)
    return Inputs("images", False, len(rows), rows)


@pytest.fixture(scope="module")
def found(quantized):
    compared = compare_structure(read_graph(quantized.original), read_graph(quantized.int8))
    a, b = WatchedModel(quantized.original), WatchedModel(quantized.int8)
    inputs = inputs_of(quantized.images)
    return compare_numbers(compared, a, b, inputs, lambda done, total, text: None)


def test_that_the_ten_worst_layers_are_those_of_a_direct_computation(quantized, found):
    direct = direct_distances(quantized)
    ten = sorted(direct, key=lambda name: -direct[name])[:10]
    assert [row.a for row in found.tensors[:10]] == ten
    for row in found.tensors:
        assert row.relative == pytest.approx(direct[row.a], rel=1e-6)


def test_that_every_layer_of_the_original_has_its_tensor_compared(quantized, found):
    layers = read_graph(quantized.original).layers
    assert {row.layer for row in found.tensors} == {layer.id for layer in layers}
    assert [row.a for row in found.outputs] == ["scores"]
    assert found.left_out == ()


def test_that_the_figures_of_a_tensor_agree_with_each_other(found):
    for row in found.tensors:
        assert row.sqnr_db == pytest.approx(-20 * np.log10(row.relative))
        assert row.mean_abs <= row.max_abs
        assert row.cosine >= 1 - row.relative**2
    later = [row for row in found.tensors if row.arrived is not None]
    assert len(later) == len(found.tensors) - 1  # all but the first layer have one before them


def test_that_tensors_in_many_small_groups_give_the_same_figures(quantized, found, monkeypatch):
    monkeypatch.setattr(numbers, "GROUP_BYTES", 100_000)
    compared = compare_structure(read_graph(quantized.original), read_graph(quantized.int8))
    a, b = WatchedModel(quantized.original), WatchedModel(quantized.int8)
    told = []
    again = compare_numbers(
        compared, a, b, inputs_of(quantized.images), lambda done, total, text: told.append(total)
    )
    assert again.tensors == found.tensors
    assert max(told) > len(quantized.images)


def test_that_a_model_is_at_no_distance_from_itself(quantized):
    graph = read_graph(quantized.original)
    model = WatchedModel(quantized.original)
    same = compare_numbers(
        compare_structure(graph, graph), model, model, random_inputs(model.inputs), lambda *_: None
    )
    assert same.made_up
    assert {row.relative for row in same.tensors} == {0.0}
    assert {row.sqnr_db for row in same.tensors} == {None}


def test_that_a_person_can_stop_it(quantized):
    def stop(done, total, text):
        raise JobCancelled

    graph = read_graph(quantized.original)
    model = WatchedModel(quantized.original)
    with pytest.raises(JobCancelled):
        compare_numbers(
            compare_structure(graph, graph), model, model, random_inputs(model.inputs), stop
        )


def test_that_places_that_are_not_finite_are_counted_and_left_out(tmp_path):
    models = []
    for name, operators in (("a", ["Neg", "Sqrt"]), ("b", ["Neg", "Sqrt"])):
        onnx.save(chain(operators), tmp_path / "raw.onnx")
        stamp(tmp_path / "raw.onnx", tmp_path / f"{name}.onnx")
        models.append(tmp_path / f"{name}.onnx")
    compared = compare_structure(*(read_graph(path) for path in models))
    a, b = (WatchedModel(path) for path in models)
    found = compare_numbers(compared, a, b, random_inputs(a.inputs), lambda *_: None)
    roots = next(row for row in found.tensors if row.operator == "Sqrt")
    assert roots.not_finite + roots.values == 2 * 4 * 8 * 8
    assert roots.not_finite > 0


def test_that_tensors_of_another_shape_are_left_out_with_the_reason(tmp_path):
    pair = []
    for name, axes in (("a", [1, 1, 1, 1]), ("b", [0, 0, 0, 0])):
        weights = {"w": np.ones((4, 4, 3, 3), np.float32)}
        node = helper.make_node("Conv", ["image", "w"], ["y"], "conv", pads=axes)
        onnx.save(model_of([node], "y", weights), tmp_path / "raw.onnx")
        stamp(tmp_path / "raw.onnx", tmp_path / f"{name}.onnx")
        pair.append(tmp_path / f"{name}.onnx")
    compared = compare_structure(*(read_graph(path) for path in pair))
    a, b = (WatchedModel(path) for path in pair)
    found = compare_numbers(compared, a, b, random_inputs(a.inputs), lambda *_: None)
    assert found.tensors == ()
    assert found.left_out == ("y has the shape 1×4×8×8 in A and 1×4×6×6 in B.",)


@pytest.mark.parametrize(
    ("array", "samples"), [((3, 1, 28, 28), 3), ((1, 28, 28), 1), ((1, 1, 28, 28), 1)]
)
def test_that_a_file_of_inputs_is_cut_into_samples(quantized, tmp_path, array, samples):
    np.save(tmp_path / "x.npy", np.zeros(array))
    inputs = inputs_from_file(tmp_path / "x.npy", WatchedModel(quantized.original).inputs, 8)
    assert inputs.count == samples
    assert {row["image"].shape for row in inputs.arrays} == {(1, 1, 28, 28)}


@pytest.mark.parametrize("shape", [(3, 2, 28, 28), (28,), ()])
def test_that_a_file_of_another_shape_is_refused(quantized, tmp_path, shape):
    np.save(tmp_path / "x.npy", np.zeros(shape))
    ports = WatchedModel(quantized.original).inputs
    with pytest.raises(InputError, match="does not fit the input image"):
        inputs_from_file(tmp_path / "x.npy", ports, 8)


def test_that_a_file_of_objects_or_of_nonsense_is_refused(quantized, tmp_path):
    ports = WatchedModel(quantized.original).inputs
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    (tmp_path / "text.npz").write_text("no numbers")
    np.savez(tmp_path / "other.npz", picture=np.zeros((1, 1, 28, 28)))
    for name, why in (
        ("objects.npy", "cannot be read"),
        ("text.npz", "cannot be read"),
        ("other.npz", "Missing are: image"),
    ):
        with pytest.raises(InputError, match=why):
            inputs_from_file(tmp_path / name, ports, 8)


def test_that_a_model_that_fails_on_its_inputs_says_so(quantized):
    model = WatchedModel(quantized.original)
    wrong = {"image": np.zeros((1, 3, 5, 5), np.float32)}
    with pytest.raises(UserError, match="could not be run"):
        model.run(["scores"], wrong)
