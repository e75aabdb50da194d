"""Pre-flight checks of layers: operators, their restrictions, types, the opset, the DLA."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from core.model.graph import Layer, LayerId
from core.model.operator_docs import operator_of
from core.plan.plan import CompressionPlan, Step
from core.techniques.qdq_rules import RUN_TIME_RANGES
from core.tensorrt.operators import (
    Support,
    broken_restrictions,
    dla_takes_quantization,
    first_version_of,
    runs_on_dla,
    support_of,
    takes_type,
)
from core.tensorrt.preflight_report import Fix, PreflightFinding, Severity
from core.tensorrt.preflight_subject import Subject

_NAMED = 3
"""How many names a sentence lists."""
_SIMPLIFY = "simplify"


def check_operators(subject: Subject) -> Iterator[PreflightFinding]:
    """Nodes that the parser of this version is not known to take."""
    kinds: dict[tuple[str, str], list[LayerId]] = defaultdict(list)
    for layer in subject.graph.layers:
        if layer.operator not in RUN_TIME_RANGES:  # the check of Q/DQ tells those
            kinds[layer.operator, layer.domain].append(layer.id)
    for (operator, domain), ids in kinds.items():
        support = support_of(operator, domain, subject.version)
        finding = _not_taken(subject, support, operator, domain)
        if finding is not None:
            count = f"{len(ids)} layer{'' if len(ids) == 1 else 's'}"
            told: dict[str, Any] = {"title": f"{finding.title} ({count})", "layers": tuple(ids)}
            if support != "unsure":
                told["fixes"] = _fixes(subject, ids)
            yield finding.model_copy(update=told)


def _not_taken(
    subject: Subject, support: Support, operator: str, domain: str
) -> PreflightFinding | None:
    """What is said of an operator's layers, wherever they are; None where it is taken."""
    if support == "no":
        return PreflightFinding(
            rule="operator",
            severity="stops",
            title=f"TensorRT {subject.version} does not take {operator}",
            why=_since(operator),
            remedy="Replace these layers, or end the model before them.",
        )
    if support == "unknown":
        return PreflightFinding(
            rule="operator",
            severity="warns" if domain else "stops",
            title=f"{_full(operator, domain)} is no operator that TensorRT knows",
            why="It takes such a layer only where a plugin of that name is installed on the "
            "device.",
            remedy="Install the plugin there, or replace these layers.",
        )
    if support == "unsure":
        return PreflightFinding(
            rule="operator",
            severity="warns",
            title=f"TensorRT {subject.version} may not take {operator}",
            why=f"{_since(operator)} Whether earlier ones do is not written down.",
            remedy="Let the parser look at it, or try the build.",
        )
    return None


def check_restrictions(subject: Subject) -> Iterator[PreflightFinding]:
    """Layers whose operator is taken, but not as it is used here."""
    broken: dict[tuple[str, str], list[LayerId]] = defaultdict(list)
    for layer in subject.graph.layers:
        for what in broken_restrictions(layer, subject.graph, subject.version):
            broken[layer.operator, what].append(layer.id)
    for (operator, what), ids in broken.items():
        yield PreflightFinding(
            rule="restriction",
            severity="stops",
            title=f"{operator} is not taken as it is used here: {what}",
            why=f"It concerns {_named(ids)}.",
            remedy="Simplifying the model often makes such values constants.",
            layers=tuple(ids),
            fixes=_fixes(subject, ids),
        )


def check_types(subject: Subject) -> Iterator[PreflightFinding]:
    """Types of tensors and weights that this version has not."""
    found: dict[str, list[LayerId]] = defaultdict(list)
    for layer in subject.graph.layers:
        weights = (subject.graph.weights.get(name) for name in layer.weights)
        stored = (weight.dtype for weight in weights if weight is not None)
        for dtype in dict.fromkeys((layer.output_dtype, *stored)):
            if dtype and not takes_type(dtype, subject.version) and dtype not in _OF_PAIRS:
                found[dtype].append(layer.id)
    for dtype, ids in found.items():
        yield PreflightFinding(
            rule="type",
            severity="stops",
            title=f"TensorRT {subject.version} has no {dtype}",
            why=f"It is used by {_named(ids)}.",
            remedy="Convert these tensors to another type in the model.",
            layers=tuple(ids),
        )


def check_opset(subject: Subject) -> Iterator[PreflightFinding]:
    """Layers that use what came with an opset newer than this version's parser knows."""
    first, last = subject.dialect.first_opset, subject.dialect.last_opset
    asked = subject.graph.opsets.get("", 0)
    if asked < first:
        yield PreflightFinding(
            rule="opset",
            severity="stops",
            title=f"ONNX opset {asked} is too old for TensorRT {subject.version}",
            why=f"Its parser takes opsets {first} to {last}.",
            remedy="Export the model again with a newer opset.",
        )
    elif asked > last:
        yield _newer_opset(subject, asked, last)


