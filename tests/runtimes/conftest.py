"""Small models whose layers runtimes fuse, rename, move and block."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

Save = Callable[..., Path]


@pytest.fixture(scope="session")
def save_model(tmp_path_factory: pytest.TempPathFactory) -> Save:
    """Write nodes with weights of these shapes as a model from “x” to “y”."""
    folder = tmp_path_factory.mktemp("fused")

    def save(
        name: str,
        nodes: list[NodeProto],
        weights: dict[str, tuple[int, ...]],
        x: tuple[int, ...],
        constants: dict[str, float] | None = None,
    ) -> Path:
        random = np.random.default_rng(0)
        stored = [
            numpy_helper.from_array(random.normal(0, 0.2, shape).astype(np.float32), weight)
            for weight, shape in weights.items()
        ]
        for constant, value in (constants or {}).items():
            stored.append(numpy_helper.from_array(np.array(value, np.float32), constant))
        graph = helper.make_graph(
            nodes,
            name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            stored,
        )
        opsets = [helper.make_opsetid("", 18)]
        path = folder / f"{name}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
        return path

    return save


@pytest.fixture(scope="session")
def silu_model(save_model: Save) -> Path:
    """Two convolutions, each with x · sigmoid(x) behind it."""
    nodes: list[NodeProto] = []
    for block, (source, target) in {"a": ("x", "mid"), "b": ("mid", "y")}.items():
        nodes += [
            helper.make_node(
                "Conv", [source, f"{block}.w"], [f"{block}.c"], f"{block}/Conv", pads=[1] * 4
            ),
            helper.make_node("Sigmoid", [f"{block}.c"], [f"{block}.s"], f"{block}/Sigmoid"),
            helper.make_node("Mul", [f"{block}.c", f"{block}.s"], [target], f"{block}/Mul"),
        ]
    shapes = {"a.w": (16, 3, 3, 3), "b.w": (16, 16, 3, 3)}
    return save_model("silu", nodes, shapes, (1, 3, 32, 32))


@pytest.fixture(scope="session")
def gelu_model(save_model: Save) -> Path:
    """A convolution, GELU in its five parts, and another convolution."""
    nodes = [
        helper.make_node("Conv", ["x", "a.w"], ["a"], "a/Conv"),
        helper.make_node("Div", ["a", "root"], ["scaled"], "gelu/Div"),
        helper.make_node("Erf", ["scaled"], ["erf"], "gelu/Erf"),
        helper.make_node("Add", ["erf", "one"], ["shifted"], "gelu/Add"),
        helper.make_node("Mul", ["a", "shifted"], ["doubled"], "gelu/Mul"),
        helper.make_node("Mul", ["doubled", "half"], ["act"], "gelu/Half"),
        helper.make_node("Conv", ["act", "b.w"], ["y"], "b/Conv"),
    ]
    shapes = {"a.w": (16, 16, 1, 1), "b.w": (16, 16, 1, 1)}
    constants = {"root": 2**0.5, "one": 1.0, "half": 0.5}
    return save_model("gelu", nodes, shapes, (1, 16, 32, 32), constants)


@pytest.fixture(scope="session")
def residual_model(save_model: Save) -> Path:
    """A convolution whose result is added to its input, pooled and multiplied by a matrix."""
    nodes = [
        helper.make_node("Conv", ["x", "a.w", "a.b"], ["a"], "a/Conv", pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["a.r"], "a/Relu"),
        helper.make_node("Conv", ["a.r", "b.w", "b.b"], ["b"], "b/Conv", pads=[1] * 4),
        helper.make_node("Add", ["a.r", "b"], ["sum"], "b/Add"),
        helper.make_node("Relu", ["sum"], ["b.r"], "b/Relu"),
        helper.make_node("GlobalAveragePool", ["b.r"], ["pooled"], "pool"),
        helper.make_node("Flatten", ["pooled"], ["flat"], "flatten"),
        helper.make_node("MatMul", ["flat", "head.w"], ["product"], "head/MatMul"),
        helper.make_node("Add", ["product", "head.b"], ["y"], "head/Add"),
    ]
    shapes = {
        "a.w": (16, 8, 3, 3),
        "a.b": (16,),
        "b.w": (16, 16, 3, 3),
        "b.b": (16,),
        "head.w": (16, 4),
        "head.b": (4,),
    }
    return save_model("residual", nodes, shapes, (1, 8, 32, 32))


@pytest.fixture(scope="session")
def loop_model(save_model: Save) -> Path:
    """Multiplies by a matrix four times, in the body of a loop."""
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["state", "w"], ["next"], "body/MatMul"),
            helper.make_node("Identity", ["going"], ["on"], "body/Identity"),
        ],
        "body",
        [
            helper.make_tensor_value_info("count", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("state", TensorProto.FLOAT, [64, 64]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, [64, 64]),
        ],
    )
    times = numpy_helper.from_array(np.array(4, np.int64), "times")
    nodes = [
        helper.make_node("Constant", [], ["times"], "times", value=times),
        helper.make_node("Loop", ["times", "", "x"], ["z"], "loop", body=body),
        helper.make_node("Relu", ["z"], ["y"], "after"),
    ]
    return save_model("loop", nodes, {"w": (64, 64)}, (64, 64))


@pytest.fixture(scope="session")
def quantized_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with 8-bit activations and weights between Q and DQ nodes."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Noise(CalibrationDataReader):
        def __init__(self) -> None:
            random = np.random.default_rng(0)
            self._left = [random.random((1, 3, 16, 16), np.float32) for _ in range(4)]

        def get_next(self) -> Mapping[str, np.ndarray] | None:
            return {"image": self._left.pop()} if self._left else None

    target = tmp_path_factory.mktemp("quantized") / "quantized.onnx"
    logging.disable(logging.WARNING)
    try:
        quantize_static(
            tiny_model,
            target,
            Noise(),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"QuantizeBias": False},
        )
    finally:
        logging.disable(logging.NOTSET)
    return target


@pytest.fixture(scope="session")
def free_size_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with a free batch, height and width."""
    model = onnx.load(tiny_model)
    sizes = model.graph.input[0].type.tensor_type.shape.dim
    for axis, name in {0: "batch", 2: "height", 3: "width"}.items():
        sizes[axis].dim_param = name
    path = tmp_path_factory.mktemp("free") / "free.onnx"
    onnx.save(model, path)
    return path
