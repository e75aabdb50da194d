"""Says why a compressed model is not faster, from the profiles of the original and of itself.

Layers keep their ids through compression, so both profiles can be cut into the same regions: the
smallest sets of layers that no group of either profile crosses. What a region lost, or failed to
gain, is put down to one cause; causes are told in the order of their milliseconds.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import prod

from core.benchmark.layer_profile import Kernel, LayerGroup, LayerProfile, in_ms
from core.model.graph import LayerId, ModelGraph

_WORTH_TELLING = 0.02
"""Of the original's time; smaller causes are left out."""
_NO_GAIN = 0.9
"""What takes more than this part of its former time has gained nothing."""
_MEMORY_BOUND = 4.0
"""Operations for each value that is read or written; below, memory sets the pace."""
_MOST_TOLD = 6
_FLOATS = frozenset({"f32", "bf16", "f16", "f64"})
_INTEGERS = frozenset({"i8", "u8"})


@dataclass(frozen=True)
class _Finding:
    """A group of the compressed model that lost time, or gained none."""

    group: LayerGroup
    before: LayerGroup
    """What did the same in the original; for a part that was split off, what it was part of."""
    before_ms: float

    @property
    def lost(self) -> float:
        return self.group.milliseconds - self.before_ms


_Cause = Callable[[_Finding, ModelGraph], bool]
_Words = Callable[[Sequence[_Finding], ModelGraph], str]


def why_not_faster(
    original: LayerProfile, compressed: LayerProfile, graph: ModelGraph
) -> tuple[str, ...]:
    """Sentences with their milliseconds, the heaviest cause first; empty when nothing is to tell.

    `graph` is the original's. Both profiles should come from the same computer and time.
    """
    least = _WORTH_TELLING * original.counted_ms
    told = list(_conversions(original, compressed))
    for words, findings in _by_cause(original, compressed, graph).items():
        unchanged = words is _stays_float
        weight = sum(f.group.milliseconds if unchanged else f.lost for f in findings)
        told.append((weight, words(findings, graph)))
    lead = _lead(original, compressed)
    ranked = sorted((one for one in told if one[0] > least), key=lambda one: -one[0])
    return tuple(f"{lead} {words}." for _, words in ranked[:_MOST_TOLD])


def _lead(original: LayerProfile, compressed: LayerProfile) -> str:
    precisions = {kernel.precision for kernel in compressed.kernels}
    name = "INT8" if precisions & _INTEGERS else f"“{compressed.label}”"
    slower = compressed.counted_ms > original.counted_ms
    return f"{name} is slower here because" if slower else f"{name} does not gain more here because"


def _conversions(original: LayerProfile, compressed: LayerProfile) -> Iterator[tuple[float, str]]:
    for of_weight in (False, True):
        kernels = _converters(compressed, of_weight)
        after = sum(kernel.milliseconds for kernel in kernels)
        more = after - sum(kernel.milliseconds for kernel in _converters(original, of_weight))
        kinds: dict[str, float] = defaultdict(float)
        for kernel in kernels:
            kinds[_from_to(kernel.source_precision, kernel.precision)] += kernel.milliseconds
        if kinds:
            heaviest = max(kinds, key=lambda kind: kinds[kind])
            what = (
                "converting stored weights anew in every inference"
                if of_weight
                else "converting precisions and layouts between layers"
            )
            yield (
                more,
                f"{what} takes {in_ms(more)} more than before: {_number(kernels, 'conversion')}, "
                f"most of the time {heaviest} ({in_ms(kinds[heaviest])})",
            )


def _converters(profile: LayerProfile, of_weight: bool) -> list[Kernel]:
    return [
        kernel
        for kernel in profile.kernels
        if kernel.role == "conversion" and kernel.of_weight == of_weight
    ]


def _from_to(source: str, target: str) -> str:
    return f"changes of layout in {target}" if source == target else f"{source} → {target}"


def _by_cause(
    original: LayerProfile, compressed: LayerProfile, graph: ModelGraph
) -> Mapping[_Words, list[_Finding]]:
    causes: dict[_Words, list[_Finding]] = defaultdict(list)
    for before, after in _regions(original, compressed):
        for finding, is_split in _findings(before, after, graph):
            words = _split_off if is_split else _cause(finding, graph)
            if words is not None:
                causes[words].append(finding)
    return causes


def _regions(
    original: LayerProfile, compressed: LayerProfile
) -> Iterator[tuple[list[LayerGroup], list[LayerGroup]]]:
    """The groups of either profile, in every region that both know."""
    root: dict[LayerId, LayerId] = {}

    def find(layer: LayerId) -> LayerId:
        while root.setdefault(layer, layer) != layer:
            layer = root[layer]
        return layer

    for group in chain(original.groups(), compressed.groups()):
        for layer in group.layers:
            root[find(layer)] = find(group.layers[0])
    sides: dict[LayerId, tuple[list[LayerGroup], list[LayerGroup]]] = {}
    for side, profile in enumerate((original, compressed)):
        for group in profile.groups():
            sides.setdefault(find(group.layers[0]), ([], []))[side].append(group)
    yield from (both for both in sides.values() if all(both))


