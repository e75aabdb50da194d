"""Turns an OpenVINO network into nodes: constants folded into their users, bodies as groups."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.model import cost, tensor_types
from core.model.attributes import plain
from core.model.graph import Tensor, Weight
from core.model.scopes import Path
from core.model.topology import running_order
from core.readers.assembly import Node, Parts, Stored, stored
from core.readers.openvino_cost import numbers_of, work_of
from core.readers.openvino_net import Blob, Net, Op

_CONSTANT = frozenset({"Const", "Constant"})
_INPUTS = frozenset({"Parameter", "Input"})
_RESULTS = frozenset({"Result"})
_PREPARING = frozenset(
    {
        "Convert", "FakeQuantize", "FakeConvert", "Multiply", "Reshape", "Squeeze", "Subtract",
        "Transpose", "Unsqueeze",
    }
)  # fmt: skip
"""They only prepare a weight where all that they take is constant."""
_STANDARD_OPSET = "opset"
_MOST_NESTED = 50


@dataclass
class _Builder:
    bin_bytes: int | None
    """Size of the file of weights; None where there is none, and where it does not matter."""
    nodes: list[Node] = field(default_factory=list[Node])
    tensors: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    constants: dict[str, Stored] = field(default_factory=dict[str, Stored])
    inputs: list[str] = field(default_factory=list[str])
    outputs: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])
    used: set[str] = field(default_factory=set[str])

    def draw(self, net: Net, inside: Path, fed: Mapping[str, str]) -> dict[str, str]:
        """Draw one network; `fed` has the outer tensor for each Parameter of a body.

        Returns the tensor that each Result passes on, by the Result's id.
        """
        view = _View(net)
        made: dict[tuple[str, str], str] = {}
        results: dict[str, str] = {}
        shown = {start for (start, _), (op, _) in net.edges if view.type_of(op) in _RESULTS}
        for op in view.in_order():
            taken = [made.get(source, "") for source in view.sources(op)]
            if op.type in _RESULTS:
                results[op.id] = taken[0] if taken else ""
                continue
            outer = fed.get(op.id)
            if outer:
                made.update({(op.id, port.id): outer for port in op.outputs})
                continue
            names = self._name_outputs(op, inside)
            made.update(zip(((op.id, port.id) for port in op.outputs), names, strict=True))
            if op.type in _INPUTS:
                self.inputs += [] if inside else names
            elif op.id in shown or not self._keep_constant(op, taken, names):
                self._draw_op(op, taken, names, inside)
        if not inside:
            self.outputs += results.values() or view.loose_ends(made)
        return results

    def _name_outputs(self, op: Op, inside: Path) -> list[str]:
        names: list[str] = []
        for number, port in enumerate(op.outputs):
            own = f"{op.name}:{number}" if len(op.outputs) > 1 else op.name
            name = port.names[0] if port.names else own
            name = "/".join((*inside, name)) if inside else name
            name = name if name not in self.used else f"{name}#{len(self.used)}"
            self.used.add(name)
            self.tensors[name] = Tensor(name, port.dtype, port.shape)
            names.append(name)
        return names

    def _keep_constant(self, op: Op, taken: Sequence[str], names: Sequence[str]) -> bool:
        """Whether an operation is a constant, or only prepares one, and so is no layer."""
        if op.type in _CONSTANT:
            found = [stored(self._weight(blob)) for blob in op.blobs]
            self.constants[names[0]] = found[0] if found else Stored((), 0)
            return True
        known = [self.constants[name] for name in taken if name in self.constants]
        if op.type not in _PREPARING or not known or len(known) != len(taken):
            return False
        weights = tuple(dict.fromkeys(weight for found in known for weight in found.weights))
        self.constants[names[0]] = Stored(weights, known[0].parameters)
        return True

    def _weight(self, blob: Blob) -> Weight:
        size = tensor_types.bytes_of(blob.dtype, blob.shape or ())
        name = plain(blob.name)
        if blob.shape is not None and size is not None and size != blob.bytes:
            says = f"says it has {size:,} bytes and {blob.bytes:,} are stored"
            self.warnings.append(f"Weight “{name}” {says}.")
        if self.bin_bytes is not None and blob.offset + blob.bytes > self.bin_bytes:
            self.warnings.append(f"Weight “{name}” lies beyond the end of the file of weights.")
        return Weight(blob.name, blob.dtype, blob.shape or (), blob.bytes)

    def _draw_op(self, op: Op, taken: Sequence[str], names: Sequence[str], inside: Path) -> None:
        inputs = [*taken, *self._own_weights(op)]
        work = self._work(op, inputs, names)
        if op.bodies and len(inside) < _MOST_NESTED:
            inside = (*inside, op.name.split("/")[-1] or op.type)
            inputs += self._draw_bodies(op, taken, inside)
        opset = {"opset": op.opset} if op.opset else {}
        standard = op.opset.startswith(_STANDARD_OPSET) or not op.opset
        self.nodes.append(
            Node(
                operator=op.type,
                domain="" if standard else op.opset,
                name=op.name,
                path=op.name.removeprefix("/".join(inside) + "/"),
                inputs=tuple(inputs),
                outputs=tuple(names),
                inside=inside,
                attributes={**op.attributes, **opset},
                work=work,
            )
        )

    def _own_weights(self, op: Op) -> list[str]:
        """Weights that a layer of the old versions has without a constant of its own."""
        for blob in op.blobs:
            self.constants[blob.name] = stored(self._weight(blob))
        return [blob.name for blob in op.blobs]

    def _draw_bodies(self, op: Op, taken: Sequence[str], inside: Path) -> list[str]:
        """What the bodies make flows into the operation itself."""
        ports = {port.id: name for port, name in zip(op.inputs, taken, strict=False)}
        leaving: list[str] = []
        for body in op.bodies:
            fed = {inner: ports.get(outer, "") for outer, inner in body.inputs}
            role = body.role.removesuffix("_body")
            path = inside if len(op.bodies) == 1 else (*inside, role)
            results = self.draw(body.net, path, fed)
            leaving += [results[inner] for inner in body.results if results.get(inner)]
        return leaving

    def _work(self, op: Op, inputs: Sequence[str], names: Sequence[str]) -> cost.Work | None:
        return work_of(
            cost.Work(
                operator=op.type,
                inputs=[_sizes(port.shape) for port in op.inputs],
                outputs=[_sizes(port.shape) for port in op.outputs],
                numbers=numbers_of(op.attributes),
                stored=frozenset(i for i, name in enumerate(inputs) if name in self.constants),
            )
        )


class _View:
    """A network's wiring, looked up from both ends."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._ops = {op.id: op for op in net.ops}
        self._before = {end: start for start, end in net.edges}
        self._used = {start for start, _ in net.edges}

    def type_of(self, op: str) -> str:
        return self._ops[op].type if op in self._ops else ""

    def sources(self, op: Op) -> list[tuple[str, str]]:
        """Where each input comes from; nowhere is a pair of empty texts."""
        return [self._before.get((op.id, port.id), ("", "")) for port in op.inputs]

    def in_order(self) -> list[Op]:
        ops = list(self._ops.values())
        taken = [[_key(source) for source in self.sources(op)] for op in ops]
        made = [[_key((op.id, port.id)) for port in op.outputs] for op in ops]
        return [ops[index] for index in running_order(taken, made).indices]

    def loose_ends(self, made: Mapping[tuple[str, str], str]) -> list[str]:
        """Outputs of networks before version 10, which have no Result: what nobody takes."""
        return [
            name
            for (op, port), name in made.items()
            if (op, port) not in self._used and self._ops[op].type not in _INPUTS | _CONSTANT
        ]


def parts_of(net: Net, bin_bytes: int | None = None) -> Parts:
    """Take a network apart. `bin_bytes` is the size of its file of weights, where it has one."""
    builder = _Builder(bin_bytes)
    builder.draw(net, (), {})
    outputs = [name for name in dict.fromkeys(builder.outputs) if name]
    return Parts(
        builder.nodes,
        builder.tensors,
        builder.constants,
        list(dict.fromkeys(builder.inputs)),
        outputs,
        builder.warnings,
    )


def blobs_of(net: Net) -> Iterator[Blob]:
    """All stored numbers of a network, those of its bodies included."""
    for op in net.ops:
        yield from op.blobs
        for body in op.bodies:
            yield from blobs_of(body.net)


def _key(place: tuple[str, str]) -> str:
    return "" if place == ("", "") else "\0".join(place)


def _sizes(shape: Sequence[object] | None) -> cost.Shape:
    """A shape for batch 1."""
    if shape is None:
        return None
    sizes = [size if isinstance(size, int) else None for size in shape]
    return tuple(1 if size is None and not place else size for place, size in enumerate(sizes))
