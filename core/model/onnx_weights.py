"""Constants of an ONNX graph as columns: which tensors are constant, and the weights behind them.

What nodes alone prepare, such as dequantized integers, follows the rules of core.model.constants.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from core.model import constants
from core.model.column_stores import ShapeStore, bounded
from core.model.columns import Ints, Ragged, starts_of
from core.model.constants import PREPARING, Constant
from core.model.graph import Weight
from core.model.onnx_rows import NodeKind
from core.model.onnx_table import OnnxTable
from core.model.shape_values import Value
from core.model.wire_columns import Flags

if TYPE_CHECKING:
    import onnx


_INTEGERS = ("int64", "int32")
_LOOKS = 8
"""Each leaves out the next nodes of chains that begin with something computed."""


class WeightRows:
    """Weights as growing columns; a name has one row."""

    def __init__(self, table: OnnxTable, shapes: ShapeStore) -> None:
        self._texts = table.texts
        self._shapes = shapes
        self.names: list[int] = []
        self.dtypes: list[int] = []
        self.shapes: list[int] = []
        self.bytes: list[int] = []
        self._row: dict[int, int] = {}

    def add_alike(self, names: Sequence[int], weight: Weight) -> range:
        """One row for each name, all like `weight`."""
        first, count = len(self.names), len(names)
        self.names += names
        self.dtypes += [self._texts.number(weight.dtype)] * count
        self.shapes += [self._shapes.number(weight.shape)] * count
        self.bytes += [bounded(weight.bytes)] * count
        rows = range(first, first + count)
        self._row.update(zip(names, rows, strict=True))
        return rows

    def row(self, weight: Weight) -> int:
        name = self._texts.number(weight.name)
        return self._row[name] if name in self._row else self.add_alike([name], weight)[0]

    def row_of(self, name: int) -> int:
        return self._row[name]


class OnnxWeights:
    """Which texts name constants, which nodes only prepare them, and what is stored for each."""

    def __init__(self, table: OnnxTable, order: Sequence[int], shapes: ShapeStore) -> None:
        self._table = table
        self.rows = WeightRows(table, shapes)
        self._known: dict[int, Constant] = {}
        """For a stored tensor or literal without its weight's name, which is its own."""
        self._alike: list[tuple[list[int], Constant]] = []
        """The same in groups: names, and what they stand for."""
        self._derived: dict[int, Constant] = {}
        self._literal_kinds: dict[int, NodeKind] = {}
        self._literal_values: dict[int, Value] = {}
        """By the identity of the kind."""
        self.preparing: Flags = np.zeros(len(table.nodes), bool)
        self._stored()
        self._literals()
        self._prepare(order)

    def __contains__(self, name: int) -> bool:
        return name in self._known or name in self._derived

    def constant(self, name: int) -> Constant | None:
        """The constant called by this text; its weights may lack their names."""
        return self._known.get(name) or self._derived.get(name)

    def derived(self, names: Iterable[int]) -> list[tuple[int, Constant]]:
        """Those of the names that nodes prepare from weights."""
        return [(name, self._derived[name]) for name in names if name in self._derived]

    @cached_property
    def flags(self) -> Flags:
        """Text to whether it names a constant."""
        found = np.zeros(len(self._table.texts), bool)
        found[list(self._known)] = True
        found[list(self._derived)] = True
        found[0] = False
        return found

    def behind(self) -> tuple[Ragged, Ints]:
        """Text to rows of weights; and beside each the parameters that it stands for."""
        rows: dict[int, list[int]] = {
            name: [self.rows.row(weight) for weight in constant.weights]
            for name, constant in self._derived.items()
        }
        counts = np.zeros(len(self._table.texts), np.int64)
        known = np.fromiter(self._known, np.int64, len(self._known))
        counts[known] = 1
        counts[list(rows)] = [len(found) for found in rows.values()]
        starts = starts_of(counts)
        of, parameters = np.zeros(starts[-1], np.int64), np.zeros(starts[-1], np.int64)
        of[starts[known]] = [self.rows.row_of(name) for name in self._known]
        parameters[starts[known]] = [bounded(each.parameters) for each in self._known.values()]
        for name, found in rows.items():
            of[starts[name] : starts[name + 1]] = found
            if found:
                parameters[starts[name]] = bounded(self._derived[name].parameters)
        return Ragged(starts, of), parameters

    def plain(self, most: int) -> Iterator[tuple[list[int], Constant, Value]]:
        """Names of stored tensors and literals, and their numbers where those are few integers."""
        for names, constant in self._alike:
            if constant.dtype in _INTEGERS and len(constant.shape) < 2:
                yield from (([name], constant, self._integers(name, most)) for name in names)
            else:
                yield names, constant, None

    def small_tensor(self, name: int, most: int) -> "onnx.TensorProto | None":
        """A stored tensor or literal of at most so many numbers."""
        constant = self._known.get(name)
        if constant is None or prod(constant.shape) > most:
            return None
        if name in self.initializers:
            return self._table.tensor(self.initializers[name])
        kind = self._literal_kinds.get(name)
        values = () if kind is None else kind.proto.attribute
        return next((entry.t for entry in values if entry.name == "value"), None)

    def _integers(self, name: int, most: int) -> Value:
        kind = self._literal_kinds.get(name)
        if kind is None:
            tensor = self.small_tensor(name, most)
            return None if tensor is None else constants.integers_of(tensor)
        if id(kind) not in self._literal_values:
            self._literal_values[id(kind)] = literal_integers(kind, most)
        return self._literal_values[id(kind)]

    def inside(self, found: Iterable[Constant]) -> list[tuple[int, int]]:
        """Rows and parameters of constants that lie in a node's bodies."""
        return [
            (self.rows.row(weight), bounded(each.parameters) if weight is each.weights[0] else 0)
            for each in found
            for weight in each.weights
        ]

    def _stored(self) -> None:
        stored = self._table.stored
        key = stored.dtypes * max(len(stored.known_shapes), 1) + stored.shapes
        order = np.argsort(key, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
            if len(rows):
                first = int(rows[0])
                shape = stored.known_shapes[int(stored.shapes[first])]
                size = int(stored.ends[first] - stored.begins[first])
                constant = constants.constant_of("", int(stored.dtypes[first]), shape, size)
                self._take(stored.names[rows].tolist(), constant)
        for tensor in self._table.sparse:
            name = self._table.texts.number(tensor.values.name)
            self._take([name], constants.stored_sparse(tensor))

    def _literals(self) -> None:
        """Constant nodes: those of one kind are alike."""
        nodes = self._table.nodes
        singles = np.diff(nodes.outputs.starts) == 1
        for number, kind in enumerate(nodes.known_kinds):
            if kind.operator == "Constant" and kind.standard:
                rows = np.flatnonzero((nodes.kinds == number) & singles)
                names = nodes.outputs.of[nodes.outputs.starts[rows]]
                inner = ~np.isin(names, self._fed)
                literal = constants.literal_of(kind.proto, "")
                if literal is not None:
                    self.preparing[rows[inner]] = True
                    self._literal_kinds.update(dict.fromkeys(names[inner].tolist(), kind))
                    self._take(names[inner].tolist(), literal)

    @cached_property
    def _fed(self) -> Ints:
        """Names of the model's outputs."""
        texts = self._table.texts
        return np.array(texts.numbers(value.name for value in self._table.outputs), np.int64)

    def _take(self, names: list[int], constant: Constant) -> None:
        self.rows.add_alike(names, constant.weights[0])
        self._known.update(dict.fromkeys(names, constant))
        self._alike.append((names, constant))

    def _prepare(self, order: Sequence[int]) -> None:
        """Nodes with operators other than Constant, in running order."""
        nodes = self._table.nodes
        preparing = [
            kind.operator in PREPARING and kind.operator != "Constant" and kind.standard
            for kind in nodes.known_kinds
        ]
        wanted = np.array(preparing, bool)[nodes.kinds] & (np.diff(nodes.outputs.starts) == 1)
        made = np.append(nodes.outputs.of, 0)[nodes.outputs.starts[:-1]]
        wanted &= ~np.isin(made, self._fed)
        chosen = set(self._given_constants(np.flatnonzero(wanted), made).tolist())
        for row in order:
            if row in chosen:
                self._prepare_one(row, int(made[row]))

    def _given_constants(self, rows: Ints, made: Ints) -> Ints:
        """Those of the rows that may take nothing but constants and what others of them make.

        `made` is the output of every row of the model.
        """
        stored = np.zeros(len(self._table.texts), bool)
        stored[[0, *self._known]] = True
        for _ in range(_LOOKS):
            slots = self._table.nodes.slots.taken(rows)
            possible = stored.copy()
            possible[made[rows]] = True
            lacking = slots.rows[~possible[slots.of]]
            if not len(lacking):
                break
            rows = np.delete(rows, lacking)
        return rows

    def _prepare_one(self, row: int, output: int) -> None:
        slots = [slot for slot in self._table.nodes.slots.row(row) if slot]
        found = [self._named(slot) for slot in slots]
        known = [each for each in found if each is not None]
        if not known or len(known) != len(found):
            return
        constant = constants.prepared(self._table.node(row), known, self._numbers)
        if constant is not None:
            self._derived[output] = constant
            self.preparing[row] = True

    def _named(self, name: int) -> Constant | None:
        """A constant whose weights have their names."""
        plain = self._known.get(name)
        if plain is None:
            return self._derived.get(name)
        weight = replace(plain.weights[0], name=self._table.texts.text(name))
        return replace(plain, weights=(weight,))

    def _numbers(self, name: str) -> "onnx.TensorProto | None":
        row = self.initializers.get(self._table.texts.known(name) or 0)
        return None if row is None else self._table.tensor(row)

    @cached_property
    def initializers(self) -> dict[int, int]:
        """Text to the stored tensor's row."""
        names = self._table.stored.names.tolist()
        return dict(zip(names, range(len(names)), strict=True))


def literal_integers(kind: NodeKind, most: int) -> Value:
    """The numbers of a Constant node, where they are few integers."""
    for entry in kind.proto.attribute:
        match entry.name:
            case "value_int":
                return (entry.i,)
            case "value_ints" if len(entry.ints) <= most:
                return tuple(entry.ints)
            case "value" if prod(entry.t.dims) <= most:
                return constants.integers_of(entry.t)
            case _:
                pass
    return None
