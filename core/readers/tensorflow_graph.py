"""Turns TensorFlow's graphs into nodes: constants folded, functions drawn where they are called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from core.model import tensor_types
from core.model.cost import Shape, Work
from core.model.graph import Dimension, Tensor, Weight
from core.model.scopes import Path
from core.readers.assembly import Node, Parts, Stored, stored
from core.readers.tensorflow import GraphNode, TensorFlowGraph

MOST_NODES = 1_000_000
"""Layers that functions may grow into: one that calls another twice doubles it."""
_DEEPEST = 50
_INPUTS = frozenset({"Placeholder", "PlaceholderWithDefault", "_Arg"})
_VARIABLES = frozenset({"VarHandleOp", "VariableV2", "Variable"})
_PREPARING = frozenset({"Identity", "ReadVariableOp", "Enter", "StopGradient"})
"""They only pass a constant on."""
_CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall", "RemoteCall"})
_NOTHING = frozenset({"NoOp", "Assert"})
"""They make nothing that flows on."""
_FIRST = frozenset(
    {"", "0", "output:0", "y:0", "z:0", "product:0", "activations:0", "features:0", "value:0"}
)
"""The ways in which a first output is written; functions name an operation's outputs."""
_ROLES = ("cond", "body", "then_branch", "else_branch", "branches")


class TooManyLayers(ValueError):
    """Functions that call each other without end."""


class _Where(NamedTuple):
    """The place that is being drawn."""

    inside: Path
    """The groups around it."""
    prefix: Path
    """What makes its names the model's: the calls that lead to it."""

    def within(self, call: str, *group: str) -> "_Where":
        return _Where((*self.inside, *group), (*self.prefix, call))


