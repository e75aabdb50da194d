"""Generates large transformer graphs, named and wired as PyTorch's exporter would write them."""

import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Recipe:
    """What makes one of the graphs. `width` is the hidden size; small where only nodes count."""

    blocks: int
    experts: int = 0
    width: int = 8
    inner: int = 32
    external: bool = False
    differing: bool = False
    """Draw every elementwise operator at random, so that hardly two blocks are alike."""


RECIPES = {
    "t1k": Recipe(14),
    "t5k": Recipe(70),
    "t20k": Recipe(285),
    "t100k": Recipe(1430),
    "t100k-differing": Recipe(1430, differing=True),
    "moe20k": Recipe(44, experts=54),
    "moe100k": Recipe(54, experts=256),
    "w1500": Recipe(13, width=1536, inner=6144),
    "w2300x": Recipe(20, width=1536, inner=6144, external=True),
}
"""By the names under which ResNets and the like are compared in docs/benchmarks.md; the figure is
the count of nodes, or the megabytes of weights."""

_UNARY = ("Sqrt", "Abs", "Neg", "Exp", "Tanh", "Sigmoid", "Relu", "Erf", "Softplus", "Softsign")
_BINARY = ("Add", "Sub", "Mul", "Div", "Max", "Min")
_VOCABULARY = 16


def write_graph(name: str, folder: Path) -> Path:
    """Write the graph of this name into `folder` unless it is there already; returns its path."""
    path = folder / f"{name}.onnx"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        model = _Writer(RECIPES[name]).model()
        if RECIPES[name].external:
            data = {"save_as_external_data": True, "location": f"{path.name}.data"}
            onnx.save(model, path, size_threshold=1024, **data)
        else:
            onnx.save(model, path)
    return path


