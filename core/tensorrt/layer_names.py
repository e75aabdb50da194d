"""Tells which layers of the model an engine's layer came from, by the name that TensorRT made up.

TensorRT joins the names of what it fuses: “Conv_5 + Add_6 + Relu_7”, “PWN(PWN(Sigmoid_1), Mul_2)”
for pointwise kernels, “A || B” for siblings, “{ForeignNode[first...last]}” for what its second
compiler or the DLA took whole. Names of weights stand among them, and of layers that it added
itself. From version 10 on the engine's metadata names the ONNX nodes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.model.graph import LayerId
from core.runtimes.base import ExecutedLayer
from core.runtimes.origins import Node, Origins
from core.tensorrt.outputs import EngineLayer, EngineLayers, LayerTimes

_COPY = re.compile(r"Reformatting CopyNode for (?:Input|Output) Tensor \d+ to (.+)", re.DOTALL)
_NETWORK_COPY = re.compile(r"Reformatting CopyNode for Network (?:Input|Output) (.+)", re.DOTALL)
_ADDED = re.compile(
    r"(?:copied_)?(?:un)?(?:squeeze|reshape|shuffle)_(?:node_)?(?:after|before)_(.+)", re.DOTALL
)
_BETWEEN = re.compile(r"(?:squeeze|reshape|shuffle)_between_(.+)_and_(.+)", re.DOTALL)
_FOREIGN = re.compile(r"\{ForeignNode\[(.+?)(?:\.\.\.(.+))?\]\}", re.DOTALL)
_CLONE = re.compile(r"_clone_\d+$")
_NODE = re.compile(r"\[ONNX Layer: (.+?)\](?=[\x1e\x1f]|\[ONNX|$)", re.DOTALL)
_JOINTS = re.compile(r"( \+ | \|\| )")
_PRECISIONS = (
    ("int8", "i8"),
    ("int4", "i4"),
    ("fp8", "fp8"),
    ("fp4", "fp4"),
    ("bf16", "bf16"),
    ("bfloat", "bf16"),
    ("fp16", "f16"),
    ("half", "f16"),
    ("fp32", "f32"),
    ("float", "f32"),
    ("int64", "i64"),
    ("int32", "i32"),
    ("bool", "bool"),
)
"""Words in TensorRT's formats and weight types → our names; the first that fits counts."""


@dataclass(frozen=True)
class Found:
    """What the name of an engine's layer says."""

    layers: tuple[LayerId, ...] = ()
    """Of the model, fused into it."""
    serves: tuple[LayerId, ...] = ()
    """Where TensorRT added it: the layers that it was added for."""
    converts: bool = False
    """Whether it only changes precision or layout."""


def executed_layers(
    times: LayerTimes, engine: EngineLayers | None, origins: Origins
) -> tuple[ExecutedLayer, ...]:
    """Every layer of an engine with its time and the model's layers behind it, in order.

    `engine` is what it consists of, if that was exported; precisions are only known from it.
    """
    known = {layer.name: layer for layer in engine.layers} if engine else {}
    names = FusedNames(origins, known)
    return tuple(_executed(time.name, time.milliseconds, names, known) for time in times.layers)


