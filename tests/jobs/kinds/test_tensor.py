"""The job that looks at a stored tensor: any element type, any place of storage, hostile or not."""

import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.errors import InputError, JobCancelled
from core.formats import read_graph
from core.jobs.context import WorkerContext
from core.jobs.events import Event
from core.jobs.kinds import kinds
from core.jobs.kinds.tensor import TensorReport, TensorRequest, read_pictures
from core.model.weights import read_weight


def saved(
    path: Path, *weights: onnx.TensorProto, nodes: list[onnx.NodeProto] | None = None
) -> Path:
    """A model that stores these."""
    graph = helper.make_graph(
        nodes or [helper.make_node("Relu", ["x"], ["y"], "relu")],
        "stored",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]), path)
    return path


def look(folder: Path, model: Path, weight: str, cancelled: bool = False) -> TensorReport:
    """Do the job in this process."""
    folder.mkdir(exist_ok=True)
    stop = threading.Event()
    if cancelled:
        stop.set()
    told: list[Event] = []
    context = WorkerContext(folder, [("Reading the tensor", 1.0)], told.append, stop)
    report = kinds()["tensor"].run(TensorRequest(model=model, weight=weight), context)
    assert isinstance(report, TensorReport)
    return report


def test_that_the_numbers_of_a_weight_are_described(tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(0, 1, (6, 4, 3, 3)).astype(np.float32)
    model = saved(tmp_path / "m.onnx", numpy_helper.from_array(values, "w"))

    report = look(tmp_path / "run", model, "w")

    assert report.facts.minimum == pytest.approx(values.min())
    assert report.facts.axis == 0
    pictures = read_pictures(tmp_path / "run" / report.arrays)
    assert np.array_equal(pictures.tiles, values)
    assert pictures.low.shape == (6,)


@pytest.mark.parametrize(
    "data_type",
    [
        TensorProto.FLOAT16,
        TensorProto.BFLOAT16,
        TensorProto.INT4,
        TensorProto.UINT8,
        TensorProto.INT64,
        TensorProto.BOOL,
        TensorProto.FLOAT8E4M3FN,
        TensorProto.DOUBLE,
    ],
    ids=TensorProto.DataType.Name,
)
def test_that_every_element_type_can_be_looked_at(tmp_path: Path, data_type: int) -> None:
    tensor = helper.make_tensor("w", data_type, (2, 3), [0, 1, 1, 0, 1, 1])
    model = saved(tmp_path / "m.onnx", tensor)

    report = look(tmp_path / "run", model, "w")

    assert (report.facts.minimum, report.facts.maximum, report.facts.zeros) == (0.0, 1.0, 2)
    assert read_pictures(tmp_path / "run" / report.arrays).table.shape == (2, 3)


def test_that_stored_integers_are_told_with_what_they_stand_for(tmp_path: Path) -> None:
    model = saved(
        tmp_path / "m.onnx",
        numpy_helper.from_array(np.array([[-100, 0], [20, 50]], np.int8), "q"),
        numpy_helper.from_array(np.array([0.5, 2], np.float32), "s"),
        numpy_helper.from_array(np.array([0, 10], np.int8), "z"),
        nodes=[helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"], "dq", axis=0)],
    )

    report = look(tmp_path / "run", model, "q")

    assert report.real is not None
    assert (report.real.scale, report.real.scales, report.real.axis) == ("s", 2, 0)
    assert (report.real.minimum, report.real.maximum) == (-50.0, 80.0)
    assert (report.facts.minimum, report.facts.maximum) == (-100.0, 50.0)


def test_that_external_data_are_read(tmp_path: Path) -> None:
    values = np.arange(4000, dtype=np.float32).reshape(40, 100)
    path = saved(tmp_path / "m.onnx", numpy_helper.from_array(values, "w"))
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="m.data")

    report = look(tmp_path / "run", path, "w")

    assert (report.facts.minimum, report.facts.maximum) == (0.0, 3999.0)


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "gone.data"])
def test_that_numbers_outside_of_the_models_folder_stay_unread(
    tmp_path: Path, location: str
) -> None:
    (tmp_path / "secret").write_bytes(b"\0" * 4096)
    (tmp_path / "model").mkdir()
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", location
    model = saved(tmp_path / "model" / "m.onnx", tensor)

    with pytest.raises(InputError):
        look(tmp_path / "run", model, "w")


def test_that_numbers_in_constant_nodes_and_bodies_are_found_by_the_graphs_names(
    tmp_path: Path,
) -> None:
    def literal(value: float, output: str) -> onnx.NodeProto:
        return helper.make_node("Constant", [], [output], f"make_{output}", value_floats=[value, 0])

    def body(value: float) -> onnx.GraphProto:
        made = helper.make_tensor_value_info("r", TensorProto.FLOAT, [2])
        return helper.make_graph([literal(value, "r")], "body", [], [made])

    nodes = [
        literal(7.0, "c"),
        helper.make_node(
            "If", ["flag"], ["y"], "choose", then_branch=body(1.0), else_branch=body(2.0)
        ),
        helper.make_node("Add", ["y", "c"], ["z"], "add"),
    ]
    graph = helper.make_graph(
        nodes,
        "bodies",
        [helper.make_tensor_value_info("flag", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, [2])],
    )
    path = tmp_path / "m.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)

    names = read_graph(path).weights

    found = {name: look(tmp_path / f"run{i}", path, name) for i, name in enumerate(names)}
    assert sorted(str(report.facts.maximum) for report in found.values()) == ["1.0", "2.0", "7.0"]


def test_that_large_weights_are_mapped_and_not_loaded(tmp_path: Path) -> None:
    values = np.arange(200_000, dtype=np.float32)
    model = saved(tmp_path / "m.onnx", numpy_helper.from_array(values, "w"))

    found = read_weight(model, "w")

    assert isinstance(found, np.memmap)
    assert np.array_equal(found, values)


def test_that_numbers_that_do_not_fit_their_shape_are_refused(tmp_path: Path) -> None:
    tensor = numpy_helper.from_array(np.ones(8, np.float32), "w")
    tensor.dims[0] = 9
    model = saved(tmp_path / "m.onnx", tensor)

    with pytest.raises(InputError, match="do not fit"):
        look(tmp_path / "run", model, "w")


def test_that_text_has_no_statistics_and_says_so(tmp_path: Path) -> None:
    model = saved(tmp_path / "m.onnx", helper.make_tensor("w", TensorProto.STRING, (1,), [b"a"]))

    with pytest.raises(InputError, match="no statistics"):
        look(tmp_path / "run", model, "w")


def test_that_a_weight_that_is_gone_is_told_plainly(tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(InputError, match="“nothing”"):
        look(tmp_path / "run", tiny_model, "nothing")


def test_that_looking_can_be_cancelled(tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(JobCancelled):
        look(tmp_path / "run", tiny_model, "stem.weight", cancelled=True)
