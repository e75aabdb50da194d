"""Every generation of TensorRT's library is used as it was to be used, on this computer's GPU."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from core.errors import InputError, UserError
from core.plan.plan import RuntimeChoice
from core.runtimes.base import Session
from core.tensorrt.cuda import CudaDriver
from core.tensorrt.generations import generation_of
from core.tensorrt.local import LocalTensorRt
from core.tensorrt.version import TensorRtVersion
from tests.tensorrt.conftest import Saved, node
from tests.tensorrt.stand_in_library import HostGpu, library_of, marked

VERSIONS = ["8.2.1", "8.4.1", "8.5.2", "8.6.1", "10.3.0", "10.13.3", "11.1.0"]
X = np.linspace(-1, 1, 192, dtype=np.float32).reshape(1, 3, 8, 8)


def local(version: str, timing_cache: Path | None = None) -> LocalTensorRt:
    known = generation_of(TensorRtVersion.parse(version))
    assert known is not None
    return LocalTensorRt(known(library_of(version)), HostGpu(), timing_cache)


def compiled(where: LocalTensorRt, model: Path, **choice: Any) -> Session:
    profile = choice.pop("profile", False)
    return where.compile(model, RuntimeChoice(runtime="tensorrt", **choice), profile=profile)


@pytest.fixture
def model(saved: Saved) -> Path:
    nodes = [node("Relu", "x", "r", "relu"), node("Neg", "r", "y", "neg")]
    return saved(nodes, shape=("N", 3, 8, 8))


@pytest.mark.parametrize("version", VERSIONS)
def test_that_every_version_runs_a_model_and_frees_what_it_took(version: str, model: Path) -> None:
    where = local(version)
    session = compiled(where, model, streams=2)
    assert [(port.name, port.dtype, port.shape) for port in session.inputs] == [
        ("x", "float32", (1, 3, 8, 8))
    ]
    for infer in session.lanes:
        np.testing.assert_array_equal(infer({"x": X})["y"], -np.maximum(X, 0))
    gpu: Any = where.gpu
    assert gpu.waits == 2
    session.close()
    assert gpu.held == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_that_layers_are_timed_and_found_again(version: str, model: Path) -> None:
    session = compiled(local(version), model, profile=True)
    for _ in range(4):
        session.infer({"x": X})
    layers = session.executed_layers()
    assert [(one.layers, one.milliseconds) for one in layers] == [(("relu",), 0.5), (("neg",), 1.5)]
    untimed = compiled(local(version), model).executed_layers()
    assert [one.milliseconds for one in untimed] == [None, None]


@pytest.mark.parametrize(
    ("version", "precision", "flags"),
    [
        ("8.2.1", "auto", {"TF32", "FP16"}),
        ("8.5.2", "f16", {"TF32", "FP16"}),
        ("10.3.0", "f32", set()),
        ("10.3.0", "tf32", {"TF32"}),
        ("11.1.0", "auto", {"TF32"}),
        ("11.1.0", "f32", set()),
    ],
)
def test_that_a_precision_becomes_flags(
    version: str, precision: str, flags: set[str], model: Path
) -> None:
    where = local(version)
    compiled(where, model, precision=precision)
    assert where.generation.library.made[0].flags == flags


def test_that_int8_is_allowed_where_the_model_has_pairs(saved: Saved) -> None:
    nodes = [
        node("QuantizeLinear", "x s z", "q", "q"),
        node("DequantizeLinear", "q s z", "y", "dq"),
    ]
    model = saved(nodes, {"s": np.array(0.1, np.float32), "z": np.array(0, np.int8)})
    where = local("8.5.2")
    compiled(where, model)
    assert where.generation.library.made[0].flags == {"TF32", "FP16", "INT8"}


def test_that_a_free_batch_becomes_the_chosen_one(model: Path) -> None:
    where = local("8.5.2")
    session = compiled(where, model, batch=3)
    (profile,) = where.generation.library.made[0].profiles
    assert profile.shapes == {"x": ((3, 3, 8, 8),) * 3}
    many = np.concatenate([X, 2 * X, 3 * X])
    np.testing.assert_array_equal(session.infer({"x": many})["y"], -np.maximum(many, 0))


def test_that_other_free_sizes_are_refused_with_what_to_do(saved: Saved) -> None:
    model = saved([node("Relu", "x", "y", "relu")], shape=(1, 3, "H", "W"))
    with pytest.raises(UserError, match="--set-shape"):
        compiled(local("8.5.2"), model)
    fixed = saved([node("Relu", "x", "y", "relu")], name="fixed.onnx")
    with pytest.raises(InputError, match="fixed at 1"):
        compiled(local("8.5.2"), fixed, batch=4)


def test_that_what_was_timed_is_kept_for_the_next_build(model: Path, tmp_path: Path) -> None:
    kept = tmp_path / "caches" / "timing.cache"
    compiled(local("8.6.1", kept), model)
    compiled(local("8.6.1", kept), model)
    assert kept.read_bytes() == b"++"


@pytest.mark.parametrize("version", ["8.2.1", "10.3.0"])
def test_that_a_refusal_is_told_in_the_librarys_words(version: str, saved: Saved) -> None:
    relu = saved([node("Relu", "x", "y", "relu")])
    with pytest.raises(UserError, match="no importer for Det"):
        compiled(local(version), saved([node("Det", "x", "y", "det")], name="det.onnx"))
    with pytest.raises(UserError, match="Could not find any implementation"):
        compiled(local(version), marked(relu, "unbuildable"))
    with pytest.raises(UserError, match="could not be loaded"):
        compiled(local(version), marked(relu, "unloadable"))


def test_that_sizes_that_depend_on_values_are_refused(saved: Saved) -> None:
    model = saved([node("NonZero", "x", "where", "where"), node("Relu", "x", "y", "relu")])
    proto = onnx.load(model)
    proto.graph.output.append(helper.make_tensor_value_info("where", TensorProto.INT64, [4, None]))
    onnx.save(proto, model)
    with pytest.raises(UserError, match="depends on the values"):
        compiled(local("8.6.1"), model)


def test_that_versions_before_the_first_have_no_adapter() -> None:
    assert generation_of(TensorRtVersion(8, 0, 1)) is None
    assert generation_of(TensorRtVersion(9, 2, 0)) is generation_of(TensorRtVersion(8, 6, 1))


def test_that_without_a_driver_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.tensorrt.cuda._LIBRARY", "libnothing.so.1")
    with pytest.raises(UserError, match="driver"):
        CudaDriver()