class FusedNames:
    """Reads the names of one engine's layers."""

    def __init__(self, origins: Origins, engine: Mapping[str, EngineLayer] | None = None) -> None:
        self._origins = origins
        self._engine = engine or {}
        self._borders = {
            origins.value(tensor.name)
            for layer in self._engine.values()
            for tensor in layer.outputs
            if origins.knows(tensor.name)
        }

    def find(self, name: str) -> Found:
        """What a layer of the engine is made of."""
        for added in (_COPY, _NETWORK_COPY, _ADDED, _BETWEEN):
            if (match := added.fullmatch(name)) is not None and self._origins.find(name) is None:
                serves = [layer for part in match.groups() for layer in self._served(part)]
                return Found(serves=_once(serves), converts=added in (_COPY, _NETWORK_COPY))
        nodes = list(self._nodes(name))
        layers = _once(node.layer for node in nodes if not node.glue)
        quantizes = bool(nodes) and not layers
        return Found(layers, self._readers(name) if quantizes else (), quantizes)

    def _served(self, name: str) -> tuple[LayerId, ...]:
        found = self.find(name)
        return found.layers or found.serves

    def _nodes(self, name: str) -> Iterator[Node]:
        layer = self._engine.get(name)
        told = _NODE.findall(layer.metadata) if layer else []
        if told:
            for one in told:
                yield from self._named(one)
        elif (foreign := _FOREIGN.search(name)) is not None:
            yield from self._inside(foreign[1], foreign[2] or foreign[1], layer)
        else:
            yield from self._parts(name)

    def _parts(self, text: str) -> Iterator[Node]:
        """The nodes that a joined name consists of; weights and added layers are none."""
        text = text.strip()
        if found := list(self._named(text)):
            yield from found
        elif text.startswith("PWN(") and text.endswith(")"):
            for part in _arguments(text[len("PWN(") : -1]):
                yield from self._parts(part)
        elif len(pieces := _JOINTS.split(text)) > 1:
            yield from self._joined(pieces)

    def _joined(self, pieces: list[str]) -> Iterator[Node]:
        """Pieces and, between them, what joined them; a layer's own name may hold such a joint."""
        start = 0
        while start < len(pieces):
            for end in range(len(pieces), start, -2):
                found = list(self._named("".join(pieces[start:end])))
                if found or end == start + 1:
                    yield from found or self._parts(pieces[start])
                    start = end + 1
                    break

    def _named(self, name: str) -> Iterator[Node]:
        node = self._origins.node(name) or self._origins.node(_CLONE.sub("", name))
        if node is not None:
            yield node

    def _inside(self, first: str, last: str, layer: EngineLayer | None) -> Iterator[Node]:
        """What lies between two nodes, both included."""
        origins = self._origins
        made = [t.name for t in layer.outputs if origins.knows(t.name)] if layer else []
        if made:
            yield from origins.behind(made, self._borders - {origins.value(t) for t in made})
            return
        begin, end = origins.find(first), origins.find(last)
        if begin is None or end is None:
            yield from (node for node in (begin, end) if node is not None)
            return
        yield from _between(begin, end, origins)

    def _readers(self, name: str) -> tuple[LayerId, ...]:
        """The layers that take what an engine's layer makes."""
        made = (
            {tensor.name for tensor in self._engine[name].outputs} if name in self._engine else ()
        )
        readers = [
            layer
            for layer in self._engine.values()
            if any(tensor.name in made for tensor in layer.inputs)
        ]
        found = (node for layer in readers for node in self._nodes(layer.name) if not node.glue)
        return _once(node.layer for node in found)


def precision_of(words: str) -> str:
    """“Row major linear FP16 format” → f16; empty where nothing is known in it."""
    small = words.lower()
    return next((ours for theirs, ours in _PRECISIONS if theirs in small), "")


def _executed(
    name: str, milliseconds: float, names: FusedNames, engine: Mapping[str, EngineLayer]
) -> ExecutedLayer:
    found = names.find(name)
    layer = engine.get(name) or EngineLayer.model_construct(name=name)
    taken = [precision_of(tensor.format) for tensor in layer.inputs]
    made = [precision_of(tensor.format) for tensor in layer.outputs]
    computed = precision_of(layer.weights_type) or next(filter(None, taken), "")
    return ExecutedLayer(
        name=name,
        kind=layer.kind,
        precision=next(filter(None, made), "") if found.converts else computed,
        source_precision=next(filter(None, taken), "") if found.converts else "",
        kernel=layer.tactic,
        milliseconds=milliseconds,
        layers=found.layers,
        serves=found.serves,
        converts=found.converts,
    )


def _between(first: Node, last: Node, origins: Origins) -> Iterator[Node]:
    """The nodes on the ways from one to another."""
    behind = origins.behind(origins.made_by(last), set(origins.flowing(first)))
    reached = {id(first)}
    size = 0
    while size < len(reached):
        size = len(reached)
        for node in reversed(behind):
            makers = (origins.maker(value) for value in origins.flowing(node))
            if any(id(maker) in reached for maker in makers if maker is not None):
                reached.add(id(node))
    yield from (node for node in reversed(behind) if id(node) in reached)


def _arguments(text: str) -> Iterator[str]:
    """Splits at commas outside parentheses."""
    depth, start = 0, 0
    for index, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and text.startswith(", ", index):
            yield text[start:index]
            start = index + 2
    yield text[start:]


def _once(layers: Iterable[LayerId]) -> tuple[LayerId, ...]:
    return tuple(dict.fromkeys(layers))
