"""What differs between what two model files say."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.diff.alignment import Alignment, align
from core.diff.biases import with_biases_inside
from core.diff.conversions import Passages, dtype_of, precision_of
from core.diff.differences import (
    attribute_changes,
    facts_changes,
    interface_changes,
    mapping_changes,
    precision_change,
    rewired,
    tensor_words,
)
from core.diff.outline import Outline
from core.diff.report import (
    Change,
    LayerChange,
    LayerName,
    Listed,
    PrecisionChange,
    StructureDiff,
    TensorChange,
    Totals,
)
from core.diff.weight_changes import Difference, WeightComparison
from core.model.graph import Layer, LayerId, ModelGraph
from core.model.summary import full_name
from core.model.whole_graph import whole


@dataclass(frozen=True)
class Knowledge:
    """What is known of the stored numbers of both models, beyond their types and shapes."""

    shifted_a: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Zero point to whether it holds anything but zeros."""
    shifted_b: Mapping[str, bool] = field(default_factory=dict[str, bool])
    difference: Difference | None = None


@dataclass(frozen=True)
class Compared:
    """The difference, and what further comparisons start from."""

    diff: StructureDiff
    a: Outline
    b: Outline
    alignment: Alignment


def compare_structure(a: ModelGraph, b: ModelGraph, knowledge: Knowledge | None = None) -> Compared:
    """Align two graphs and list what differs."""
    alike_formats = a.format == b.format
    if not alike_formats:
        a, b = with_biases_inside(whole(a)), with_biases_inside(whole(b))
    one, other = (Outline(graph, with_attributes=alike_formats) for graph in (a, b))
    alignment = align(one, other)
    found = _Comparison(one, other, alignment, knowledge or Knowledge(), alike_formats)
    return Compared(found.diff(), one, other, alignment)


def name_of(layer: Layer) -> LayerName:
    return LayerName(id=layer.id, name=full_name(layer), operator=layer.operator)


