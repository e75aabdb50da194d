"""Cross-layer equalization: channels of two layers in a row get weights of like size.

M. Nagel et al., “Data-Free Quantization through Weight Equalization and Bias Correction”, ICCV
2019. Where the function between two layers is positively homogeneous, f(s·x) = s·f(x), a channel
can be made smaller in the first and larger in the second layer; the model computes the same.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.model.graph import Layer, ModelGraph
from core.parameters import Toggle
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome
from core.techniques.editing import ModelEdit, attribute
from core.techniques.folding import fold_batch_norms
from core.techniques.refusals import domain_refusal, float_refusal, kernel_refusal
from core.techniques.weights import is_depthwise

if TYPE_CHECKING:
    import numpy as np
    import onnx

_HOMOGENEOUS = frozenset(
    {
        "AveragePool", "Dropout", "GlobalAveragePool", "GlobalMaxPool", "Identity", "LeakyRelu",
        "MaxPool", "PRelu", "Relu",
    }
)  # fmt: skip
"""Layers that keep channels apart and pass a positive factor on."""

_PASSES = 40
_SETTLED = 1e-3
"""Change of scale, as a logarithm, below which the passes end."""
_LARGEST_SCALE = 1e4

_LIMITS = Toggle(
    "limits",
    "Through limited activations (ReLU6)",
    "Gives each channel a limit of its own, which keeps the numbers the same but costs a layer "
    "more. Otherwise pairs with ReLU6 between stay as they are.",
    default=False,
)


@dataclass(frozen=True)
class _Pair:
    """Two layers, one channel of which feeds one channel of the other."""

    first: "onnx.NodeProto"
    second: "onnx.NodeProto"
    clips: "tuple[onnx.NodeProto, ...]"
    """Clips between them."""


class Equalize(Technique):
    name = "equalize"
    label = "Balance channels across layers"
    short = "Equalize"
    summary = (
        "Shifts size from strong channels of a layer to the next layer, so that one scale fits all "
        "channels better. The model computes the same; INT8 after it loses less."
    )
    parameters = (_LIMITS,)

    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        if layer.operator != "Conv":
            return "Only convolutions have channels that can be balanced with the next layer's."
        return domain_refusal(layer) or kernel_refusal(layer, graph) or float_refusal(layer, graph)

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        edit = ModelEdit.open(work.source)
        layers = edit.layers(work.choices)
        fold_batch_norms(edit, layers.values())
        limits = {id(node) for key, node in layers.items() if work.choices[key]["limits"]}
        pairs = list(_pairs(edit, {id(node) for node in layers.values()}, limits))
        scales = _Scales(edit, pairs)
        for done in range(_PASSES):
            work.progress(done + 1, _PASSES, "Balancing channels")
            if scales.settle() < _SETTLED:
                break
        scales.store()
        edit.save(work.target)
        touched = {id(node) for pair in pairs for node in (pair.first, pair.second)}
        return TechniqueOutcome(
            tuple(key for key, node in layers.items() if id(node) in touched),
            (f"{len(pairs)} pairs of layers were balanced.",),
        )


class _Scales:
    """The weights while they are balanced, and the factor of each pair's channels so far."""

    def __init__(self, edit: ModelEdit, pairs: list[_Pair]) -> None:
        import numpy as np

        self._edit = edit
        self._pairs = pairs
        nodes = [node for pair in pairs for node in (pair.first, pair.second)]
        self._kernels = {id(n): edit.weight(n.input[1]).astype(np.float64) for n in nodes}
        self._factors = [np.ones(len(self._kernels[id(pair.first)])) for pair in pairs]

    def settle(self) -> float:
        """Balance every pair once; returns the largest change."""
        import numpy as np

        largest = 0.0
        for place, pair in enumerate(self._pairs):
            first, second = self._kernels[id(pair.first)], self._kernels[id(pair.second)]
            strong, weak = _by_output(first), _by_input(second, pair.second)
            alive = (strong > 0) & (weak > 0)
            ratio = np.divide(strong, weak, out=np.ones_like(strong), where=alive)
            wanted = np.sqrt(ratio) * self._factors[place]
            bounded = np.clip(wanted, 1 / _LARGEST_SCALE, _LARGEST_SCALE)
            scale = bounded / self._factors[place]
            self._factors[place] = bounded
            first /= _along(scale, 0, first.ndim)
            axis = 0 if is_depthwise(second, pair.second) else 1
            second *= _along(scale, axis, second.ndim)
            largest = max(largest, float(np.abs(np.log(scale)).max(initial=0.0)))
        return largest

    def store(self) -> None:
        """Write the balanced weights, biases and limits."""
        edit = self._edit
        nodes = {id(n): n for pair in self._pairs for n in (pair.first, pair.second)}
        for key, node in nodes.items():
            kernel = self._kernels[key].astype(edit.weight(node.input[1]).dtype)
            node.input[1] = edit.add_weight(f"{node.input[1]}/balanced", kernel)
        for pair, factors in zip(self._pairs, self._factors, strict=True):
            if len(pair.first.input) > 2 and pair.first.input[2]:
                bias = edit.weight(pair.first.input[2])
                shrunk = (bias / factors).astype(bias.dtype)
                pair.first.input[2] = edit.add_weight(f"{pair.first.input[2]}/balanced", shrunk)
            for clip in pair.clips:
                _limit_channels(edit, clip, factors, self._kernels[id(pair.first)].ndim)


