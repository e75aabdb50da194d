"""Compares one thing of A with one of B: facts of a layer, attributes, precision, interfaces."""

from collections.abc import Iterator, Mapping

from core.diff.alignment import Alignment
from core.diff.conversions import Precision
from core.diff.families import family_of
from core.diff.outline import Outline
from core.diff.report import Change, PrecisionChange
from core.model.graph import Dimension, Layer, ModelGraph, Tensor, Weight
from core.model.operator_docs import operator_of
from core.model.summary import full_name, tensor_text

_NOT_KNOWN = "unknown"


def facts_changes(one: Layer, other: Layer, *, alike_formats: bool) -> Iterator[Change]:
    """Operator, domain and shape of the result."""
    same_kind = family_of(one.operator) == family_of(other.operator)
    if one.operator != other.operator and (alike_formats or not same_kind):
        yield Change(what="operator", before=one.operator, after=other.operator)
    if alike_formats and _domain(one) != _domain(other):
        yield Change(what="domain", before=_domain(one), after=_domain(other))
    if len(one.outputs) != len(other.outputs):
        yield Change(what="results", before=str(len(one.outputs)), after=str(len(other.outputs)))
    if not same_shape(one.output_shape, other.output_shape):
        yield Change(
            what="result shape",
            before=shape_words(one.output_shape),
            after=shape_words(other.output_shape),
        )


def _domain(layer: Layer) -> str:
    return layer.domain or "ai.onnx"


def attribute_changes(
    one: Layer, other: Layer, graph_a: ModelGraph, graph_b: ModelGraph
) -> Iterator[Change]:
    """Attributes, where leaving one out means the operator's default."""
    if one.attributes == other.attributes:
        return
    complete = _with_defaults(one, graph_a), _with_defaults(other, graph_b)
    given = one.attributes.keys() | other.attributes.keys()
    before, after = ({key: each.get(key, "") for key in given} for each in complete)
    yield from mapping_changes("attribute", before, after)


def _with_defaults(layer: Layer, graph: ModelGraph) -> Mapping[str, str]:
    known = operator_of(layer.operator, layer.domain, graph.opsets)
    if known is None:
        return layer.attributes
    defaults = {each.name: each.default for each in known.attributes if each.default}
    return {**defaults, **layer.attributes}


def mapping_changes(
    what: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Change]:
    """One change for each key whose values differ; A's keys first."""
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key, ""), after.get(key, "")
        if one != other:
            yield Change(what=f"{what} {key}", before=one, after=other)


def rewired(a: Outline, b: Outline, alignment: Alignment, i: int, j: int) -> Iterator[Change]:
    """Inputs that come from another layer than before.

    One that comes from a layer that only one side has is no change of its own: the added or
    removed layer tells it.
    """
    others = b.wiring.producers.get(j, {})
    for slot, source in a.wiring.producers.get(i, {}).items():
        other = others.get(slot)
        if other is None or source >= len(a.layers) or other >= len(b.layers):
            continue
        moved = int(alignment.to_b[source])
        if moved >= 0 and moved != other and other in alignment.of_b:
            yield Change(
                what=f"input {slot + 1} comes from",
                before=full_name(a.layers[source]),
                after=full_name(b.layers[other]),
            )


def precision_change(before: Precision, after: Precision) -> PrecisionChange | None:
    """None where nothing differs, or where one side does not know."""
    words_before, words_after = before.words, after.words
    if _NOT_KNOWN in words_before + words_after or not words_before or not words_after:
        words_before = words_after = before.words or after.words
    results_before, results_after = before.results, after.results
    if _NOT_KNOWN in (results_before, results_after):
        results_before = results_after
    if (words_before, results_before) == (words_after, results_after):
        return None
    return PrecisionChange(
        before=words_before,
        after=words_after,
        results_before=results_before,
        results_after=results_after,
        details=after.details or before.details,
    )


def interface_changes(a: ModelGraph, b: ModelGraph) -> Iterator[Change]:
    """Inputs and outputs of the models by name."""
    for what, of_a, of_b in (("input", a.inputs, b.inputs), ("output", a.outputs, b.outputs)):
        same = {tensor.name: tensor for tensor in of_b}
        before = {tensor.name: tensor_text(tensor) for tensor in of_a}
        after = {tensor.name: tensor_text(tensor) for tensor in of_b}
        for tensor in of_a:
            other = same.get(tensor.name)
            alike = other is not None and tensor.dtype == other.dtype
            if other is not None and alike and same_shape(tensor.shape, other.shape):
                del before[tensor.name], after[tensor.name]
        yield from mapping_changes(what, before, after)


def same_shape(one: tuple[Dimension, ...] | None, other: tuple[Dimension, ...] | None) -> bool:
    """Whether two shapes may be the same: what is not known contradicts nothing."""
    if one is None or other is None:
        return True
    if len(one) != len(other):
        return False
    return all(a == b or a is None or b is None for a, b in zip(one, other, strict=True))


def shape_words(shape: tuple[Dimension, ...] | None) -> str:
    if shape is None:
        return "not known"
    return "×".join("?" if size is None else str(size) for size in shape) or "scalar"


def tensor_words(tensor: Tensor) -> str:
    """“float32 1×32×112×112”; empty where its type is not known."""
    if tensor.dtype == _NOT_KNOWN or tensor.shape is None or None in tensor.shape:
        return ""
    return f"{tensor.dtype} {shape_words(tensor.shape)}"


def weight_words(weight: Weight) -> str:
    return f"{weight.dtype} {shape_words(weight.shape)}"
