"""Types and shapes of all tensors of an ONNX graph, inferred once per kind of node and inputs.

Nodes that do the same to inputs of the same types give outputs of the same types: onnx's inference
runs once for all of them, and so do the formulas of core.model.cost. Small integers, such as those
that a Reshape takes, are followed by core.model.shape_values.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from core.model import cost
from core.model.attributes import attribute_numbers
from core.model.columns import Ragged
from core.model.flows import Flow, Inference, Shape, flow_of_type, merged, with_batch
from core.model.onnx_rows import NodeKind
from core.model.onnx_table import OnnxTable
from core.model.onnx_weights import OnnxWeights
from core.model.shapes import Shapes, shapes_of

if TYPE_CHECKING:
    import onnx

_BATCH = "N"
"""Name for a free first dimension that the model leaves without one."""
_MOST_NUMBERS = 64
_CONTRIBUTED = "com.microsoft"
_ABSENT = -1


Key = tuple[Any, ...]
"""A node's kind, what the model declares about its outputs, then the flows of its inputs."""


@dataclass(frozen=True)
class NodeClass:
    """Nodes of one kind with inputs alike."""

    outputs: tuple[int, ...]
    """Numbers of flows."""
    operations: int | None
    """For the sizes that are known, as `detail`."""
    detail: str


@dataclass
class Followed:
    """What following all nodes gave."""

    flows: list[int]
    """Text to its flow, 0 where nothing is known of it."""
    classes: list[int]
    """Node to its class."""


