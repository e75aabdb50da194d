"""SmoothQuant: loud channels of activations become quiet, and the weights behind them louder.

G. Xiao et al., “SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language
Models”, ICML 2023. Layer normalizations of transformers give a few channels that are 100 times
louder than the rest; one INT8 scale for all then leaves nothing for the others.
"""
# numpy leaves a few types open:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import InputError
from core.model.graph import Layer, ModelGraph
from core.parameters import Number
from core.techniques.activations import ActivationRunner
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome
from core.techniques.editing import ModelEdit, attribute
from core.techniques.refusals import domain_refusal, float_refusal, kernel_refusal

if TYPE_CHECKING:
    import numpy as np
    import onnx

_DENSE = frozenset({"Gemm", "MatMul"})
_AFFINE = frozenset({"Add", "Mul"})
_NORMALIZATION = "LayerNormalization"
_LARGEST_SCALE = 1e4

_STRENGTH = Number(
    "strength",
    "Share taken over by the weights",
    "0 leaves all differences between channels in the activations, 1 moves all into the weights.",
    default=0.5,
    minimum=0,
    maximum=1,
)


@dataclass(frozen=True)
class _Place:
    """A tensor whose channels can be scaled, with all that has to be changed for it."""

    tensor: str
    makers: "tuple[onnx.NodeProto, ...]"
    """The layers whose stored numbers per channel are divided."""
    readers: "tuple[onnx.NodeProto, ...]"
    """The layers whose weights are multiplied; they are all that read the tensor."""


class SmoothQuant(Technique):
    name = "smooth-quant"
    label = "SmoothQuant"
    short = "Smooth"
    summary = (
        "Moves differences between channels from activations into the weights behind a "
        "normalization, measured on your images. The model computes the same; INT8 after it loses "
        "less in transformers."
    )
    parameters = (_STRENGTH,)
    needs_calibration = True

    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        if layer.operator not in _DENSE:
            return "Only fully connected layers behind a normalization are smoothed."
        problem = domain_refusal(layer) or kernel_refusal(layer, graph)
        return problem or float_refusal(layer, graph) or _source_refusal(layer, graph)

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        if work.calibration is None:
            raise InputError(
                "SmoothQuant needs images.",
                "How loud each channel is, is learned from real inputs.",
                "Add images, or leave this step out.",
            )
        edit = ModelEdit.open(work.source)
        layers = edit.layers(work.choices)
        places = list(_places(edit, {id(node) for node in layers.values()}))
        loudest = _loudest(edit, places, work)
        strengths = {id(node): work.choices[key]["strength"] for key, node in layers.items()}
        for place in places:
            strength = float(strengths[id(place.readers[0])])
            _smooth(edit, place, loudest[place.tensor], strength)
        edit.save(work.target)
        touched = {id(node) for place in places for node in place.readers}
        treated = tuple(key for key, node in layers.items() if id(node) in touched)
        return TechniqueOutcome(treated, _notes(len(layers) - len(treated)))


def _source_refusal(layer: Layer, graph: ModelGraph) -> str | None:
    maker = graph.producers.get(layer.inputs[0])
    source = None if maker is None else graph.by_id[maker]
    if source is not None and source.weights and source.operator in _AFFINE | {_NORMALIZATION}:
        return None
    return "No normalization before it could take over the factors."


def _notes(left: int) -> tuple[str, ...]:
    if not left:
        return ()
    return (f"{left} layers stay as they are: others read the same normalization.",)


def _places(edit: ModelEdit, treated: Collection[int]) -> Iterator[_Place]:
    consumers, producers = edit.consumers(), edit.producers()
    held = edit.outputs() | edit.captured()
    for name in dict.fromkeys(node.input[0] for node in edit.nodes if id(node) in treated):
        readers = tuple(consumers[name])
        alike = all(
            id(reader) in treated and _scales_rows(edit, reader, name) for reader in readers
        )
        makers = _makers(edit, name, producers, consumers)
        if alike and makers and name not in held:
            yield _Place(name, makers, readers)