class _Comparison:
    def __init__(
        self,
        a: Outline,
        b: Outline,
        alignment: Alignment,
        knowledge: Knowledge,
        alike_formats: bool,
    ) -> None:
        self._a, self._b = a, b
        self._alignment = alignment
        self._knowledge = knowledge
        self._alike_formats = alike_formats
        self._passages_a = Passages(a.graph, a.layers, a.conversions)
        self._passages_b = Passages(b.graph, b.layers, b.conversions)
        self._pairs = alignment.pairs
        self._lone_a = self._lone(a, {i for i, _ in self._pairs})
        self._lone_b = self._lone(b, {j for _, j in self._pairs})
        weights = b.graph.weights
        self._moved_weights = {
            name for name, weight in a.graph.weights.items() if weights.get(name) != weight
        }
        self._restless = self._restless_tensors()
        self._claimed: set[str] = set()
        """Conversions that belong to a changed layer."""
        self._weights = WeightComparison(a, b, knowledge.difference, alike_formats=alike_formats)
        self._tensors: list[TensorChange] = []

    def _lone(self, side: Outline, paired: set[int]) -> dict[str, int]:
        """Ids of layers that the other side does not have."""
        return {layer.id: index for index, layer in enumerate(side.layers) if index not in paired}

    def diff(self) -> StructureDiff:
        changed = list(self._changed_layers())
        changed += self._changed_conversions()
        place = {layer.id: index for index, layer in enumerate(self._a.layers)}
        changed.sort(key=lambda change: place[LayerId(change.a.id)])
        added = tuple(self._remaining(self._b, self._lone_b))
        removed = tuple(self._remaining(self._a, self._lone_a))
        a, b = self._a.graph, self._b.graph
        interface = tuple(interface_changes(a, b))
        metadata = tuple(self._metadata())
        weight_names = self._weights.lone_names()
        differs = changed or added or removed or interface or metadata or self._weights.found
        return StructureDiff(
            same=not (differs or self._tensors or self._claimed),
            a=_totals(self._a),
            b=_totals(self._b),
            alike=len(self._pairs) - len(changed),
            added=added,
            removed=removed,
            changed=tuple(changed),
            renamed=tuple(self._renamed()),
            tensors=tuple(self._tensors),
            tensor_names=self._lone_tensors(),
            weights=tuple(self._weights.found),
            weight_names=weight_names,
            interface=interface,
            metadata=metadata,
            notes=tuple(self._notes()),
        )

    def _changed_layers(self) -> Iterator[LayerChange]:
        for i, j in self._pairs:
            if self._a.conversions[i] or self._is_untouched(i, j):
                continue
            change = self._change(i, j)
            if change is not None:
                yield change

    def _is_untouched(self, i: int, j: int) -> bool:
        """Whether two layers are equal to the letter, and so is what they take; the usual case."""
        one = self._a.layers[i]
        if one != self._b.layers[j] or not self._restless.isdisjoint((*one.inputs, *one.outputs)):
            return False
        if self._passages_a.touches(one) or self._passages_b.touches(one):
            return False
        return not one.weights or (
            self._knowledge.difference is None and self._moved_weights.isdisjoint(one.weights)
        )

    def _restless_tensors(self) -> set[str]:
        """Tensors of one name that are not the same, or that layers make that are not paired."""
        known = self._b.graph.tensors
        found = {
            name for name, tensor in self._a.graph.tensors.items() if known.get(name) != tensor
        }
        for i, j in self._pairs:
            one, other = self._a.layers[i].outputs, self._b.layers[j].outputs
            if one != other:
                found.update(one, other)
        return found

    def _change(self, i: int, j: int) -> LayerChange | None:
        one, other = self._a.layers[i], self._b.layers[j]
        changes = [*self._facts(one, other), *rewired(self._a, self._b, self._alignment, i, j)]
        changes += self._weights.changes(i, j)
        self._note_tensors(one, other)
        precision = self._precision_change(i, j)
        around = self._conversions_around(one, other)
        if precision is None and not changes:
            return None
        self._claimed.update(around)
        return LayerChange(
            a=name_of(one),
            b=name_of(other),
            matched_by=self._alignment.matched_by[i],
            changes=tuple(changes),
            precision=precision,
            conversions=tuple(around) if precision is not None else (),
        )

    def _precision_change(self, i: int, j: int) -> PrecisionChange | None:
        one, other = self._a.layers[i], self._b.layers[j]
        converted = self._passages_a.touches(one) or self._passages_b.touches(other)
        if not converted and self._dtypes(self._a, i) == self._dtypes(self._b, j):
            return None
        return precision_change(
            precision_of(one, self._a.constants(i), self._passages_a, self._knowledge.shifted_a),
            precision_of(other, self._b.constants(j), self._passages_b, self._knowledge.shifted_b),
        )

    def _dtypes(self, side: Outline, index: int) -> list[str]:
        """Element types of all that a layer takes and gives, as the file says them."""
        layer, graph = side.layers[index], side.graph
        flowing = [dtype_of(graph, name) for name in (*layer.inputs, *layer.outputs)]
        return flowing + [each.dtype for each in side.constants(index)]

    def _facts(self, one: Layer, other: Layer) -> Iterator[Change]:
        yield from facts_changes(one, other, alike_formats=self._alike_formats)
        if self._alike_formats:
            yield from attribute_changes(one, other, self._a.graph, self._b.graph)

    def _conversions_around(self, one: Layer, other: Layer) -> list[str]:
        """Ids of conversions that only one side has, before and after a layer."""
        found: dict[str, None] = {}
        for layer, passages, lone in (
            (one, self._passages_a, self._lone_a),
            (other, self._passages_b, self._lone_b),
        ):
            near = [each for name in layer.inputs for each in passages.before(name)]
            near += [each for name in layer.outputs for each in passages.after(name)]
            found |= {each.id: None for each in near if each.id in lone}
        return list(found)

    def _changed_conversions(self) -> Iterator[LayerChange]:
        """Conversions that both have, where no layer's precision tells the change already."""
        for i, j in self._pairs:
            one, other = self._a.layers[i], self._b.layers[j]
            if self._a.conversions[i]:
                changes = tuple(self._facts(one, other))
                self._note_tensors(one, other)
                if changes:
                    by = self._alignment.matched_by[i]
                    yield LayerChange(
                        a=name_of(one), b=name_of(other), matched_by=by, changes=changes
                    )

    def _note_tensors(self, one: Layer, other: Layer) -> None:
        for name, name_b in zip(one.outputs, other.outputs, strict=False):
            known, known_b = self._a.graph.tensors.get(name), self._b.graph.tensors.get(name_b)
            if known is None or known_b is None:
                continue
            before, after = tensor_words(known), tensor_words(known_b)
            if before and after and before != after:
                self._tensors.append(TensorChange(a=name, b=name_b, before=before, after=after))

    def _remaining(self, side: Outline, lone: Mapping[str, int]) -> Iterator[LayerName]:
        for layer, index in lone.items():
            if layer not in self._claimed:
                yield name_of(side.layers[index])

    def _renamed(self) -> Iterator[tuple[str, str]]:
        for i, j in self._pairs:
            one, other = self._a.layers[i].id, self._b.layers[j].id
            if one != other:
                yield one, other

    def _lone_tensors(self) -> Listed:
        return Listed(
            removed=tuple(
                name for index in self._lone_a.values() for name in self._a.layers[index].outputs
            ),
            added=tuple(
                name for index in self._lone_b.values() for name in self._b.layers[index].outputs
            ),
        )

    def _metadata(self) -> Iterator[Change]:
        a, b = self._a.graph, self._b.graph
        if a.version != b.version:
            yield Change(what="format", before=a.version, after=b.version)
        if self._alike_formats:
            yield from mapping_changes("metadata", a.metadata, b.metadata)

    def _notes(self) -> Iterator[str]:
        if not self._alike_formats:
            yield (
                "Attributes were not compared: the two formats name them differently, so only "
                "operators, shapes, weights and precision were. A bias that is a layer of its own "
                "counts as part of the layer before it."
            )
        if self._knowledge.difference is None:
            yield "The numbers of weights were not compared, only their types and shapes."


def _totals(side: Outline) -> Totals:
    graph = side.graph
    stored: Counter[str] = Counter()
    for weight in graph.weights.values():
        stored[weight.dtype] += weight.bytes
    return Totals(
        name=graph.name,
        format=graph.version,
        layers=len(side.layers),
        conversions=sum(side.conversions),
        parameters=sum(layer.parameters for layer in side.layers),
        operations=sum(layer.operations or 0 for layer in side.layers),
        file_bytes=graph.file_bytes,
        weight_bytes=dict(stored.most_common()),
    )