def _pairs(edit: ModelEdit, treated: Collection[int], limits: Collection[int]) -> Iterator[_Pair]:
    consumers = edit.consumers()
    held = edit.outputs() | edit.captured()
    for first in edit.nodes:
        if id(first) not in treated or not _is_balanced_by_output(edit, first):
            continue
        name = first.output[0]
        clips: list[onnx.NodeProto] = []
        while name not in held and len(readers := consumers.get(name, [])) == 1:
            reader = readers[0]
            if id(reader) in treated and reader.op_type == "Conv" and reader.input[0] == name:
                if _is_balanced_by_input(edit, reader):
                    yield _Pair(first, reader, tuple(clips))
                break
            if reader.op_type == "Clip" and id(first) in limits and _starts_at_zero(edit, reader):
                clips.append(reader)
            elif reader.op_type not in _HOMOGENEOUS or not _keeps_channels(edit, reader, name):
                break
            name = reader.output[0]


def _keeps_channels(edit: ModelEdit, node: "onnx.NodeProto", name: str) -> bool:
    return node.input[0] == name and all(edit.is_weight(n) for n in node.input[1:] if n)


def _starts_at_zero(edit: ModelEdit, clip: "onnx.NodeProto") -> bool:
    stored = len(clip.input) > 2 and all(edit.is_weight(name) for name in clip.input[1:3])
    return stored and float(edit.weight(clip.input[1])) == 0


def _is_balanced_by_output(edit: ModelEdit, conv: "onnx.NodeProto") -> bool:
    return conv.op_type == "Conv" and all(edit.is_weight(n) for n in conv.input[1:] if n)


def _is_balanced_by_input(edit: ModelEdit, conv: "onnx.NodeProto") -> bool:
    if not edit.is_weight(conv.input[1]):
        return False
    return attribute(conv, "group", 1) == 1 or is_depthwise(edit.weight(conv.input[1]), conv)


def _by_output(kernel: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.abs(kernel).max(axis=tuple(range(1, kernel.ndim)), initial=0.0)


def _by_input(kernel: "np.ndarray", conv: "onnx.NodeProto") -> "np.ndarray":
    import numpy as np

    if is_depthwise(kernel, conv):
        return _by_output(kernel)
    return np.abs(kernel).max(axis=(0, *range(2, kernel.ndim)), initial=0.0)


def _along(scale: "np.ndarray", axis: int, rank: int) -> "np.ndarray":
    return scale.reshape(*[1] * axis, -1, *[1] * (rank - 1 - axis))


def _limit_channels(
    edit: ModelEdit, clip: "onnx.NodeProto", factors: "np.ndarray", rank: int
) -> None:
    """Turn Clip(0, top) into Relu and the least of that and top ÷ factor."""
    import numpy as np
    from onnx import helper

    top = float(edit.weight(clip.input[2]))
    limit = (top / factors).astype(np.float32)
    limit = limit.reshape(1, -1, *[1] * (rank - 2))
    name = edit.add_weight(f"{clip.output[0]}/limit", limit)
    whole = edit.fresh(f"{clip.output[0]}/unlimited")
    least = helper.make_node(
        "Min", [whole, name], list(clip.output), edit.fresh(f"{clip.name}/Min")
    )
    del clip.input[1:]
    clip.op_type = "Relu"
    clip.output[0] = whole
    edit.replace(clip, [clip, least])