def _scales_rows(edit: ModelEdit, node: "onnx.NodeProto", name: str) -> bool:
    """Whether a layer multiplies a tensor's last axis by stored weights."""
    stored = edit.is_weight(node.input[1]) and edit.weight(node.input[1]).ndim == 2
    return node.input[0] == name and stored and not attribute(node, "transA", 0)


def _makers(
    edit: ModelEdit,
    name: str,
    producers: "Mapping[str, onnx.NodeProto]",
    consumers: "Mapping[str, list[onnx.NodeProto]]",
) -> "tuple[onnx.NodeProto, ...]":
    """The layers that scale and shift a tensor's channels last; empty where there are none."""
    found: list[onnx.NodeProto] = []
    while (node := producers.get(name)) is not None and _is_affine(edit, node):
        found.append(node)
        if node.op_type != "Add":
            return tuple(found)
        name = next(other for other in node.input if not edit.is_weight(other))
        if len(consumers[name]) > 1 or name in edit.outputs():
            return ()
    return ()


def _is_affine(edit: ModelEdit, node: "onnx.NodeProto") -> bool:
    """Whether it ends with a product by, or a sum with, stored numbers per channel."""
    if node.op_type == _NORMALIZATION:
        last = attribute(node, "axis", -1) == -1
        alone = len([name for name in node.output if name]) == 1
        return last and alone and all(edit.is_weight(name) for name in node.input[1:] if name)
    stored = [name for name in node.input if edit.is_weight(name)]
    if node.op_type not in _AFFINE or len(stored) != 1:
        return False
    numbers = edit.weight(stored[0])
    return numbers.size == 1 or numbers.shape[-1] == numbers.size


def _loudest(
    edit: ModelEdit, places: list[_Place], work: TechniqueInput
) -> "dict[str, np.ndarray]":
    """Largest absolute value per channel of each place, over all calibration inputs."""
    import numpy as np

    if not places or work.calibration is None:
        return {}
    runner = ActivationRunner(edit.model, tuple(place.tensor for place in places), work.scratch)
    found: dict[str, np.ndarray] = {}
    for done, inputs in enumerate(work.calibration(), start=1):
        for name, values in runner.activations(inputs):
            largest = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            found[name] = np.maximum(found[name], largest) if name in found else largest
        work.progress(done, work.calibration_count, "Finding loud channels")
    return found


def _smooth(edit: ModelEdit, place: _Place, loudest: "np.ndarray", strength: float) -> None:
    import numpy as np

    rows = [_by_row(edit, node) for node in place.readers]
    heaviest = np.max([np.abs(values).max(axis=1) for values in rows], axis=0)
    alive = (loudest > 0) & (heaviest > 0)
    wanted = np.where(alive, loudest, 1.0) ** strength
    wanted = wanted / np.where(alive, heaviest, 1.0) ** (1 - strength)
    scale = np.clip(np.where(alive, wanted, 1.0), 1 / _LARGEST_SCALE, _LARGEST_SCALE)
    for node in place.makers:
        for index, name in enumerate(node.input):
            if edit.is_weight(name):
                numbers = edit.weight(name)
                quieter = (numbers / scale).astype(numbers.dtype)
                node.input[index] = edit.add_weight(f"{name}/smoothed", quieter)
    for node in place.readers:
        values = edit.weight(node.input[1])
        along = scale if attribute(node, "transB", 0) else scale[:, None]
        louder = (values * along).astype(values.dtype)
        node.input[1] = edit.add_weight(f"{node.input[1]}/smoothed", louder)


def _by_row(edit: ModelEdit, node: "onnx.NodeProto") -> "np.ndarray":
    """A weight as (input channels, output channels)."""
    values = edit.weight(node.input[1])
    return values.T if attribute(node, "transB", 0) else values
