"""Pre-flight checks of precision: Q/DQ as TensorRT takes it, and what the device computes in."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from core.model.graph import LayerId, ModelGraph
from core.parameters import Value
from core.plan.plan import CompressionPlan, Step
from core.techniques.qdq_rules import TENSORRT, QdqProblem, found_problems
from core.tensorrt.preflight_report import Fix, PreflightFinding, Severity
from core.tensorrt.preflight_subject import Subject
from core.tensorrt.settings import PRECISION_LABELS

_INT8 = "int8"
_SAFE: Mapping[str, Value] = {"symmetric": True, "dense": False}
"""Options of INT8 with which TensorRT takes the result."""


class _Words(NamedTuple):
    severity: Severity
    title: str
    why: str


_RULES: Mapping[str, _Words] = {
    "zero-point": _Words(
        "stops",
        "The zero point of {count} is not 0",
        "TensorRT takes symmetric quantization only.",
    ),
    "int32-bias": _Words(
        "stops",
        "{count} dequantize INT32, as ONNX Runtime’s quantizer writes biases",
        "TensorRT dequantizes INT8 only; a bias has to stay in FP32.",
    ),
    "uint8": _Words(
        "falsifies",
        "{count} are UINT8, which TensorRT reads as INT8",
        "Whatever is above 127 steps is cut off, and only a warning in the log says so.",
    ),
    "16-bit": _Words(
        "stops",
        "{count} use 16-bit integers",
        "TensorRT’s parser does not know them.",
    ),
    "scale": _Words(
        "stops",
        "{count} have a scale that is not above 0",
        "“Scale coefficients must all be positive”, the parser says.",
    ),
    "foreign-pair": _Words(
        "stops",
        "{count} are operators of another domain",
        "Only QuantizeLinear and DequantizeLinear of the ONNX standard are taken.",
    ),
    "run-time-ranges": _Words(
        "stops",
        "{count} find their ranges while they run",
        "TensorRT needs ranges that are stored in the model.",
    ),
    "integer-weight": _Words(
        "stops",
        "{count} turn stored INT8 weights into floats",
        "TensorRT takes INT8 constants through DequantizeLinear only; the parser lets this form "
        "pass, and the build fails.",
    ),
    "per-channel": _Words(
        "stops",
        "{count} have one scale for each channel before opset 13",
        "Scales for each channel came with ONNX opset 13.",
    ),
}


_WITHOUT_INT8 = frozenset({"integer-weight", "run-time-ranges"})
"""Forms of INT8 that are made for other engines; FP16 takes their place."""


def check_quantization(subject: Subject) -> Iterator[PreflightFinding]:
    """Q/DQ pairs that TensorRT refuses, or takes for something else."""
    found: dict[str, list[QdqProblem]] = defaultdict(list)
    for problem in found_problems(subject.path, TENSORRT):
        found[problem.rule].append(problem)
    if "zero-point" in found:
        found.pop("uint8", None)  # one cause, one sentence
    for rule, nodes in found.items():
        words = _RULES[rule]
        count = f"{len(nodes)} node{'' if len(nodes) == 1 else 's'}"
        yield PreflightFinding(
            rule=rule,
            severity=words.severity,
            title=words.title.format(count=count),
            why=words.why,
            remedy=""
            if subject.plan
            else "Quantize the original anew with Edgewright’s “INT8 symmetric”.",
            layers=_layers_of(nodes, subject.graph),
            fixes=_fp16_fix(subject) if rule in _WITHOUT_INT8 else _safe_fix(subject),
        )


def _layers_of(problems: Sequence[QdqProblem], graph: ModelGraph) -> tuple[LayerId, ...]:
    """The nodes themselves; for one that prepares a weight, which the graph folds, its reader."""
    folded = {one.output for one in problems if one.node not in graph.index_of}
    readers = (layer.id for layer in graph.layers if folded and not folded.isdisjoint(layer.slots))
    own = (LayerId(one.node) for one in problems if one.node in graph.index_of)
    return tuple(dict.fromkeys((*own, *readers)))


def check_precision(subject: Subject) -> Iterator[PreflightFinding]:
    """Whether version and device can build in the precision at all, and gain from it."""
    label = PRECISION_LABELS[subject.precision]
    if subject.precision not in subject.dialect.precisions:
        yield PreflightFinding(
            rule="precision",
            severity="stops",
            title=f"TensorRT {subject.version} cannot be told to build “{label}”",
            why="It takes every type from the model itself."
            if subject.dialect.strongly_typed
            else "Later versions can.",
            remedy="Compress the model to that precision first, and build it as it is."
            if subject.dialect.strongly_typed
            else "Choose another precision.",
            fixes=_fp16_fix(subject),
        )
    yield from _of_device(subject)
    if subject.target.use_sparsity and subject.target.sparse_kernels is False:
        yield PreflightFinding(
            rule="sparsity",
            severity="warns",
            title=f"{subject.target.device} has no kernels for 2:4 sparse weights",
            why="They came with the Ampere GPUs; on this one sparse weights are computed in full.",
        )


def _of_device(subject: Subject) -> Iterator[PreflightFinding]:
    known = subject.target.precisions
    computes = "i8" if subject.is_quantized else subject.precision
    if not known or computes in known or computes not in _OF_DEVICES:
        return
    yield PreflightFinding(
        rule="device-precision",
        severity="stops" if computes == "i8" else "warns",
        title=f"{subject.target.device} does not compute in {_OF_DEVICES[computes]}",
        why="Its GPU has no instructions for it. TensorRT refuses INT8 there."
        if computes == "i8"
        else "TensorRT falls back to what the GPU has.",
        remedy="Build the original in FP16 instead." if computes == "i8" else "",
        fixes=_fp16_fix(subject) if computes == "i8" else (),
    )


_OF_DEVICES: Mapping[str, str] = {"i8": "INT8", "f16": "FP16", "bf16": "BF16", "fp8": "FP8"}


def _safe_fix(subject: Subject) -> tuple[Fix, ...]:
    """The same plan with INT8 as TensorRT takes it."""
    if subject.plan is None:
        return ()
    safe = tensorrt_safe(subject.plan)
    if safe == subject.plan:
        return ()
    return (
        Fix(
            label="Quantize again, symmetric",
            effect="Zero points are 0, biases stay in FP32, INT8 is signed: as TensorRT takes it.",
            plan=safe,
        ),
    )


def _fp16_fix(subject: Subject) -> tuple[Fix, ...]:
    if not subject.is_of_plan:
        return ()
    plan = CompressionPlan(name="FP16", steps=(Step(technique="fp16", default={}),))
    return (
        Fix(
            label="Use FP16",
            effect="Half the size of FP32, the full speed of the GPU’s half-precision units.",
            plan=plan,
        ),
    )


def tensorrt_safe(plan: CompressionPlan) -> CompressionPlan:
    """The plan with every INT8 step in the form that TensorRT takes."""
    if plan.step(_INT8) is None:
        return plan
    steps = tuple(_safe_step(step) if step.technique == _INT8 else step for step in plan.steps)
    return plan.model_copy(update={"steps": steps, "name": f"{plan.name}, for TensorRT"})


def _safe_step(step: Step) -> Step:
    default = None if step.default is None else {**step.default, **_SAFE}
    layers = {
        layer: None if options is None else {**options, **_SAFE}
        for layer, options in step.layers.items()
    }
    return step.model_copy(update={"default": default, "layers": layers})
