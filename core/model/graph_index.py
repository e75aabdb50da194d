"""Finds layers by what they say of themselves, and counts what was found."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.model.columns import Columns, Ragged
from core.model.graph import Dimension, ModelGraph
from core.model.query import (
    AttributeBound,
    Bound,
    Comparison,
    Field,
    Query,
    Term,
    Words,
    fold,
    number_of,
)
from core.model.text_column import CodedColumn, LinkedColumn, TextColumn

Flags: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

MOST_COUNTS = 40
"""Values of a facet; more is no help to narrow."""
MOST_KEPT = 64
DEEPEST_PART = 4
"""Scopes are cut no further in than this to narrow what was found."""

_COMPARE: dict[Comparison, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Facet:
    """One way to narrow what was found: the texts of a field and how often each occurs."""

    field: str
    """As it stands in a query: “op”."""
    title: str
    counts: tuple[tuple[str, int], ...]
    """The most frequent first."""


@dataclass(frozen=True)
class GraphIndex:
    """All that can be looked for, as columns. Made once per graph: about 10 µs per layer."""

    names: TextColumn
    made: LinkedColumn
    """Tensors that a layer makes, and its weights."""
    taken: LinkedColumn
    """Tensors that flow into it."""
    operators: CodedColumn
    dtypes: CodedColumn
    precisions: CodedColumn
    shapes: CodedColumn
    scopes: CodedColumn
    """Parts between slashes, with a slash before the first and behind the last."""
    parts: tuple[CodedColumn, ...]
    """Scopes cut after one part, after two, and so on: ways to narrow."""
    attributes: CodedColumn
    details: CodedColumn
    figures: Mapping[str, Floats]
    """“params”, “ops”, “size”, “inputs” and “outputs” of each layer; NaN where not known."""
    _kept: dict[tuple[Field, str], Flags] = field(
        default_factory=dict[tuple[Field, str], Flags], compare=False, repr=False
    )
    """What words fitted: while a person types, all words but the last stay the same."""

    @classmethod
    def of(cls, graph: ModelGraph) -> Self:
        """Takes about half a second for 100,000 layers: call it beside the window's thread."""
        columns = graph.columns
        texts = columns.texts
        paths, of = graph.scope_column
        return cls(
            TextColumn(_names(columns)),
            _linked(columns, columns.outputs, columns.weights),
            _linked(columns, columns.inputs),
            CodedColumn.numbered(texts.__getitem__, columns.operators),
            CodedColumn.numbered(texts.__getitem__, columns.output_dtypes),
            CodedColumn.numbered(
                lambda dtype: texts[dtype] if dtype >= 0 else "", _weight_types(columns)
            ),
            CodedColumn.numbered(lambda row: shape_text(columns.shape(row)), columns.output_shapes),
            CodedColumn([_slashed("/".join(path)) for path in paths], of),
            tuple(_cut_scopes(paths, of, length) for length in range(1, DEEPEST_PART + 1)),
            CodedColumn.numbered(lambda row: _attributes(columns, row), columns.attributes),
            CodedColumn.numbered(texts.__getitem__, columns.details),
            {
                "params": columns.parameters.astype(float),
                "ops": np.where(columns.operations < 0, np.nan, columns.operations),
                "size": columns.weight_bytes.astype(float),
                "inputs": np.diff(columns.inputs.starts).astype(float),
                "outputs": np.diff(columns.outputs.starts).astype(float),
            },
        )

    def find(self, query: Query, figures: Mapping[str, Floats] | None = None) -> Flags:
        """The layers that fit. `figures` are further ones, by their lower-case names.

        A bound on a figure that nobody knows fits no layer.
        """
        found = np.ones(len(self.operators.codes), bool)
        for term in query.terms:
            fits = self._fitting(term, figures or {})
            found &= ~fits if term.negated else fits
        return found

    def best_first(self, query: Query, found: Flags) -> Ints:
        """The found layers; those whose name or operator holds every plain word come first."""
        near, exact = found.copy(), np.zeros(len(found), bool)
        for term in query.terms:
            if isinstance(term, Words) and term.field == "any" and not term.negated:
                (text,) = term.texts
                near &= self._holding("name", text) | self.operators.holding(text)
                if len(query.terms) == 1:
                    exact = self.names.equal(text) & found
        rest = found & ~near & ~exact
        parts = (exact, near & ~exact, rest)
        return np.concatenate([np.flatnonzero(part) for part in parts])

    def facets(self, found: Flags) -> tuple[Facet, ...]:
        """Ways to narrow that really narrow: fields with several texts among the found layers."""
        columns = (
            ("op", "Operator", self.operators),
            ("dtype", "Computes in", self.dtypes),
            ("precision", "Weights", self.precisions),
            *(("scope", "Part of the model", column) for column in self.parts),
        )
        facets: dict[str, Facet] = {}
        for key, title, column in columns:
            counts = tuple((t, n) for t, n in column.counts(found, MOST_COUNTS) if t)
            if len(counts) > 1:
                facets.setdefault(key, Facet(key, title, counts))
        return tuple(facets.values())

    def _fitting(self, term: Term, figures: Mapping[str, Floats]) -> Flags:
        if isinstance(term, Bound):
            column = self.figures.get(term.figure)
            if column is None:
                column = figures.get(term.figure)
            if column is None:
                return np.zeros(len(self.operators.codes), bool)
            return np.asarray(_COMPARE[term.comparison](column, term.value)) & np.isfinite(column)
        if isinstance(term, AttributeBound):
            return self.attributes.where(lambda text: _attribute_fits(text, term))
        return np.logical_or.reduce([self._holding(term.field, text) for text in term.texts])

    def _holding(self, place: Field, text: str) -> Flags:
        columns: dict[Field, Callable[[str], Flags]] = {
            "any": self._anywhere,
            "name": self.names.holding,
            "op": self.operators.equal_or_holding,
            "dtype": self.dtypes.equal_or_holding,
            "precision": self.precisions.equal_or_holding,
            "shape": lambda wanted: self.shapes.where(lambda shape: shape_fits(shape, wanted)),
            "attr": self.attributes.holding,
            "scope": self._in_scope,
            "tensor": lambda wanted: self.made.holding(wanted) | self.taken.holding(wanted),
        }
        kept = self._kept.get((place, text))
        if kept is None:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            kept = self._kept[place, text] = columns[place](text)
        return kept

    def _in_scope(self, wanted: str) -> Flags:
        """Whole parts from their beginning: “layer.1” is not “layer.10”; failing that, anywhere."""
        parts = _slashed(wanted)
        last_is_number = parts.rstrip("/").rsplit("/", 1)[-1].isdecimal()
        found = self.scopes.holding(parts if last_is_number else parts[:-1])
        return found if found.any() else self.scopes.holding(wanted)

    def _anywhere(self, text: str) -> Flags:
        coded = (
            self.operators, self.dtypes, self.precisions, self.shapes, self.scopes,
            self.attributes, self.details,
        )  # fmt: skip
        found = self._holding("name", text) | self.made.holding(text)
        for column in coded:
            found |= column.holding(text)
        return found