def _newer_opset(subject: Subject, asked: int, last: int) -> PreflightFinding:
    newer = [layer for layer in subject.graph.layers if _uses_newer(layer, asked, last)]
    if not newer:
        return PreflightFinding(
            rule="opset",
            severity="notes",
            title=f"The model asks for ONNX opset {asked}; TensorRT {subject.version} knows {last}",
            why="None of its layers uses anything that is new since then, so it is read all right.",
        )
    kinds = ", ".join(dict.fromkeys(layer.operator for layer in newer))
    ids = tuple(layer.id for layer in newer)
    return PreflightFinding(
        rule="opset",
        severity="falsifies",
        title=f"{kinds}: written as in ONNX opset {asked}, which TensorRT {subject.version} "
        "reads as an older one",
        why=f"Its parser is written for opsets up to {last}. What was an attribute then and is "
        f"an input now, it passes over, in {_named(ids)}.",
        layers=ids,
        fixes=(
            Fix(
                label=f"Write the model as opset {last} does",
                effect="The same layers in older words; what those cannot say is told.",
                edits=({"kind": "opset", "opset": last},),
            ),
        ),
    )


def check_dla(subject: Subject) -> Iterator[PreflightFinding]:
    """What a DLA takes over, and what falls back to the GPU."""
    target = subject.target
    if not target.use_dla:
        return
    if target.dlas == 0:
        yield _dla(
            "stops",
            f"{target.device or 'The device'} has no DLA",
            "Only Xavier and Orin (not Orin Nano) have them. Build for the GPU.",
        )
        return
    if subject.is_quantized and not dla_takes_quantization():
        yield _dla(
            "warns",
            "Layers with Q/DQ do not run on the DLA",
            "It takes INT8 from ranges beside the model, not from Q/DQ nodes in it. Build the FP16 "
            "model for the DLA, or the INT8 model for the GPU.",
        )
    if subject.precision == "f32":
        yield _dla(
            "stops", "The DLA does not compute in FP32", "It knows FP16 and INT8. Build in FP16."
        )
    falling = fallback_layers(subject)
    if falling:
        yield _dla(
            "warns",
            f"{len(falling)} of {len(subject.graph.layers)} layers fall back to the GPU",
            f"The DLA does not take {_named(falling)}. Each change of place costs a copy.",
            falling,
        )


def _dla(
    severity: Severity, title: str, why: str, layers: tuple[LayerId, ...] = ()
) -> PreflightFinding:
    return PreflightFinding(rule="dla", severity=severity, title=title, why=why, layers=layers)


def fallback_layers(subject: Subject) -> tuple[LayerId, ...]:
    """The layers whose operator the DLA does not take."""
    if not subject.target.use_dla:
        return ()
    return tuple(layer.id for layer in subject.graph.layers if not runs_on_dla(layer.operator))


_OF_PAIRS = frozenset({"uint8", "uint16", "int16", "int32"})
"""Types that the check of Q/DQ judges."""


_HARMLESS = frozenset({("Reshape", "allowzero"), ("Split", "num_outputs")})
"""New attributes that change nothing for whoever does not know them: sizes of 0 are rare, and the
outputs can be counted."""


def _uses_newer(layer: Layer, asked: int, last: int) -> bool:
    """Whether a layer has an input or attribute that the operator had not at opset `last`."""
    now = operator_of(layer.operator, layer.domain, {"": asked})
    then = operator_of(layer.operator, layer.domain, {"": last})
    if now is None or then is None or now.since == then.since:
        return False
    known = {attribute.name: attribute for attribute in then.attributes}
    defaults = {attribute.name: attribute.default for attribute in now.attributes}
    extra = any(
        name not in known
        and value != defaults.get(name)
        and (layer.operator, name) not in _HARMLESS
        for name, value in layer.attributes.items()
    )
    variadic = bool(then.inputs) and then.inputs[-1].presence == "variadic"
    taken = len([slot for slot in layer.slots[len(then.inputs) :] if slot])
    return extra or (taken > 0 and not variadic)


def _since(operator: str) -> str:
    first = first_version_of(operator)
    if first is None:
        return "No version of its parser takes it."
    return f"Its parser takes it from {first.major}.{first.minor} on."


def _full(operator: str, domain: str) -> str:
    return f"{domain}.{operator}" if domain else operator


def _named(ids: Sequence[LayerId]) -> str:
    shown = ", ".join(f"“{layer}”" for layer in ids[:_NAMED])
    return f"{shown} and {len(ids) - _NAMED} more" if len(ids) > _NAMED else shown


def _fixes(subject: Subject, ids: Sequence[LayerId]) -> tuple[Fix, ...]:
    """Simplify the model, where that was not done; take out layers that do nothing here."""
    fixes: list[Fix] = []
    plan = subject.plan or CompressionPlan()
    if plan.step(_SIMPLIFY) is None and subject.is_of_plan:
        simpler = (Step(technique=_SIMPLIFY, default={}), *plan.steps)
        fixes.append(
            Fix(
                label="Simplify the model first",
                effect="Computes beforehand what does not depend on the input; layers that only "
                "made constants vanish.",
                plan=plan.model_copy(update={"steps": simpler}),
            )
        )
    end = subject.last_before(ids)
    if end:
        fixes.append(
            Fix(
                label=f"End the model before “{ids[0]}”",
                effect="What comes after has to be computed by the program that uses the model.",
                edits=(end,),
            )
        )
    return tuple(fixes)