@dataclass
class _Writer:
    recipe: Recipe
    nodes: list[NodeProto] = field(default_factory=list)
    weights: list[TensorProto] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    numbers: bytes = b""

    def model(self) -> onnx.ModelProto:
        recipe = self.recipe
        x = self.op(
            "Gather", "/embed", self.weight("embed", _VOCABULARY, recipe.width), "input_ids"
        )
        for block in range(recipe.blocks):
            x = self.block(x, f"/block.{block}")
        x = self.norm(x, "/ln_f")
        x = self.op("MatMul", "/lm_head", x, self.weight("lm_head", recipe.width, _VOCABULARY))
        self.nodes.append(helper.make_node("Identity", [x], ["logits"], name="/out"))
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes,
            "transformer",
            [value("input_ids", TensorProto.INT64, [1, "seq"])],
            [value("logits", TensorProto.FLOAT, [1, "seq", _VOCABULARY])],
            self.weights,
        )
        opset = helper.make_opsetid("", 17)
        return helper.make_model(graph, opset_imports=[opset], ir_version=8)

    def op(self, kind: str, scope: str, *inputs: str, **attributes: object) -> str:
        return self.ops(kind, scope, *inputs, outputs=1, **attributes)[0]

    def ops(
        self, kind: str, scope: str, *inputs: str, outputs: int, **attributes: object
    ) -> list[str]:
        name = f"{scope}/{kind}_{len(self.nodes) + 1}"
        made = [f"{name}_output_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), made, name=name, **attributes))
        return made

    def unary(self, kind: str, scope: str, x: str) -> str:
        return self.op(self.chance.choice(_UNARY) if self.recipe.differing else kind, scope, x)

    def binary(self, kind: str, scope: str, x: str, y: str) -> str:
        chosen = self.chance.choice(_BINARY) if self.recipe.differing else kind
        return self.op(chosen, scope, x, y)

    def constant(self, scope: str, value: object) -> str:
        return self.op("Constant", scope, value=numpy_helper.from_array(np.array(value)))

    def weight(self, scope: str, *shape: int) -> str:
        """The numbers do not matter for drawing; all weights share one run of random bytes."""
        name = f"{scope.lstrip('/').replace('/', '.')}.{'weight' if len(shape) > 1 else 'bias'}"
        size = 4 * int(np.prod(shape))
        if len(self.numbers) < size:
            generator = np.random.default_rng(0)
            self.numbers = generator.standard_normal(size // 4, np.float32).tobytes()
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.raw_data = self.numbers[:size]
        self.weights.append(tensor)
        return name

    def linear(self, x: str, scope: str, inputs: int, outputs: int) -> str:
        y = self.op("MatMul", scope, x, self.weight(scope, inputs, outputs))
        return self.op("Add", scope, y, self.weight(scope, outputs))

    def norm(self, x: str, scope: str) -> str:
        width = self.recipe.width
        mean = self.op("ReduceMean", scope, x, axes=[-1])
        centred = self.binary("Sub", scope, x, mean)
        square = self.op("Pow", scope, centred, self.constant(scope, np.float32(2)))
        variance = self.op("ReduceMean", scope, square, axes=[-1])
        shifted = self.binary("Add", scope, variance, self.constant(scope, np.float32(1e-5)))
        scaled = self.binary("Div", scope, centred, self.unary("Sqrt", scope, shifted))
        gain = self.op("Mul", scope, scaled, self.weight(f"{scope}/gain", 1, width))
        return self.op("Add", scope, gain, self.weight(f"{scope}/shift", width))

    def block(self, x: str, scope: str) -> str:
        x = self.binary("Add", scope, x, self.attention(self.norm(x, f"{scope}/ln_1"), scope))
        inner = self.norm(x, f"{scope}/ln_2")
        make = self.mixture if self.recipe.experts else self.perceptron
        return self.binary("Add", scope, x, make(inner, f"{scope}/mlp"))

    def attention(self, x: str, around: str) -> str:
        width, scope = self.recipe.width, f"{around}/attn"
        heads = [self.linear(x, f"{scope}/{part}_proj", width, width) for part in "qkv"]
        length = self.op(
            "Gather",
            scope,
            self.op("Shape", scope, x),
            self.constant(scope, np.int64(1)),
            axis=0,
        )
        length = self.op("Unsqueeze", scope, length, self.constant(scope, np.array([0])))
        one, two = (self.constant(scope, np.array([size])) for size in (1, 2))
        last = self.constant(scope, np.array([width // 2]))
        shape = self.op("Concat", scope, one, length, two, last, axis=0)
        q, k, v = (
            self.op("Transpose", scope, self.op("Reshape", scope, head, shape), perm=perm)
            for head, perm in zip(heads, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
        )
        scores = self.op("MatMul", scope, q, k)
        scores = self.binary("Div", scope, scores, self.constant(scope, np.float32(2)))
        mixed = self.op("MatMul", scope, self.op("Softmax", scope, scores), v)
        mixed = self.op("Transpose", scope, mixed, perm=[0, 2, 1, 3])
        flat = self.constant(scope, np.array([1, -1, width]))
        mixed = self.op("Reshape", scope, mixed, flat)
        return self.linear(mixed, f"{scope}/out_proj", width, width)

    def perceptron(self, x: str, scope: str) -> str:
        width, inner, act = self.recipe.width, self.recipe.inner, f"{scope}/act"
        y = self.linear(x, f"{scope}/fc1", width, inner)
        half = self.binary("Div", act, y, self.constant(act, np.float32(1.4)))
        bent = self.binary(
            "Add", act, self.unary("Erf", act, half), self.constant(act, np.float32(1))
        )
        y = self.binary("Mul", act, y, bent)
        y = self.binary("Mul", act, y, self.constant(act, np.float32(0.5)))
        return self.linear(y, f"{scope}/fc2", inner, width)

    def mixture(self, x: str, scope: str) -> str:
        width, count = self.recipe.width, self.recipe.experts
        gate = self.op("Softmax", scope, self.linear(x, f"{scope}/gate", width, count))
        shares = self.ops("Split", scope, gate, outputs=count, axis=-1)
        answers: list[str] = []
        for number, share in enumerate(shares):
            expert = f"{scope}/experts.{number}"
            up = self.op("MatMul", f"{expert}/up", x, self.weight(f"{expert}/up", width, width))
            gated = self.op(
                "MatMul", f"{expert}/gate", x, self.weight(f"{expert}/gate", width, width)
            )
            bent = self.unary("Sigmoid", f"{expert}/act", gated)
            y = self.binary("Mul", f"{expert}/act", gated, bent)
            y = self.binary("Mul", expert, y, up)
            down = self.weight(f"{expert}/down", width, width)
            y = self.op("MatMul", f"{expert}/down", y, down)
            answers.append(self.op("Mul", expert, y, share))
        return self.op("Sum", scope, *answers)
