"""Takes Caffe's networks apart: prototxt text, and the binary caffemodel with its weights."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.model.cost import Work
from core.model.graph import Dimension, Tensor, Weight
from core.readers import text_protobuf
from core.readers.assembly import Node, Parts, Stored, stored
from core.readers.protobuf import Message

_SIZES = ("batch", "channels", "height", "width")
_V1_TYPES: Mapping[int, str] = {
    1: "Accuracy", 2: "BNLL", 3: "Concat", 4: "Convolution", 5: "Data", 6: "Dropout",
    7: "EuclideanLoss", 8: "Flatten", 9: "HDF5Data", 10: "HDF5Output", 11: "Im2col",
    12: "ImageData", 13: "InfogainLoss", 14: "InnerProduct", 15: "LRN",
    16: "MultinomialLogisticLoss", 17: "Pooling", 18: "ReLU", 19: "Sigmoid", 20: "Softmax",
    21: "SoftmaxWithLoss", 22: "Split", 23: "TanH", 24: "WindowData", 25: "Eltwise", 26: "Power",
    27: "SigmoidCrossEntropyLoss", 28: "HingeLoss", 29: "MemoryData", 30: "ArgMax",
    31: "Threshold", 32: "DummyData", 33: "Slice", 34: "MVN", 35: "AbsVal", 36: "Silence",
    37: "ContrastiveLoss", 38: "Exp", 39: "Deconvolution",
}  # fmt: skip
"""V1LayerParameter.LayerType of caffe.proto."""
_TITLES: Mapping[str, str] = {
    re.sub("[^A-Z0-9]", "", name.upper()): name for name in _V1_TYPES.values()
}
_ONNX: Mapping[str, str] = {
    "Convolution": "Conv", "Deconvolution": "ConvTranspose", "InnerProduct": "Gemm",
}  # fmt: skip


@dataclass(frozen=True)
class CaffeLayer:
    """One layer, whichever form it was read from."""

    name: str
    type: str
    bottoms: Sequence[str]
    tops: Sequence[str]
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    blobs: Sequence[tuple[int, ...]] = ()
    """Shapes of its weights."""


@dataclass(frozen=True)
class CaffeNet:
    """A network as the file gives it."""

    name: str
    layers: Sequence[CaffeLayer]
    inputs: Sequence[tuple[str, tuple[Dimension, ...] | None]]
    left_out: int = 0
    """Layers that are for training only."""


def net_from_text(text: str) -> CaffeNet:
    """Read prototxt. Raises text_protobuf.BrokenText."""
    message = text_protobuf.parse(text)
    rows = text_protobuf.messages_of(message, "layer") or text_protobuf.messages_of(
        message, "layers"
    )
    kept = [row for row in rows if not _for_training(row)]
    layers = [_layer_from_text(row) for row in kept]
    names = text_protobuf.texts_of(message, "input")
    shapes = list(_input_shapes(message, len(names)))
    inputs = [(name, shape) for name, shape in zip(names, shapes, strict=True)]
    name = text_protobuf.text_of(message, "name")
    return CaffeNet(name, layers, inputs, len(rows) - len(kept))


def net_from_binary(data: memoryview) -> CaffeNet:
    """Read a caffemodel; the numbers of its weights are stepped over. Raises BrokenFile."""
    message = Message(data)
    layers = [_layer_from_binary(inner) for inner in message.messages(100)]
    layers = layers or [_v1_layer(inner) for inner in message.messages(2)]
    inputs: list[tuple[str, tuple[Dimension, ...] | None]] = [
        (name, None) for name in message.texts(3)
    ]
    return CaffeNet(message.text(1), layers, inputs)


def parts_of(net: CaffeNet) -> Parts:
    """The network's nodes. A layer that writes over its input makes a new tensor."""
    now: dict[str, str] = {name: name for name, _ in net.inputs}
    tensors = {name: Tensor(name, "float32", shape) for name, shape in net.inputs}
    constants: dict[str, Stored] = {}
    nodes: list[Node] = []
    inputs = [name for name, _ in net.inputs]
    for layer in net.layers:
        taken = [now.get(name, name) for name in layer.bottoms]
        if layer.type == "Input" or (not taken and layer.type.endswith("Data")):
            inputs += layer.tops
            shape = _shape_in(layer.attributes.get("shape.dim", ""))
            now.update((top, top) for top in layer.tops)
            tensors.update((top, Tensor(top, "float32", shape)) for top in layer.tops)
            continue
        made = [top if top not in now else f"{top}@{layer.name}" for top in layer.tops]
        weights = list(_weights(layer))
        constants.update((weight.name, stored(weight, learnt=True)) for weight in weights)
        nodes.append(_node(layer, taken, made, weights))
        now.update(zip(layer.tops, made, strict=True))
        tensors.update((name, Tensor(name, "float32", None)) for name in made)
    warnings: list[str] = []
    if net.left_out:
        warnings.append(f"Layers for training only are not drawn: {net.left_out}.")
    inputs = list(dict.fromkeys(inputs))
    return Parts(nodes, tensors, constants, inputs, _ends(nodes), warnings)