def _names(columns: Columns) -> list[str]:
    """The name, and the LayerId where it is another."""
    names, ids = columns.texts.all_of(columns.names), columns.texts.all_of(columns.ids)
    return [name if name == id_ else f"{name} {id_}" for name, id_ in zip(names, ids, strict=True)]


def _linked(columns: Columns, *parts: Ragged) -> LinkedColumn:
    numbers, links = np.unique(np.concatenate([part.of for part in parts]), return_inverse=True)
    layers = np.concatenate([part.rows for part in parts])
    return LinkedColumn(columns.texts.all_of(numbers), layers, links, len(columns.ids))


def _weight_types(columns: Columns) -> Ints:
    """Per layer the text number of its largest weight's type; −1 without weights."""
    stored = np.full(len(columns.texts), -1)
    stored[columns.stored_names] = np.arange(len(columns.stored_names))
    weights, layers = stored[columns.weights.of], columns.weights.rows
    weights, layers = weights[weights >= 0], layers[weights >= 0]
    order = np.argsort(columns.stored_bytes[weights], kind="stable")
    types = np.full(len(columns.ids), -1)
    types[layers[order]] = columns.stored_dtypes[weights[order]]  # the last, largest one stays
    return types


def _attributes(columns: Columns, row: int) -> str:
    """“group=1 pads=[1, 1]”."""
    words = [columns.texts[number] for number in columns.attribute_texts.row(row)]
    return " ".join(f"{name}={value}" for name, value in zip(words[::2], words[1::2], strict=True))


def shape_text(shape: Sequence[Dimension] | None) -> str:
    """“1x96x?x?”; empty where the rank is not known."""
    return "x".join("?" if size is None else str(size) for size in shape or ())


def shape_fits(shape: str, wanted: str) -> bool:
    """Whether the sizes that are wanted follow one another in a shape; “?” and “*” are any size."""
    sizes = shape.split("x")
    parts = [part.strip() for part in wanted.strip("[]()").replace(",", "x").split("x")]
    return any(
        all(part in ("?", "*", "", size) for part, size in zip(parts, sizes[start:], strict=False))
        for start in range(len(sizes) - len(parts) + 1)
    )


def _slashed(path: str) -> str:
    """“/layers/7/attn/”: dots count as slashes, so that a whole part can be looked for."""
    parts = path.replace(".", "/").split("/")
    return f"/{'/'.join(part for part in parts if part)}/"


def _attribute_fits(text: str, term: AttributeBound) -> bool:
    for entry in text.split(" "):
        name, _, value = entry.partition("=")
        if name == term.attribute:
            wanted, figure = number_of(term.text), number_of(value)
            if wanted is not None and figure is not None:
                return bool(_COMPARE[term.comparison](figure, wanted))
            same = value == fold(term.text)
            return same if term.comparison == "=" else not same and term.comparison == "!="
    return False


def _cut_scopes(paths: Sequence[tuple[str, ...]], of: Ints, length: int) -> CodedColumn:
    column = CodedColumn(["/".join(path[:length]) for path in paths])
    return CodedColumn(column.texts, column.codes[of])
