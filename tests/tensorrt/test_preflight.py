"""The pre-flight doctor finds what stands against a build, and offers what mends it."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from core.devices.profile import find_profile
from core.edit.applying import edited_draft
from core.edit.edits_file import edits_from
from core.errors import InputError
from core.formats import read_graph
from core.plan.checks import require_valid
from core.plan.plan import CompressionPlan, Step
from core.tensorrt.forecast_build import PastBuild, forecast_build
from core.tensorrt.preflight import preflight
from core.tensorrt.preflight_report import (
    ParserNode,
    ParserVerdict,
    PreflightFinding,
    PreflightReport,
    PreflightRequest,
)
from core.tensorrt.settings import ShapeRange
from core.tensorrt.target import TensorRtTarget, target_of
from tests.tensorrt.conftest import Saved, node

WEIGHT = np.full((3, 3, 1, 1), 0.5, np.float32)
SCALES: dict[str, np.ndarray] = {"s": np.array(0.1, np.float32), "w": WEIGHT}


def looked_at(model: Path, version: str = "10.3.0", **asked: Any) -> PreflightReport:
    target = {key: asked.pop(key) for key in list(asked) if key in TensorRtTarget.model_fields}
    return preflight(
        PreflightRequest(model=model, target=TensorRtTarget(version=version, **target), **asked)
    )


def found(report: PreflightReport, rule: str) -> PreflightFinding:
    (finding,) = [finding for finding in report.findings if finding.rule == rule]
    return finding


def quantized(zero: np.generic) -> list[Any]:
    """x → Q → DQ → Conv → y with this zero point."""
    return [
        node("QuantizeLinear", "x s z", "q", "in/Q"),
        node("DequantizeLinear", "q s z", "d", "in/DQ"),
        node("Conv", "d w", "y", "conv"),
    ]


def test_that_an_ordinary_model_is_ready(saved: Saved) -> None:
    model = saved([node("Conv", "x w", "c", "conv"), node("Relu", "c", "y", "relu")], SCALES)
    report = looked_at(model)
    assert report.ready
    assert report.findings == ()
    assert report.precision == "f16"
    assert "Nothing that is known stands against a build by TensorRT 10.3.0" in report.sentence


def test_that_an_operator_is_refused_by_version_and_the_model_can_end_before_it(
    saved: Saved,
) -> None:
    nodes = [
        node("Conv", "x w", "c", "conv"),
        node("LayerNormalization", "c scale", "n", "norm"),
        node("Relu", "n", "y", "relu"),
    ]
    model = saved(nodes, {**SCALES, "scale": np.ones(8, np.float32)})
    assert looked_at(model, "8.6.2").ready
    finding = found(looked_at(model, "8.5.2"), "operator")
    assert finding.severity == "stops"
    assert finding.layers == ("norm",)
    assert "from 8.6 on" in finding.why
    cut = next(fix for fix in finding.fixes if fix.edits)
    draft = edited_draft(model, edits_from(cut.edits))
    assert [value.name for value in draft.model.graph.output] == ["c"]
    simplify = next(fix.plan for fix in finding.fixes if fix.plan)
    require_valid(simplify, read_graph(model), has_calibration=False)


def test_that_an_operator_of_another_domain_needs_a_plugin(saved: Saved) -> None:
    nodes = [node("Magic", "x", "y", "magic", domain="com.example")]
    finding = found(looked_at(saved(nodes, domains=["com.example"])), "operator")
    assert finding.severity == "warns"
    assert "com.example.Magic" in finding.title
    assert "plugin" in finding.why


def test_that_a_restriction_is_found_where_it_is_broken(saved: Saved) -> None:
    resize = node("Resize", "x  r", "y", "up", mode="cubic")
    del resize.input[:]
    resize.input.extend(["x", "", "r"])
    model = saved([resize], {"r": np.array([1, 1, 2, 2], np.float32)})
    finding = found(looked_at(model), "restriction")
    assert "its mode must be nearest or linear" in finding.title
    assert finding.layers == ("up",)


def test_that_what_is_computed_may_not_stand_where_constants_must(saved: Saved) -> None:
    nodes = [
        node("Shape", "x", "shape", "shape"),
        node("Slice", "shape one two", "k", "slice"),
        node("TopK", "x k", "y i", "top"),
    ]
    ends = {"one": np.array([0]), "two": np.array([1])}
    model = saved(nodes, ends)
    assert "K must be stored" in found(looked_at(model, "8.5.2"), "restriction").title
    assert looked_at(model, "8.6.2").of("stops") == ()


def test_that_a_newer_opset_counts_only_where_it_is_used(saved: Saved) -> None:
    axes = {"axes": np.array([2, 3])}
    used = saved([node("ReduceMean", "x axes", "y", "mean")], axes, opset=18, name="used.onnx")
    finding = found(looked_at(used, "8.5.2"), "opset")
    assert finding.severity == "falsifies"
    assert finding.layers == ("mean",)
    (fix,) = finding.fixes
    lowered = used.with_name("lowered.onnx")
    onnx.save(edited_draft(used, edits_from(fix.edits)).finish(), lowered)
    assert looked_at(lowered, "8.5.2").ready
    assert looked_at(used, "10.3.0").ready
    unused = saved([node("Relu", "x", "y", "relu")], opset=18, name="unused.onnx")
    report = looked_at(unused, "8.5.2")
    assert report.ready
    assert found(report, "opset").severity == "notes"


def test_that_an_opset_before_the_first_is_refused(saved: Saved) -> None:
    model = saved([node("Relu", "x", "y", "relu")], opset=8)
    assert found(looked_at(model, "10.3.0"), "opset").severity == "stops"
    assert looked_at(model, "8.5.2").ready


@pytest.mark.parametrize(
    ("zero", "rule", "severity"),
    [
        (np.uint8(128), "zero-point", "stops"),
        (np.uint8(0), "uint8", "falsifies"),
        (np.uint16(0), "16-bit", "stops"),
    ],
)
def test_that_pairs_are_judged_as_tensorrt_does(
    saved: Saved, zero: np.generic, rule: str, severity: str
) -> None:
    opset = 21 if rule == "16-bit" else 17
    model = saved(quantized(zero), {**SCALES, "z": np.array(zero)}, opset=opset)
    finding = found(looked_at(model), rule)
    assert finding.severity == severity
    assert finding.layers == ("in/Q", "in/DQ")
    assert finding.fixes == ()
    assert "anew" in finding.remedy


def test_that_symmetric_pairs_pass_and_make_it_int8(saved: Saved) -> None:
    report = looked_at(saved(quantized(np.int8(0)), {**SCALES, "z": np.array(np.int8(0))}))
    assert report.ready
    assert report.precision == "i8"


def test_that_the_plan_is_offered_as_tensorrt_takes_it(saved: Saved) -> None:
    model = saved(quantized(np.uint8(9)), {**SCALES, "z": np.array(np.uint8(9))})
    options = {"symmetric": False, "dense": True}
    plan = CompressionPlan(
        steps=(Step(technique="int8", default=options, layers={"conv": options}),)
    )
    (fix,) = found(looked_at(model, plan=plan), "zero-point").fixes
    assert fix.plan is not None
    (safe,) = fix.plan.steps
    assert safe.default == safe.layers["conv"] == {"symmetric": True, "dense": False}


def test_that_a_bias_in_int32_is_refused(saved: Saved) -> None:
    nodes = [
        node("DequantizeLinear", "b s", "bias", "bias/DQ"),
        node("Conv", "x w bias", "y", "conv"),
    ]
    finding = found(looked_at(saved(nodes, {**SCALES, "b": np.zeros(3, np.int32)})), "int32-bias")
    assert finding.severity == "stops"
    assert finding.layers == ("conv",)  # the graph draws the pair as part of its layer


def test_that_ranges_at_run_time_are_told_once(saved: Saved) -> None:
    model = saved([node("DynamicQuantizeLinear", "x", "y s z", "dynamic")])
    assert [finding.rule for finding in looked_at(model).findings] == ["run-time-ranges"]


def test_that_a_board_without_int8_is_not_given_int8(saved: Saved) -> None:
    model = saved(quantized(np.int8(0)), {**SCALES, "z": np.array(np.int8(0))})
    plan = CompressionPlan(steps=(Step(technique="int8", default={}),))
    nano = target_of(find_profile("jetson-nano-2gb"))
    report = preflight(PreflightRequest(model=model, target=nano, plan=plan))
    assert report.target.tensorrt.major == 8
    finding = found(report, "device-precision")
    assert finding.severity == "stops"
    assert finding.fixes[0].plan is not None
    assert finding.fixes[0].plan.steps[0].technique == "fp16"


def test_that_version_11_is_told_types_by_the_model(saved: Saved) -> None:
    model = saved([node("Relu", "x", "y", "relu")])
    assert looked_at(model, "11.1").precision == "model"
    finding = found(looked_at(model, "11.1", precision="f16"), "precision")
    assert "takes every type from the model" in finding.why


def test_that_free_sizes_have_to_be_given(saved: Saved) -> None:
    model = saved([node("Relu", "x", "y", "relu")], shape=("N", 3, "H", "W"))
    report = looked_at(model)
    finding = found(report, "shapes")
    assert finding.severity == "falsifies"
    (form,) = report.forms
    assert form.suggested.best == (1, 3, 224, 224)
    fix, proposal = finding.fixes
    draft = edited_draft(model, edits_from(fix.edits))
    sizes = draft.model.graph.input[0].type.tensor_type.shape.dim
    assert [size.dim_value for size in sizes] == [1, 3, 224, 224]
    assert looked_at(model, shapes=proposal.shapes).ready


def test_that_a_free_batch_alone_is_only_worth_knowing(saved: Saved) -> None:
    report = looked_at(saved([node("Relu", "x", "y", "relu")], shape=("N", 3, 8, 8)))
    assert report.ready
    assert found(report, "shapes").severity == "warns"


@pytest.mark.parametrize(
    ("name", "sizes", "words"),
    [
        ("z", ((1, 3, 8, 8),) * 3, "no input “z”"),
        ("x", ((1, 3, 8),) * 3, "has 4 sizes"),
        ("x", ((1, 3, 8, 8), (1, 3, 9, 8), (1, 3, 8, 8)), "makes no range"),
        ("x", ((1, 4, 8, 8),) * 3, "fixed at 3"),
        ("x", ((0, 3, 8, 8), (1, 3, 8, 8), (1, 3, 8, 8)), "makes no range"),
    ],
)
def test_that_sizes_that_make_no_sense_are_refused(
    saved: Saved, name: str, sizes: tuple[tuple[int, ...], ...], words: str
) -> None:
    model = saved([node("Relu", "x", "y", "relu")], shape=("N", 3, "H", "W"))
    smallest, best, largest = sizes
    given = {name: ShapeRange(smallest=smallest, best=best, largest=largest)}
    report = looked_at(model, shapes=given)
    assert any(words in finding.title for finding in report.of("stops"))


def test_that_the_dla_shows_what_falls_back(saved: Saved) -> None:
    nodes = [node("Conv", "x w", "c", "conv"), node("Erf", "c", "y", "erf")]
    report = looked_at(saved(nodes, SCALES), "8.5.2", use_dla=True, dlas=2)
    assert report.fallback == ("erf",)
    assert "1 of 2 layers" in found(report, "dla").title
    without = looked_at(saved(nodes, SCALES), "8.5.2", use_dla=True, dlas=0, device="Orin Nano")
    assert found(without, "dla").severity == "stops"
    assert looked_at(saved(nodes, SCALES), "8.5.2").fallback == ()


def test_that_sparse_kernels_need_an_ampere(saved: Saved) -> None:
    model = saved([node("Conv", "x w", "y", "conv")], SCALES)
    report = looked_at(model, use_sparsity=True, sparse_kernels=False, device="Xavier")
    assert found(report, "sparsity").severity == "warns"
    assert looked_at(model, use_sparsity=True, sparse_kernels=True).findings == ()


def test_that_a_type_that_the_version_lacks_is_refused(saved: Saved) -> None:
    nodes = [node("Cast", "x", "b", "to", to=16), node("Cast", "b", "y", "back", to=1)]
    finding = found(looked_at(saved(nodes), "8.6.2"), "type")
    assert "bfloat16" in finding.title
    assert finding.layers == ("to",)
    assert looked_at(saved(nodes), "10.3.0").ready


def test_that_little_memory_is_warned_of(saved: Saved) -> None:
    model = saved([node("Relu", "x", "y", "relu")])
    assert found(looked_at(model, memory_bytes=2_000_000_000), "memory").severity == "warns"
    assert looked_at(model, memory_bytes=64_000_000_000).findings == ()


def test_that_earlier_builds_scale_the_forecast(saved: Saved) -> None:
    graph = read_graph(saved([node("Conv", "x w", "y", "conv")], SCALES))
    plain = forecast_build(graph, precision="f16", embedded=True)
    twice = PastBuild(seconds=200, forecast_seconds=100)
    scaled = forecast_build(graph, precision="f16", embedded=True, past=[twice])
    assert scaled.seconds.value == pytest.approx(2 * plain.seconds.value)
    assert scaled.seconds.high / scaled.seconds.value < plain.seconds.high / plain.seconds.value
    assert "an earlier build on this board" in scaled.basis


def test_that_the_real_parser_has_the_last_word(saved: Saved) -> None:
    model = saved([node("Relu", "x", "y", "relu")])
    request = PreflightRequest(model=model, target=TensorRtTarget(version="10.3"))
    refused = ParserNode(name="relu", operator="Relu", said="false")
    verdict = ParserVerdict(version="1.7", accepted=False, refused=(refused,))
    report = preflight(request, verdict)
    assert not report.ready
    assert found(report, "parser").layers == ("relu",)
    warned = ParserVerdict(version="1.7", accepted=True, warnings=("UINT8 zero_point",))
    assert found(preflight(request, warned), "parser").severity == "warns"
    unbuilt = ParserVerdict(version="1.7", accepted=True, built={"8.6": False})
    assert not preflight(request, unbuilt).ready


def test_that_a_device_without_tensorrt_is_refused() -> None:
    with pytest.raises(InputError, match="has no TensorRT"):
        target_of(find_profile("rpi-5"))


def test_that_a_version_in_another_form_is_no_target() -> None:
    with pytest.raises(ValueError, match=r"Versions look like 8\.5\.2"):
        TensorRtTarget(version="newest")
