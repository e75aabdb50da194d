"""The layers of an ONNX graph as columns: what each is, takes, makes, weighs and costs."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain

import numpy as np

from core.model.attributes import all_plain, attribute_texts, plain
from core.model.column_stores import ShapeStore, bounded
from core.model.columns import UNKNOWN, Columns, Ints, Ragged, distinct, ragged, starts_of
from core.model.constants import stored_inside
from core.model.identity import STAMP, ids_of
from core.model.onnx_shapes import OnnxShapes, has_body
from core.model.onnx_table import OnnxTable
from core.model.onnx_weights import OnnxWeights
from core.model.scopes import TORCH_SCOPES, Clues, Places, places_of
from core.model.topology import Order, running_order
from core.model.wiring import bodies_of, captured_by


class OnnxLayers:
    """Follows the nodes of a table in running order."""

    def __init__(self, table: OnnxTable) -> None:
        self._table = table
        self._nodes = table.nodes
        self._texts = table.texts
        self._sizes = ShapeStore(table.texts)
        self.taken = _taken(table)
        """Node to every tensor it takes: its inputs, and what its bodies take from outside."""
        self.order = _order(self.taken, table.nodes.outputs, len(table.texts))
        self.weights = OnnxWeights(table, self.order.indices, self._sizes)
        self.shapes = OnnxShapes(table, self.weights, self.order.indices)
        order = np.array(self.order.indices, np.int64)
        self._kept: Ints = order[~self.weights.preparing[order]]
        self._rows: list[int] = self._kept.tolist()
        """Of the nodes that are layers."""

    def columns(self) -> Columns:
        nodes, kept = self._nodes, self._kept
        taken = self.taken.taken(kept)
        inputs = taken.only(~self.weights.flags[taken.of])
        outputs = nodes.outputs.taken(kept).only(nodes.outputs.taken(kept).of > 0)
        ids = list[str](ids_of(self._names, self._stamps, self._own_word))
        places = places_of(self._clues)
        shapes, dtypes = self._flow_columns()
        operations, details = self._class_columns()
        classes = np.array(self.shapes.single.classes, np.int64)[kept]
        made = _firsts(outputs)
        tensors = self._tensors(inputs, outputs)
        weights, parameters, weight_bytes, stored = self._owned()
        sizes, size_kinds = self._sizes.columns()
        rows = self.weights.rows
        return Columns(
            ids=self._ids(ids),
            names=self._titles(places, ids),
            operators=self._plain(nodes.operators[kept]),
            domains=self._plain(nodes.domains[kept]),
            scopes=np.array(places.of, np.int64),
            scope_parts=self._scope_parts(places),
            inputs=inputs,
            outputs=outputs,
            weights=weights,
            slots=nodes.slots.taken(kept),
            attributes=nodes.kinds[kept],
            attribute_texts=ragged(self._attributes()),
            parameters=parameters,
            weight_bytes=weight_bytes,
            operations=operations[classes],
            output_shapes=shapes[made],
            output_dtypes=dtypes[made],
            details=details[classes],
            sizes=sizes,
            size_kinds=size_kinds,
            tensor_names=tensors,
            tensor_dtypes=dtypes[tensors],
            tensor_shapes=shapes[tensors],
            stored_names=np.array(rows.names, np.int64)[stored],
            stored_dtypes=np.array(rows.dtypes, np.int64)[stored],
            stored_shapes=np.array(rows.shapes, np.int64)[stored],
            stored_bytes=np.array(rows.bytes, np.int64)[stored],
            texts=self._texts.texts(),
        )

    def prepared(self) -> dict[str, tuple[str, ...]]:
        """See ModelGraph.prepared."""
        slots = distinct(self._nodes.slots.taken(self._kept).of)
        found = {
            self._texts.text(slot): tuple(weight.name for weight in constant.weights)
            for slot, constant in self.weights.derived(slots.tolist())
        }
        return {name: of for name, of in found.items() if of != (name,)}

    @cached_property
    def _names(self) -> list[str]:
        return self._texts.all_of(self._nodes.names)

    @property
    def _stamps(self) -> Mapping[int, str]:
        return {row: text for row, text in self._nodes.metadata[STAMP].items() if text}

    def _own_word(self, row: int) -> str:
        """What a node without a name of its own is called by."""
        output = next((text for text in self._nodes.outputs.row(row) if text), 0)
        operator = self._texts.text(int(self._nodes.operators[row]))
        return self._texts.text(output) or self._names[row] or f"{operator}#{row}"

    @cached_property
    def _clues(self) -> Clues:
        names = self._names
        place = {row: index for index, row in enumerate(self._rows)}
        torch = self._nodes.metadata[TORCH_SCOPES]
        behind = self._behind
        return Clues(
            names=[names[row] for row in self._rows],
            operators=self._texts.all_of(self._nodes.operators[self._kept]),
            torch_scopes={place[row]: text for row, text in torch.items() if row in place},
            weights=lambda index: self._weight_names(behind.row(index)),
            weighted=int((np.diff(behind.starts) > 0).sum()),
            before=self._before,
        )

    def _before(self, index: int) -> list[int]:
        taken = self.taken.row(self._rows[index])
        made = (self._makers[text] for text in taken)
        return [place for place in made if place >= 0]

    @cached_property
    def _makers(self) -> list[int]:
        """Text to the layer that makes it, or −1."""
        found = np.full(len(self._texts), -1)
        outputs = self._nodes.outputs.taken(self._kept)
        found[outputs.of] = outputs.rows
        found[0] = -1
        return found.tolist()

    def _weight_names(self, rows: Iterable[int]) -> list[str]:
        return [self._texts.text(self.weights.rows.names[row]) for row in rows]

    def _ids(self, ids: Sequence[str]) -> Ints:
        if ids == self._names:
            return self._nodes.names[self._kept]
        return self._numbers([ids[row] for row in self._rows])

    def _titles(self, places: Places, ids: Sequence[str]) -> Ints:
        """The names that people see."""
        names = self._names
        rows = zip(places.names, self._rows, strict=True)
        found = [short or names[row] or ids[row] for short, row in rows]
        return self._numbers(all_plain(found))

    def _scope_parts(self, places: Places) -> Ragged:
        counts = np.array([len(path) for path in places.paths], np.int64)
        parts = list(chain.from_iterable(places.paths))
        return Ragged(starts_of(counts), self._numbers(all_plain(parts)))

    def _numbers(self, texts: Sequence[str]) -> Ints:
        different = dict.fromkeys(texts)
        numbers = self._texts.numbers_of([text.encode() for text in different]).tolist()
        number = dict(zip(different, numbers, strict=True))
        return np.fromiter(map(number.__getitem__, texts), np.int64, len(texts))

    def _plain(self, column: Ints) -> Ints:
        different, places = np.unique(column, return_inverse=True)
        words = [plain(self._texts.text(number)) for number in different.tolist()]
        return np.array(self._texts.numbers(words), np.int64)[places]

    def _attributes(self) -> list[list[int]]:
        """Names and values of each kind's attributes."""
        texts = [attribute_texts(kind.proto) for kind in self._nodes.known_kinds]
        return [self._texts.numbers(chain.from_iterable(each.items())) for each in texts]

    def _flow_columns(self) -> tuple[Ints, Ints]:
        """Text to shape and type of the tensor that it names."""
        flows = self.shapes.flows
        shapes = self._sizes.numbers(flow.shape for flow in flows)
        dtypes = np.array(self._texts.numbers(flow.dtype for flow in flows), np.int64)
        of = np.zeros(len(self._texts), np.int64)
        known = self.shapes.named.flows
        of[: len(known)] = known
        return shapes[of], dtypes[of]

    def _class_columns(self) -> tuple[Ints, Ints]:
        """Class to operations and detail."""
        known = self.shapes.classes
        counts = [UNKNOWN if one.operations is None else bounded(one.operations) for one in known]
        details = self._texts.numbers(one.detail for one in known)
        return np.array(counts, np.int64), np.array(details, np.int64)

    def _tensors(self, inputs: Ragged, outputs: Ragged) -> Ints:
        """Texts that name tensors between layers, and inputs and outputs of the model."""
        ends = [
            number
            for value in (*self._table.inputs, *self._table.outputs)
            if (number := self._texts.number(value.name)) not in self.weights
        ]
        return distinct(np.concatenate([inputs.of, outputs.of, np.array(ends, np.int64)]))

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints, Ints]:
        """Layer, row of a weight behind it, and the parameters that the weight stands for."""
        behind, stands_for = self.weights.behind()
        taken = self.taken.taken(self._kept)
        places = Ragged(behind.starts, np.arange(len(behind.of))).taken(taken.of)
        layers = taken.rows[places.rows]
        rows, parameters = behind.of[places.of], stands_for[places.of]
        inside = self._inside()
        if inside:
            more = np.array(inside, np.int64).T
            layers, rows, parameters = (
                np.concatenate(both) for both in zip((layers, rows, parameters), more, strict=True)
            )
            order = np.argsort(layers, kind="stable")
            layers, rows, parameters = layers[order], rows[order], parameters[order]
        return layers, rows, parameters

    def _inside(self) -> list[tuple[int, int, int]]:
        """The same for weights in the bodies of control flow."""
        bodied = [has_body(kind) for kind in self._nodes.known_kinds]
        found: list[tuple[int, int, int]] = []
        if not any(bodied):
            return found
        for layer, row in enumerate(self._rows):
            kind = int(self._nodes.kinds[row])
            outputs = self._nodes.outputs.row(row)
            for name, body in (
                bodies_of(self._nodes.known_kinds[kind].proto) if bodied[kind] else ()
            ):
                owner = self._texts.text(outputs[0]) if outputs else self._names[row]
                constants = stored_inside(body, f"{owner}/{name}")
                found += [(layer, *pair) for pair in self.weights.inside(constants)]
        return found

    @cached_property
    def _behind(self) -> Ragged:
        """Layer to its weights, each once."""
        layers, rows, _ = self._pairs
        most = len(self.weights.rows.names) + 1
        _, first = np.unique(layers * most + rows, return_index=True)
        first.sort()
        counts = np.bincount(layers[first], minlength=len(self._kept))
        return Ragged(starts_of(counts), rows[first])

    def _owned(self) -> tuple[Ragged, Ints, Ints, Ints]:
        """Names of the layers' weights, parameters, bytes, and all rows that layers use.

        A shared weight belongs to the first layer that uses it.
        """
        layers, rows, stands_for = self._pairs
        _, first = np.unique(rows, return_index=True)
        first.sort()
        stored = rows[first]
        sizes = np.array(self.weights.rows.bytes, np.int64)[stored]
        parameters, weight_bytes = (np.zeros(len(self._kept), np.int64) for _ in range(2))
        np.add.at(parameters, layers[first], stands_for[first])
        np.add.at(weight_bytes, layers[first], sizes)
        names = np.array(self.weights.rows.names, np.int64)
        return Ragged(self._behind.starts, names[self._behind.of]), parameters, weight_bytes, stored


def _taken(table: OnnxTable) -> Ragged:
    nodes = table.nodes
    plainly = nodes.slots.only(nodes.slots.of > 0)
    captured = [
        table.texts.numbers(captured_by(kind.proto)) if has_body(kind) else []
        for kind in nodes.known_kinds
    ]
    if not any(captured):
        return plainly
    kinds: list[int] = nodes.kinds.tolist()
    return ragged([[*plainly.row(row), *captured[kind]] for row, kind in enumerate(kinds)])


def _order(taken: Ragged, outputs: Ragged, texts: int) -> Order:
    count = len(taken.starts) - 1
    makers = np.full(texts, -1)
    makers[outputs.of[::-1]] = outputs.rows[::-1]
    makers[0] = -1
    if (makers[taken.of] < taken.rows).all():
        return Order(tuple(range(count)))
    return running_order(
        [taken.row(row) for row in range(count)], [outputs.row(row) for row in range(count)]
    )


def _firsts(rows: Ragged) -> Ints:
    """The first number of each row, 0 where it has none."""
    some = np.diff(rows.starts) > 0
    found = np.zeros(len(some), np.int64)
    found[some] = rows.of[rows.starts[:-1][some]]
    return found
