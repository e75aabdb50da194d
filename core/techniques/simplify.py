"""The same numbers in fewer and faster layers, for runtimes that do not find these forms alone."""

from typing import TYPE_CHECKING

from core.model.graph import Layer, LayerId, ModelGraph
from core.model.identity import set_stamp
from core.parameters import Toggle
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome
from core.techniques.dense_as_convolution import RANKS, as_convolution
from core.techniques.editing import ModelEdit, attribute
from core.techniques.folding import (
    IDENTITIES,
    drop_identities,
    fold_batch_norms,
    fold_constants,
    fold_sums_and_products,
)
from core.techniques.refusals import domain_refusal, float_refusal, kernel_refusal

if TYPE_CHECKING:
    import onnx

_DENSE = frozenset({"Gemm", "MatMul"})
_FOLDED = IDENTITIES | {"Add", "BatchNormalization", "Mul"}

_LARGE = 1 << 19
"""Weights of a layer over single rows from which on the other form is faster (rank 2)."""

_DENSE_AS_CONVOLUTION = Toggle(
    "dense_as_convolution",
    "Large fully connected layers as convolutions",
    "Writes them as 1×1 convolutions, for which runtimes have faster INT8 kernels.",
    default=True,
)


class Simplify(Technique):
    """Exact up to rounding: only sums and products of stored numbers are done beforehand."""

    name = "simplify"
    label = "Simplify, same numbers"
    short = "Simplify"
    summary = (
        "Folds normalizations, sums and products into the convolutions before them, drops layers "
        "that do nothing, and writes large fully connected layers in a form that runs faster. "
        "The model computes the same."
    )
    parameters = (_DENSE_AS_CONVOLUTION,)

    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        if layer.operator in _DENSE:
            return domain_refusal(layer) or _dense_refusal(layer, graph)
        if layer.operator not in _FOLDED:
            return f"There is no simpler form of {layer.operator}."
        if layer.operator in {"Add", "Mul"} and not _follows_convolution(layer, graph):
            return "It has no convolution before it that could do its work."
        return domain_refusal(layer)

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        edit = ModelEdit.open(work.source)
        layers = edit.layers(work.choices)
        fold_constants(edit)
        drop_identities(edit)
        while fold_batch_norms(edit, _convolutions(edit)) + fold_sums_and_products(edit):
            pass
        for done, (layer, node) in enumerate(layers.items()):
            work.progress(done + 1, len(layers), "Simplifying")
            if node.op_type in _DENSE and work.choices[layer]["dense_as_convolution"]:
                _replace(edit, layer, node, work.graph)
        left = {id(node) for node in edit.nodes}
        edit.save(work.target)
        return TechniqueOutcome(tuple(key for key, node in layers.items() if id(node) not in left))


def _convolutions(edit: ModelEdit) -> "list[onnx.NodeProto]":
    return [node for node in edit.nodes if node.op_type == "Conv"]


def _dense_refusal(layer: Layer, graph: ModelGraph) -> str | None:
    if (problem := kernel_refusal(layer, graph) or float_refusal(layer, graph)) is not None:
        return problem
    rank = _rank(layer, graph)
    if rank not in RANKS:
        return "The dimensions of its input are not known, or too many."
    if rank == 2 and layer.parameters < _LARGE:
        return "It is too small to run faster as a convolution."
    return None


def _follows_convolution(layer: Layer, graph: ModelGraph) -> bool:
    """Whether it takes a stored constant and what a convolution made."""
    makers = [graph.by_id[graph.producers[n]] for n in layer.inputs if n in graph.producers]
    operators = {maker.operator for maker in makers} - IDENTITIES
    return len(makers) == 1 and operators <= {"Conv", "Add", "Mul", "BatchNormalization"}


def _rank(layer: Layer, graph: ModelGraph) -> int | None:
    tensor = graph.tensors.get(layer.inputs[0])
    return None if tensor is None or tensor.shape is None else len(tensor.shape)


def _replace(edit: ModelEdit, layer: LayerId, node: "onnx.NodeProto", graph: ModelGraph) -> None:
    rank = _rank(graph.by_id[layer], graph)
    weight = node.input[1]
    if rank not in RANKS or not edit.is_weight(weight) or edit.weight(weight).ndim != 2:
        return
    if attribute(node, "transA", 0) or not all(edit.is_weight(n) for n in node.input[2:] if n):
        return
    made = as_convolution(edit, node, rank)
    for part in made:
        part.name = edit.fresh(f"{layer}/{part.op_type}")
        if part.op_type == "Conv":
            set_stamp(part, layer)
    edit.replace(node, made)