def _node(
    layer: CaffeLayer, taken: Sequence[str], made: Sequence[str], weights: Sequence[Weight]
) -> Node:
    operator = _ONNX.get(layer.type, layer.type) if weights else layer.type
    places = range(len(taken), len(taken) + len(weights))
    kernel = [int(n) for n in re.findall(r"\d+", layer.attributes.get("kernel_size", ""))]
    return Node(
        operator=layer.type,
        name=layer.name,
        inputs=(*taken, *(weight.name for weight in weights)),
        outputs=tuple(made),
        attributes=layer.attributes,
        work=Work(
            operator=operator,
            inputs=[*(None for _ in taken), *(weight.shape for weight in weights)],
            outputs=[None for _ in made],
            numbers={"kernel_shape": kernel * 2 if len(kernel) == 1 else kernel},
            stored=frozenset(places),
        ),
    )


def _weights(layer: CaffeLayer) -> Iterator[Weight]:
    for number, shape in enumerate(layer.blobs):
        size = 4
        for length in shape:
            size *= length
        yield Weight(f"{layer.name}.{number}", "float32", tuple(shape), size)


def _ends(nodes: Sequence[Node]) -> list[str]:
    """A network's outputs are what no layer takes."""
    taken = Counter(name for node in nodes for name in node.inputs)
    return [name for node in nodes for name in node.outputs if not taken[name]]


def _for_training(row: text_protobuf.Message) -> bool:
    rules = text_protobuf.messages_of(row, "include")
    return bool(rules) and all(text_protobuf.text_of(rule, "phase") == "TRAIN" for rule in rules)


def _layer_from_text(row: text_protobuf.Message) -> CaffeLayer:
    attributes: dict[str, str] = {}
    for name in row:
        if name.endswith("_param"):
            for inner in text_protobuf.messages_of(row, name):
                attributes |= text_protobuf.flattened(inner)
    kind = text_protobuf.text_of(row, "type", "Unknown")
    return CaffeLayer(
        name=text_protobuf.text_of(row, "name"),
        type=_TITLES.get(kind.replace("_", ""), kind) if kind.isupper() else kind,
        bottoms=text_protobuf.texts_of(row, "bottom"),
        tops=text_protobuf.texts_of(row, "top"),
        attributes=attributes,
    )


def _input_shapes(
    message: text_protobuf.Message, count: int
) -> Iterator[tuple[Dimension, ...] | None]:
    """Four numbers for each input in the old form, a message for each in the newer one."""
    old = text_protobuf.texts_of(message, "input_dim")
    new = text_protobuf.messages_of(message, "input_shape")
    for number in range(count):
        if number < len(new):
            yield _shape_in(", ".join(text_protobuf.texts_of(new[number], "dim")))
        else:
            yield _shape_in(", ".join(old[number * 4 : number * 4 + len(_SIZES)]))


def _shape_in(text: str) -> tuple[Dimension, ...] | None:
    sizes = re.findall(r"\d+", text)
    return tuple(int(size) for size in sizes) if sizes else None


def _layer_from_binary(message: Message) -> CaffeLayer:
    return CaffeLayer(
        name=message.text(1),
        type=message.text(2) or "Unknown",
        bottoms=message.texts(3),
        tops=message.texts(4),
        blobs=[_blob_shape(blob) for blob in message.messages(7)],
    )


def _v1_layer(message: Message) -> CaffeLayer:
    return CaffeLayer(
        name=message.text(4),
        type=_V1_TYPES.get(message.number(5), "Unknown"),
        bottoms=message.texts(2),
        tops=message.texts(3),
        blobs=[_blob_shape(blob) for blob in message.messages(6)],
    )


def _blob_shape(blob: Message) -> tuple[int, ...]:
    """Field 7 in the newer form; four numbers in fields 1 to 4 in the old one."""
    shape = blob.message(7)
    if shape is not None:
        return tuple(max(size, 0) for size in shape.numbers(1))
    return tuple(max(blob.number(field), 0) for field in (1, 2, 3, 4))
