"""Takes the mean error that quantization adds to each output channel out of the biases.

The empirical bias correction of M. Nagel et al., “Data-Free Quantization through Weight
Equalization and Bias Correction”, ICCV 2019: layer by layer in order, so that each layer is
corrected on inputs that the corrected layers before it made. The activations at the border are
kept for all images, so that the whole costs about one run of the model.
"""
# onnx and numpy leave a few types open:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from core.techniques.activations import ActivationRunner, run_nodes
from core.techniques.base import Feeds
from core.techniques.editing import ModelEdit, constant_nodes, float_attribute, taken_by
from core.techniques.weights import KERNELS

if TYPE_CHECKING:
    import numpy as np
    import onnx

IMAGES = 32
"""Images whose mean error counts; more change the mean hardly, and all are held in memory."""

_HELD_BYTES = 1 << 30
"""Activations held at a time, over all images; very large models get fewer images."""
_HELD_TOGETHER = 4
"""Large activations that are needed at one time, as a rule of thumb."""

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class ChannelMeans:
    """What the layers give on average before anything is quantized."""

    means: "Mapping[str, np.ndarray]"
    """Output tensor of a layer to its mean per channel, float64, shape (channels,)."""
    images: int


def channel_means(
    model: "onnx.ModelProto",
    layers: "Collection[onnx.NodeProto]",
    feeds: Callable[[], Iterator[Feeds]],
    scratch: Path,
) -> ChannelMeans:
    """Mean output per channel of every layer that `correct_biases` can treat."""
    names = tuple(node.output[0] for node in layers if node.op_type in KERNELS - {"MatMul"})
    if not names:
        return ChannelMeans({}, 0)
    runner = ActivationRunner(model, names, scratch)
    sums: dict[str, np.ndarray] = {}
    done, largest = 0, 1
    for inputs in islice(feeds(), IMAGES):
        if done and done * largest * _HELD_TOGETHER > _HELD_BYTES:
            break
        for name, values in runner.activations(inputs):
            sums[name] = sums.get(name, 0.0) + _channel_mean(values)
            largest = max(largest, values.nbytes)
        done += 1
    return ChannelMeans({name: total / max(done, 1) for name, total in sums.items()}, done)


def correct_biases(
    edit: ModelEdit,
    layers: "Sequence[onnx.NodeProto]",
    reference: ChannelMeans,
    feeds: Callable[[], Iterator[Feeds]],
    report: Report = lambda done, total: None,
) -> int:
    """Change the biases of quantized layers so that their outputs keep the `reference` means.

    `edit` is arranged: all pairs are in their places. Returns how many layers were corrected.
    """
    wanted = {id(node) for node in layers if node.output[0] in reference.means}
    wanted = {id(node) for node in edit.nodes if id(node) in wanted and _can_shift(edit, node)}
    border = _Border(edit, list(islice(feeds(), reference.images)))
    done = 0
    for end, node in enumerate(edit.nodes):
        if id(node) not in wanted:
            continue
        border.advance(end + 1)
        shift = reference.means[node.output[0]] - border.mean(node.output[0])
        _shift_bias(edit, node, shift)
        border.shift(node.output[0], shift)
        done += 1
        report(done, len(wanted))
    return done


class _Border:
    """All activations that the rest of a model needs, for each image."""

    def __init__(self, edit: ModelEdit, images: "list[Feeds]") -> None:
        self._edit = edit
        self._reached = 0
        self._held: list[dict[str, np.ndarray]] = [dict(feeds) for feeds in images]
        self._constant = constant_nodes(edit)
        self._last_use = {
            name: place for place, node in enumerate(edit.nodes) for name in taken_by(node)
        }

    def advance(self, end: int) -> None:
        """Run the nodes up to `end`, and forget what no later node takes."""
        last = self._edit.nodes[end - 1].output[0]
        constant = {id(node) for node in self._constant.values()}
        nodes = [n for n in self._edit.nodes[self._reached : end] if id(n) not in constant]
        made = [name for node in nodes for name in node.output if name]
        results = run_nodes(
            self._edit,
            [*self._needed(nodes), *nodes],
            [name for name in made if name == last or self._is_needed(name, end)],
            self._held,
        )
        for held, found in zip(self._held, results, strict=True):
            held.update(found)
            for name in [name for name in held if name != last and not self._is_needed(name, end)]:
                del held[name]
        self._reached = end

    def _is_needed(self, name: str, end: int) -> bool:
        return self._last_use.get(name, -1) >= end

    def _needed(self, nodes: "Sequence[onnx.NodeProto]") -> "list[onnx.NodeProto]":
        """The nodes that make the constants of these nodes, such as dequantized weights."""
        found: list[onnx.NodeProto] = []
        names = [name for node in nodes for name in taken_by(node)]
        while names:
            maker = self._constant.get(names.pop())
            if maker is not None and all(maker is not node for node in found):
                found.append(maker)
                names += taken_by(maker)
        return found[::-1]

    def mean(self, name: str) -> "np.ndarray":
        import numpy as np

        return np.mean([_channel_mean(held[name]) for held in self._held], axis=0)

    def shift(self, name: str, by: "np.ndarray") -> None:
        for held in self._held:
            values = held[name]
            held[name] = values + by.astype(values.dtype).reshape(_along_channels(values))


def _channel_mean(values: "np.ndarray") -> "np.ndarray":
    """Mean over all axes but the channels; float64, since many numbers are added."""
    import numpy as np

    others = tuple(axis for axis in range(values.ndim) if axis != 1)
    return values.mean(axis=others, dtype=np.float64)


def _along_channels(values: "np.ndarray") -> tuple[int, ...]:
    return (1, -1, *[1] * (values.ndim - 2))


def _can_shift(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    """Whether the layer's bias is stored, or can be added."""
    stored = len(node.input) < 3 or not node.input[2] or edit.is_weight(node.input[2])
    return stored and float_attribute(node, "beta", 1.0) != 0


def _shift_bias(edit: ModelEdit, node: "onnx.NodeProto", shift: "np.ndarray") -> None:
    import numpy as np

    has_bias = len(node.input) > 2 and node.input[2] != ""
    old = edit.weight(node.input[2]) if has_bias else np.zeros(len(shift), np.float32)
    shifted = (old + shift / float_attribute(node, "beta", 1.0)).astype(np.float32)
    name = edit.add_weight(f"{node.output[0]}/corrected_bias", shifted)
    kept = list(node.input[:2])
    del node.input[:]
    node.input.extend([*kept, name])