@dataclass
class _Builder:
    graph: TensorFlowGraph
    nodes: list[Node] = field(default_factory=list[Node])
    tensors: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    constants: dict[str, Stored] = field(default_factory=dict[str, Stored])
    inputs: list[str] = field(default_factory=list[str])
    aliases: dict[str, str] = field(default_factory=dict[str, str])

    def draw(self, nodes: Sequence[GraphNode], where: _Where) -> None:
        """Draw the nodes of a graph or a function."""
        if len(where.prefix) > _DEEPEST or len(self.nodes) > MOST_NODES:
            raise TooManyLayers("Its functions call each other without end.")
        used = _used_outputs(nodes)
        for node in nodes:
            self._draw_node(node, used.get(node.name, [""]), where)

    def _draw_node(self, node: GraphNode, outputs: Sequence[str], where: _Where) -> None:
        taken = [_local(one, where.prefix) for one in node.inputs if not one.startswith("^")]
        made = [_local(f"{node.name}{output}", where.prefix) for output in outputs]
        if node.op in _INPUTS:
            self._add_tensor(made[0], node, "dtype", "shape")
            self.inputs += made[:1]
        elif node.op == "Const":
            self._add_constant(made, node, "value")
        elif node.op in _VARIABLES:
            self._add_constant(made, node, "shape")
        elif (node.op == "Identity" and where.prefix and len(taken) == 1) or (
            node.op in _PREPARING and len(taken) == 1 and self.resolved(taken[0]) in self.constants
        ):
            self.aliases.update(dict.fromkeys(made, taken[0]))
        elif node.op in _CALLS or node.op in self.graph.functions:
            self._draw_call(node, taken, made, outputs, where)
        elif node.op not in _NOTHING:
            self._draw_operation(node, taken, made, where)

    def _add_constant(self, names: Sequence[str], node: GraphNode, attribute: str) -> None:
        value = node.attributes.get(attribute)
        dtype = node.attributes.get("dtype")
        shape = value.shape if value is not None else None
        fixed = tuple(size for size in shape or () if isinstance(size, int))
        kind = dtype.dtype if dtype is not None else "unknown"
        size = tensor_types.bytes_of(kind, fixed) or 0
        self.constants.update(
            (name, stored(Weight(name.removesuffix(":0"), kind, fixed, size))) for name in names
        )

    def _add_tensor(self, name: str, node: GraphNode, dtype: str, shape: str) -> None:
        kind, sizes = node.attributes.get(dtype), node.attributes.get(shape)
        known: tuple[Dimension, ...] | None = sizes.shape if sizes is not None else None
        self.tensors[name] = Tensor(name, kind.dtype if kind else "unknown", known)

    def _draw_call(
        self,
        node: GraphNode,
        taken: Sequence[str],
        made: Sequence[str],
        outputs: Sequence[str],
        where: _Where,
    ) -> None:
        """A call is no layer: what the function makes takes its place."""
        called = node.attributes.get("f")
        name = called.functions[0] if called and called.functions else node.op
        around = where.within(node.name)
        results = self._draw_function(name, taken, around)
        for tensor, output in zip(made, outputs, strict=True):
            number = _output_number(output)
            if number < len(results):
                self.aliases[tensor] = results[number]

    def _draw_function(self, name: str, taken: Sequence[str], where: _Where) -> list[str]:
        """Draw a function that is called with these tensors; returns what it makes."""
        function = self.graph.functions.get(name)
        if function is None:
            return []
        arguments = [_local(argument, where.prefix) for argument in function.arguments]
        self.aliases.update(zip(arguments, taken, strict=False))
        self.draw(function.nodes, where)
        return [_local(result, where.prefix) for result in function.results]

    def _draw_operation(
        self,
        node: GraphNode,
        taken: Sequence[str],
        made: Sequence[str],
        where: _Where,
    ) -> None:
        inputs = list(taken)
        called = [role for role in _ROLES if role in node.attributes]
        name = "/".join((*where.prefix, node.name))
        if called:
            where = where.within(node.name, _label(node))
        fed = taken[1:] if node.op.endswith(("If", "Case")) else taken
        for role in called:
            functions = node.attributes[role].functions
            for number, function in enumerate(functions):
                title = role.removesuffix("_branch") + (f" {number}" if len(functions) > 1 else "")
                inputs += self._draw_function(function, fed, where.within(title, title))
        self._add_tensor(
            made[0], node, "T" if "T" in node.attributes else "dtype", "_output_shapes"
        )
        self.nodes.append(
            Node(
                operator=node.op,
                name=name,
                path=_short(node.name, where.inside),
                inputs=tuple(inputs),
                outputs=tuple(made),
                inside=where.inside,
                attributes={
                    key: value.text
                    for key, value in node.attributes.items()
                    if value.text and not key.startswith("_")
                },
            )
        )

    def resolved(self, name: str) -> str:
        """The tensor behind the borders of functions."""
        for _ in range(_DEEPEST * 2):
            if name not in self.aliases:
                break
            name = self.aliases[name]
        return name


def parts_of(graph: TensorFlowGraph) -> Parts:
    """The layers that a SavedModel's signature needs, or all of a frozen graph.

    Raises TooManyLayers.
    """
    builder = _Builder(graph)
    wanted = [port.tensor for port in graph.outputs]
    nodes = _needed(graph.nodes, wanted) if wanted else graph.nodes
    builder.draw(nodes, _Where((), ()))
    drawn = [_resolved(node, builder) for node in builder.nodes]
    for port in graph.inputs:
        name = _local(port.tensor, ())
        builder.tensors[name] = Tensor(name, port.dtype, port.shape)
    outputs = [builder.resolved(_local(name, ())) for name in wanted] or _ends(drawn)
    for port, name in zip(graph.outputs, outputs, strict=False):
        builder.tensors[name] = Tensor(name, port.dtype, port.shape)
    return Parts(
        drawn,
        builder.tensors,
        builder.constants,
        list(dict.fromkeys(builder.inputs)),
        list(dict.fromkeys(outputs)),
    )


def _resolved(node: Node, builder: _Builder) -> Node:
    inputs = tuple(builder.resolved(name) for name in node.inputs)
    return replace(node, inputs=inputs, work=_work(node, inputs, builder))