def _findings(
    before: Sequence[LayerGroup], after: Sequence[LayerGroup], graph: ModelGraph
) -> Iterator[tuple[_Finding, bool]]:
    """Each group of the compressed model, and whether it was split off from what was one kernel."""
    main = max(after, key=lambda group: _operations(group, graph))
    former = max(before, key=lambda group: _operations(group, graph))
    split = len(after) > len(before)
    for group in after:
        if group is main or not split:
            share = [one for one in before if set(one.layers) & set(group.layers)] or [former]
            same = former if group is main else share[0]
            taken = same.milliseconds if split else sum(one.milliseconds for one in share)
            yield _Finding(group, same, taken), False
        else:
            yield _Finding(group, former, 0.0), True


def _cause(finding: _Finding, graph: ModelGraph) -> _Words | None:
    """What a group is put down to that did not gain; None for one that did."""
    group, before = finding.group, finding.before
    if group.milliseconds < _NO_GAIN * finding.before_ms:
        return None
    if group.precision in _FLOATS:
        return _stays_float if group.precision == before.precision else _falls_back
    if any(" dw " in graph.by_id[layer].detail for layer in _known(group, graph)):
        return _depthwise
    return _memory if _intensity(group, graph) < _MEMORY_BOUND else _slower_kernel


def _split_off(findings: Sequence[_Finding], graph: ModelGraph) -> str:
    kinds = Counter(
        graph.by_id[layer].operator for f in findings for layer in _known(f.group, graph)
    )
    names = " and ".join(name for name, _ in kinds.most_common(2))
    return (
        f"{names} no longer run inside the kernels of the layers before them: "
        f"{_number(findings, 'kernel')} of their own take {in_ms(_after(findings))}, "
        f"{_most(findings, graph)}"
    )


def _falls_back(findings: Sequence[_Finding], graph: ModelGraph) -> str:
    now, then = findings[0].group.precision, findings[0].before.precision
    groups = _number(findings, "group")
    return f"{groups} of layers now run in {now} instead of {then}: {_times(findings, graph)}"


def _stays_float(findings: Sequence[_Finding], graph: ModelGraph) -> str:
    groups, precision = _number(findings, "group"), findings[0].group.precision
    return f"{groups} of layers still run in {precision}: {_times(findings, graph)}"


def _depthwise(findings: Sequence[_Finding], graph: ModelGraph) -> str:
    return f"depthwise convolutions gain nothing from 8 bits: {_times(findings, graph)}"


def _memory(findings: Sequence[_Finding], graph: ModelGraph) -> str:
    return (
        f"{_number(findings, 'group')} of layers wait for memory rather than compute, so that "
        f"cheaper arithmetic saves nothing: {_times(findings, graph)}"
    )


def _slower_kernel(findings: Sequence[_Finding], graph: ModelGraph) -> str:
    worst = max(findings, key=lambda finding: finding.lost)
    kernels = f"{worst.group.kernels[0]} instead of {worst.before.kernels[0]}"
    return f"the 8-bit kernels of some layers are no faster ({kernels}): {_times(findings, graph)}"


def _times(findings: Sequence[_Finding], graph: ModelGraph) -> str:
    before = sum(finding.before_ms for finding in findings)
    return f"{in_ms(_after(findings))} instead of {in_ms(before)}, {_most(findings, graph)}"


def _after(findings: Sequence[_Finding]) -> float:
    return sum(finding.group.milliseconds for finding in findings)


def _most(findings: Sequence[_Finding], graph: ModelGraph) -> str:
    worst = max(findings, key=lambda finding: finding.group.milliseconds)
    heaviest = max(
        _known(worst.group, graph),
        key=lambda layer: (graph.by_id[layer].operations or 0, graph.by_id[layer].parameters),
        default=worst.group.layers[0],
    )
    return f"most at “{heaviest}” ({in_ms(worst.group.milliseconds)})"


def _number(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def _known(group: LayerGroup, graph: ModelGraph) -> list[LayerId]:
    return [layer for layer in group.layers if layer in graph.by_id]


def _operations(group: LayerGroup, graph: ModelGraph) -> int:
    return sum(graph.by_id[layer].operations or 0 for layer in _known(group, graph))


def _intensity(group: LayerGroup, graph: ModelGraph) -> float:
    """Operations for each value that the group's layers read or write, weights included."""
    moved = 0
    for layer in (graph.by_id[one] for one in _known(group, graph)):
        shapes = [graph.tensors[name].shape for name in layer.inputs if name in graph.tensors]
        sizes = (_size(shape) for shape in (*shapes, layer.output_shape))
        moved += layer.parameters + sum(sizes)
    return _operations(group, graph) / max(moved, 1)


def _size(shape: Sequence[object] | None) -> int:
    return prod(size for size in shape or () if isinstance(size, int))