class OnnxShapes:
    """Flows of all tensors and classes of all nodes, for the model as it is and for batch 1."""

    def __init__(self, table: OnnxTable, weights: OnnxWeights, order: Sequence[int]) -> None:
        self._table = table
        self._weights = weights
        self._order = order
        self.flows: list[Flow] = [Flow("unknown", None)]
        self._number: dict[Flow, int] = {self.flows[0]: 0}
        self.classes: list[NodeClass] = []
        self._known: dict[Key, int] = {}
        self._inference = Inference(table)
        self._whole: Shapes | None = None
        if table.has_functions or any(map(has_body, table.nodes.known_kinds)):
            self._whole = shapes_of(table.skeleton)
        self.named = self._follow(single=False)
        """With free sizes by their names."""
        self.single = self._follow(single=True) if self._batches else self.named
        """For batch 1: a free first dimension of the inputs is 1."""

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._whole.warnings if self._whole else ()

    def flow(self, text: int, followed: Followed) -> Flow:
        return self.flows[followed.flows[text]] if text < len(followed.flows) else self.flows[0]

    @cached_property
    def _batches(self) -> frozenset[str]:
        """Names of free first dimensions of the inputs."""
        shapes = [flow.shape for _, flow in self._inputs]
        firsts = [shape[0] for shape in shapes if shape is not None and len(shape) > 1]
        return frozenset(first for first in firsts if isinstance(first, str))

    @cached_property
    def _inputs(self) -> list[tuple[int, Flow]]:
        found: list[tuple[int, Flow]] = []
        for value in self._table.inputs:
            text = self._table.texts.number(value.name)
            if text not in self._weights:
                flow = flow_of_type(value.type)
                if flow.shape and len(flow.shape) > 1 and flow.shape[0] is None:
                    flow = flow._replace(shape=(_BATCH, *flow.shape[1:]))
                found.append((text, flow))
        return found

    def _numbered(self, flow: Flow) -> int:
        number = self._number.setdefault(flow, len(self.flows))
        if number == len(self.flows):
            self.flows.append(flow)
        return number

    def _follow(self, *, single: bool) -> Followed:
        batches = self._batches if single else frozenset[str]()
        declared = self._declared(batches, single=single)
        inputs = {text: self._numbered(with_batch(flow, batches)) for text, flow in self._inputs}
        flows = [0] * len(self._table.texts)
        for text, number in (declared | inputs | self._constants).items():
            flows[text] = number
        flows[0] = _ABSENT
        classes = self._classified(flows, declared)
        flows[0] = 0
        return Followed(flows, classes)

    def _classified(self, flows: list[int], declared: dict[int, int]) -> list[int]:
        """The class of each node; sets the flows of what the nodes make."""
        nodes = self._table.nodes
        slots, outputs = _rows(nodes.slots), _rows(nodes.outputs)
        kinds: list[int] = nodes.kinds.tolist()
        preparing: list[bool] = self._weights.preparing.tolist()
        said = self._said(declared)
        found = [0] * len(nodes)
        known, classes, flow_of = self._known, self.classes, flows.__getitem__
        for row in self._order:
            key = (kinds[row], said[row], *map(flow_of, slots[row]))
            number = known.get(key)
            if number is None:
                given = [declared.get(text, 0) for text in outputs[row]]
                number = self._classify(key, given, slots[row])
            found[row] = number
            if preparing[row]:
                self._prepared(flows, outputs[row], number)
                continue
            texts, made = outputs[row], classes[number].outputs
            if len(texts) == 1:  # nearly always
                flows[texts[0]] = made[0]
            else:
                for text, flow in zip(texts, made, strict=True):
                    flows[text] = flow
            flows[0] = _ABSENT
        return found

    def _said(self, declared: dict[int, int]) -> list[Hashable]:
        """Equal for nodes of which the model declares the same flows for what they make."""
        outputs = self._table.nodes.outputs
        told = np.zeros(len(self._table.texts) + 1, np.int64)
        told[list(declared)] = list(declared.values())
        counts = np.diff(outputs.starts)
        found: list[Hashable] = told[np.append(outputs.of, -1)][outputs.starts[:-1]].tolist()
        for row in np.flatnonzero(counts != 1).tolist():
            found[row] = tuple(told[outputs.row(row)].tolist())
        return found

    def _prepared(self, flows: list[int], made: list[int], number: int) -> None:
        """What a preparing node makes is stored, with the values that it was found to have."""
        constant = self._weights.constant(made[0])
        if constant is not None and made[0] not in self._constants:
            value = self.flows[self.classes[number].outputs[0]].value
            flows[made[0]] = self._numbered(Flow(constant.dtype, constant.shape, True, value))

    def _classify(self, key: Key, said: list[int], slots: list[int]) -> int:
        numbers: list[int] = list(key[2:])
        kind = self._table.nodes.known_kinds[int(key[0])]
        taken = [None if number == _ABSENT else self.flows[number] for number in numbers]
        outputs = [self.flows[0]] * len(said)
        if self._whole is None and kind.operator != "Constant":
            outputs = self._inference.outputs(kind, taken, len(said), self._tensors(kind, slots))
        outputs = [
            merged(self.flows[one], inferred) if one else inferred
            for one, inferred in zip(said, outputs, strict=True)
        ]
        counted = kind.standard or kind.domain == _CONTRIBUTED
        work = _work(kind, taken, outputs)
        flows = tuple(map(self._numbered, outputs))
        made = NodeClass(flows, cost.operations(work) if counted else None, cost.detail(work))
        self.classes.append(made)
        if not self._inference.reads_tensors(kind):
            self._known[key] = len(self.classes) - 1
        return len(self.classes) - 1

    def _tensors(self, kind: NodeKind, slots: list[int]) -> "dict[int, onnx.TensorProto]":
        """Small stored numbers other than integers, for the few operators that need them."""
        if not self._inference.reads_tensors(kind):
            return {}
        return {
            place: tensor
            for place, slot in enumerate(slots)
            if (tensor := self._weights.small_tensor(slot, _MOST_NUMBERS)) is not None
        }

    def _declared(self, batches: frozenset[str], *, single: bool) -> dict[int, int]:
        """What the model says about tensors, or what onnx inferred from the whole of it."""
        texts = self._table.texts
        if self._whole is not None:
            sizes = self._whole.sizes
            return {
                texts.number(name): self._numbered(
                    Flow(tensor.dtype, sizes[name] if single else tensor.shape)
                )
                for name, tensor in self._whole.tensors.items()
            }
        said = self._table.declared
        known = [self._numbered(with_batch(flow_of_type(one), batches)) for one in said.known_types]
        names: list[int] = said.names.tolist()
        types: list[int] = said.types.tolist()
        found = {name: known[of] for name, of in zip(names, types, strict=True)}
        for value in self._table.outputs:
            flow = with_batch(flow_of_type(value.type), batches)
            found[texts.number(value.name)] = self._numbered(flow)
        return found

    @cached_property
    def _constants(self) -> dict[int, int]:
        """Flows of stored tensors and literals."""
        found: dict[int, int] = {}
        for texts, constant, value in self._weights.plain(_MOST_NUMBERS):
            flow = Flow(constant.dtype, constant.shape, True, value)
            found |= dict.fromkeys(texts, self._numbered(flow))
        return found


def has_body(kind: NodeKind) -> bool:
    """Whether nodes of a kind hold graphs."""
    return any(entry.HasField("g") or entry.graphs for entry in kind.proto.attribute)


def _work(kind: NodeKind, taken: Sequence[Flow | None], outputs: Sequence[Flow]) -> cost.Work:
    stored = (place for place, flow in enumerate(taken) if flow is not None and flow.stored)
    return cost.Work(
        operator=kind.operator,
        inputs=[None if flow is None else _sizes(flow.shape) for flow in taken],
        outputs=[_sizes(flow.shape) for flow in outputs],
        numbers=attribute_numbers(kind.proto),
        stored=frozenset(stored),
    )


def _sizes(shape: Shape) -> cost.Shape:
    if shape is None:
        return None
    return tuple(size if isinstance(size, int) and size >= 0 else None for size in shape)


def _rows(column: Ragged) -> list[list[int]]:
    starts, of = column.starts.tolist(), column.of.tolist()
    return [of[one:two] for one, two in pairwise(starts)]
