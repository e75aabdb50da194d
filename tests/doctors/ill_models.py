"""Small real models that are ill in a known way, and the images that show it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

SIZE = 16
COLOURS = ("blue", "green", "grey", "red")
"""The classes, by output number."""
_TINTS = {
    "blue": (60, 60, 190),
    "green": (60, 190, 60),
    "grey": (120, 120, 120),
    "red": (190, 60, 60),
}


def write_images(folder: Path, *, labelled: bool = True, each: int = 6) -> Path:
    """Noisy images of four colours, one folder for each, or all together."""
    random = np.random.default_rng(1)
    for label, name in enumerate(COLOURS):
        place = folder / f"{label}_{name}" if labelled else folder
        place.mkdir(parents=True, exist_ok=True)
        for number in range(each):
            pixels = random.normal(_TINTS[name], 25, (SIZE, SIZE, 3)).clip(0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(place / f"{name}-{number}.png")
    return folder


def colour_model(path: Path) -> Path:
    """Takes the colour that is nearest, of RGB on −1 to 1; lost in pixels that are not scaled."""
    weights = {
        "tints": np.array([_TINTS[name] for name in COLOURS]).T / 127.5 - 1,
        "sharpness": np.array(-8.0),
    }
    axes = [numpy_helper.from_array(np.array([axis]), f"axis{axis}") for axis in (1, 2)]
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["pooled"], "pool"),
        helper.make_node("Flatten", ["pooled"], ["flat"], "flatten"),
        helper.make_node("Unsqueeze", ["flat", "axis2"], ["mean"], "mean"),
        helper.make_node("Sub", ["mean", "tints"], ["off"], "off"),
        helper.make_node("Abs", ["off"], ["distances"], "distances"),
        helper.make_node("ReduceSum", ["distances", "axis1"], ["far"], "far", keepdims=0),
        helper.make_node("Mul", ["far", "sharpness"], ["scores"], "head"),
    ]
    return _save(nodes, weights, path, axes)


def uneven_depthwise_model(path: Path) -> Path:
    """A depthwise layer “uneven” whose channels differ a thousandfold, undone by the next layer.

    One scale for all its channels leaves nothing of the small ones.
    """
    random = np.random.default_rng(3)
    sizes = np.geomspace(1e-3, 1.0, 8).astype(np.float32)
    stem = random.normal(0, 0.5, (8, 3, 1, 1)).astype(np.float32)
    depthwise = random.uniform(0.5, 1, (8, 1, 3, 3)).astype(np.float32) / 9
    weights = {
        "stem.weight": stem,
        "uneven.weight": depthwise * sizes[:, None, None, None],
        "mix.weight": random.normal(0, 1, (8, 8, 1, 1)).astype(np.float32) / sizes[:, None, None],
        "head.weight": random.normal(0, 2, (8, 4)).astype(np.float32),
        "head.bias": np.zeros(4, np.float32),
    }
    nodes = [
        _conv("stem", "image", pads=0),
        helper.make_node("Relu", ["stem"], ["stem.act"], "stem.relu"),
        _conv("uneven", "stem.act", pads=1, group=8),
        _conv("mix", "uneven", pads=0),
        helper.make_node("Relu", ["mix"], ["mix.act"], "mix.relu"),
        helper.make_node("GlobalAveragePool", ["mix.act"], ["pooled"], "pool"),
        helper.make_node("Flatten", ["pooled"], ["flat"], "flatten"),
        helper.make_node("Gemm", ["flat", "head.weight", "head.bias"], ["scores"], "head"),
    ]
    return _save(nodes, weights, path)


def overflowing_model(path: Path) -> Path:
    """Its layer “huge” reaches beyond what FP16 holds; the next one brings it back."""
    random = np.random.default_rng(5)
    weights = {
        "stem.weight": random.uniform(0.5, 1, (8, 3, 1, 1)).astype(np.float32),
        "huge.weight": random.uniform(10_000, 20_000, (8, 8, 1, 1)).astype(np.float32),
        "small.weight": random.normal(0, 1e-5, (8, 8, 1, 1)).astype(np.float32),
        "head.weight": random.normal(0, 2, (8, 4)).astype(np.float32),
        "head.bias": np.zeros(4, np.float32),
    }
    nodes = [
        _conv("stem", "image", pads=0),
        helper.make_node("Relu", ["stem"], ["stem.act"], "stem.relu"),
        _conv("huge", "stem.act", pads=0),
        _conv("small", "huge", pads=0),
        helper.make_node("GlobalAveragePool", ["small"], ["pooled"], "pool"),
        helper.make_node("Flatten", ["pooled"], ["flat"], "flatten"),
        helper.make_node("Gemm", ["flat", "head.weight", "head.bias"], ["scores"], "head"),
    ]
    return _save(nodes, weights, path)


def with_weight(
    source: Path, path: Path, name: str, change: Callable[[np.ndarray], np.ndarray]
) -> Path:
    """A copy of a model in which one weight is another."""
    model = onnx.load(source)
    for tensor in model.graph.initializer:
        if tensor.name == name:
            values = change(numpy_helper.to_array(tensor).copy())
            tensor.CopyFrom(numpy_helper.from_array(values, name))
    onnx.save(model, path)
    return path


def _conv(name: str, source: str, *, pads: int, group: int = 1) -> onnx.NodeProto:
    inputs = [source, f"{name}.weight"]
    return helper.make_node("Conv", inputs, [name], name, pads=[pads] * 4, group=group)


def _save(
    nodes: list[onnx.NodeProto],
    weights: dict[str, np.ndarray],
    path: Path,
    others: Sequence[onnx.TensorProto] = (),
) -> Path:
    stored = [numpy_helper.from_array(np.asarray(v, np.float32), n) for n, v in weights.items()]
    graph = helper.make_graph(
        nodes,
        "ill",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, len(COLOURS)])],
        [*stored, *others],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path
