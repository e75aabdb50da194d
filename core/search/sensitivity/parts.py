"""Cuts a model into parts that run one after the other, each an ONNX model of its own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from core.model.identity import layer_ids
from core.model.wiring import Row, rows_of
from core.techniques.placement import ACTIVATIONS

if TYPE_CHECKING:
    import onnx

_BELONGS_TO_ITS_MAKER = ACTIVATIONS | {"BatchNormalization", "Softmax"}
"""Techniques and runtimes look at these together with the layer before."""
_BELONGS_TO_ITS_READER = frozenset({"HardSigmoid", "Sigmoid"})
"""Gates: the first half of SiLU and hard-swish."""

BOUNDARY = "/boundary"
"""Ends the name under which a part hands out a tensor; the name itself stays one that has readers
in the part, which techniques treat differently from an output of the model."""


class CutModel:
    """A model in running order. Position p lies before its p-th working node.

    Working nodes are those that depend on the inputs; what follows from weights alone is part of
    every part that asks for it.
    """

    def __init__(self, model: "onnx.ModelProto", dtypes: Mapping[str, str] | None = None) -> None:
        """`dtypes` are numpy's names by tensor; without them only the whole can be made."""
        self._model = model
        self._dtypes = dict(dtypes or {})
        self.inputs = tuple(value.name for value in model.graph.input)
        self.outputs = tuple(value.name for value in model.graph.output)
        rows, ids = rows_of(model), layer_ids(model)
        working = _working(rows, self.inputs)
        self._nodes = [model.graph.node[index] for index in working]
        self._rows = [rows[index] for index in working]
        self.layers = tuple(ids[index] for index in working)
        """LayerId of every working node."""
        resting = set(range(len(rows))) - set(working)
        self._stored = {name: i for i in resting for name in rows[i].outputs}
        self._all_rows = rows
        self._live = _live(self._rows, self.inputs, self.outputs)

    def __len__(self) -> int:
        """How many working nodes there are."""
        return len(self._nodes)

    def live(self, position: int) -> tuple[str, ...]:
        """The tensors that the nodes from a position on, or the caller, need from before it."""
        return self._live[position]

    @cached_property
    def cuts(self) -> tuple[int, ...]:
        """The positions, both ends included, where no layer is torn from one it belongs to."""
        torn: set[int] = set()
        made = {name: i for i, row in enumerate(self._rows) for name in row.outputs}
        for place, row in enumerate(self._rows):
            for name in row.taken:
                maker = made.get(name)
                if maker is None:
                    continue
                gate = self._rows[maker].operator in _BELONGS_TO_ITS_READER
                if gate or row.operator in _BELONGS_TO_ITS_MAKER:
                    torn |= set(range(maker + 1, place + 1))
        return tuple(p for p in range(len(self) + 1) if p not in torn)

    def part(
        self, start: int, end: int, watched: Collection[str] = (), *, boundary: bool = False
    ) -> "onnx.ModelProto":
        """The nodes from one position to another as a model.

        It takes the live tensors that its nodes need and gives those that it made and that live
        on, and `watched` ones among its own. With `boundary` it gives a tensor that is no output
        of the whole model as NAME/boundary.
        """
        rows = self._rows[start:end]
        resting, weights = self._stored_for({name for row in rows for name in row.taken})
        nodes = [*resting, *self._nodes[start:end]]
        taken = [n for n in self._live[start] if any(n in row.taken for row in rows)]
        own = [name for row in rows for name in row.outputs if name]
        given = [n for n in own if n in self._live[end] or n in watched]
        made = _shell(self._model)
        made.graph.node.extend(nodes)
        made.graph.initializer.extend(weights)
        made.graph.input.extend(self._port(name) for name in taken)
        for name in given:
            _give(made.graph, name, boundary=boundary and name not in self.outputs)
        return made

    def _stored_for(
        self, asked: Iterable[str]
    ) -> "tuple[list[onnx.NodeProto], list[onnx.TensorProto]]":
        """The resting nodes, in order, and the weights behind some tensors."""
        wanted, chosen = set(asked), set[int]()
        pending = list(wanted)
        while pending:
            index = self._stored.get(pending.pop())
            if index is not None and index not in chosen:
                chosen.add(index)
                pending += self._all_rows[index].taken
                wanted |= set(self._all_rows[index].taken)
        nodes = [self._model.graph.node[index] for index in sorted(chosen)]
        return nodes, [t for t in self._model.graph.initializer if t.name in wanted]

    def _port(self, name: str) -> "onnx.ValueInfoProto":
        import numpy as np
        from onnx import helper

        for value in self._model.graph.input:
            if value.name == name:
                return value
        element = helper.np_dtype_to_tensor_dtype(np.dtype(self._dtypes[name]))
        return helper.make_tensor_value_info(name, element, None)


def _working(rows: Sequence[Row], inputs: Iterable[str]) -> list[int]:
    """Indices of the nodes that depend on an input or on chance, in running order."""
    from core.model.topology import running_order

    order = running_order([row.taken for row in rows], [row.outputs for row in rows])
    reached = set(inputs)
    found: list[int] = []
    for index in order.indices:
        row = rows[index]
        if row.operator.startswith("Random") or not reached.isdisjoint(row.taken):
            reached |= set(row.outputs)
            found.append(index)
    return found


def _live(
    rows: Sequence[Row], inputs: Sequence[str], outputs: Sequence[str]
) -> list[tuple[str, ...]]:
    """For every position the tensors that live there, in the order in which they were made."""
    last = {name: len(rows) for name in outputs}
    for place, row in reversed(list(enumerate(rows))):
        for name in row.taken:
            last.setdefault(name, place)
    alive = {name: None for name in inputs if name in last}
    found = [tuple(alive)]
    for place, row in enumerate(rows):
        alive |= {name: None for name in row.outputs if last.get(name, -1) > place}
        for name in row.taken:
            if last[name] == place:
                alive.pop(name, None)
        found.append(tuple(alive))
    return found


def _shell(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """A model without a graph's content, for the same operators."""
    import onnx

    made = onnx.ModelProto(ir_version=model.ir_version)
    made.opset_import.extend(model.opset_import)
    made.functions.extend(model.functions)
    made.graph.name = model.graph.name or "part"
    return made


def _give(graph: "onnx.GraphProto", name: str, *, boundary: bool) -> None:
    from onnx import ValueInfoProto, helper

    if boundary:
        outside = f"{name}{BOUNDARY}"
        graph.node.append(helper.make_node("Identity", [name], [outside], outside))
        name = outside
    graph.output.append(ValueInfoProto(name=name))