def _work(node: Node, inputs: Sequence[str], builder: _Builder) -> Work | None:
    """The work of the heaviest operators; their weights are turned into ONNX's layout."""
    turn = _TURNED.get(node.operator)
    if turn is None or len(inputs) < 2:
        return None
    stored = builder.constants.get(inputs[1])
    weight = stored.weights[0].shape if stored and stored.weights else None
    tensor = builder.tensors.get(node.outputs[0])
    return turn(weight, _sizes(tensor.shape if tensor else None))


def _convolution(weight: Shape, output: Shape) -> Work:
    """Weights are (height, width, in, out)."""
    turned = (weight[3], weight[2], *weight[:2]) if weight and len(weight) == 4 else None
    return Work("Conv", [None, turned], [output], {}, frozenset({1}))


def _depthwise(weight: Shape, output: Shape) -> Work:
    """Weights are (height, width, channels, times)."""
    if not weight or len(weight) != 4 or weight[2] is None or weight[3] is None:
        return Work("Conv", [None, None], [output], {}, frozenset({1}))
    channels = weight[2] * weight[3]
    turned = (channels, 1, *weight[:2])
    return Work("Conv", [None, turned], [output], {"group": (channels,)}, frozenset({1}))


def _matrix(weight: Shape, output: Shape) -> Work:
    left = (1, weight[0]) if weight else None
    return Work("MatMul", [left, weight], [output], {}, frozenset({1}))


def _sizes(shape: Sequence[Dimension] | None) -> Shape:
    """A shape for batch 1."""
    if shape is None:
        return None
    sizes = [size if isinstance(size, int) else None for size in shape]
    return tuple(1 if size is None and not place else size for place, size in enumerate(sizes))


_TURNED: Mapping[str, Callable[[Shape, Shape], Work]] = {
    "Conv2D": _convolution,
    "DepthwiseConv2dNative": _depthwise,
    "MatMul": _matrix,
}


def _used_outputs(nodes: Sequence[GraphNode]) -> Mapping[str, list[str]]:
    """The outputs of each node that others take: “” for the first, else “:1” or “:indices:0”."""
    found: dict[str, dict[str, None]] = {}
    for node in nodes:
        for one in node.inputs:
            owner, _, output = one.partition(":")
            if not one.startswith("^"):
                found.setdefault(owner, {})[_suffix(output)] = None
    return {owner: sorted(outputs) for owner, outputs in found.items()}


def _suffix(output: str) -> str:
    """Empty for the first output, whichever way it is written."""
    return "" if output in _FIRST else f":{output}"


def _local(reference: str, inside: Path) -> str:
    owner, _, output = reference.partition(":")
    return "/".join((*inside, f"{owner}{_suffix(output)}"))


def _output_number(output: str) -> int:
    number = output.rpartition(":")[2]
    return int(number) if number.isdecimal() else 0


def _short(name: str, inside: Path) -> str:
    """A name without the groups that it is in: TensorFlow repeats them in functions' nodes."""
    for group in inside:
        name = name.removeprefix(f"{group}/")
    return name


def _label(node: GraphNode) -> str:
    return node.name.rpartition("/")[2] or node.op


def _needed(nodes: Sequence[GraphNode], wanted: Sequence[str]) -> list[GraphNode]:
    """The nodes on which these tensors depend, in file order."""
    by_name = {node.name: node for node in nodes}
    waiting = [name.partition(":")[0] for name in wanted]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found or name not in by_name:
            continue
        found.add(name)
        waiting += [one.lstrip("^").partition(":")[0] for one in by_name[name].inputs]
    return [node for node in nodes if node.name in found]


def _ends(nodes: Sequence[Node]) -> list[str]:
    """A frozen graph's outputs are what no layer takes."""
    taken = {name for node in nodes for name in node.inputs}
    return [name for node in nodes for name in node.outputs if name not in taken]
