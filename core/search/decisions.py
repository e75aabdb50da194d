"""What the solver decides: layers that runtimes fuse get one option together.

Splitting a fused group would run kernels that nobody measured, so layers that shared a kernel in
any of the profiles form one decision, together with the layers that follow them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.model.graph import LayerId
from core.search.layer_map import KEEP, Border, Flow, MapEntry, ModelMap


@dataclass(frozen=True)
class Cost:
    """One decision under one option. Differences from keeping are what matters."""

    milliseconds: float
    loss: float
    bytes: float


@dataclass(frozen=True)
class Decision:
    """Layers that are treated alike, and what every option would cost."""

    layers: tuple[LayerId, ...]
    costs: Mapping[str, Cost]
    """By option; keep is always one of them."""


@dataclass(frozen=True)
class Joint:
    """A tensor between decisions, by their indices."""

    maker: int
    takers: tuple[int, ...]
    elements: int


@dataclass(frozen=True)
class Choices:
    """All decisions on one runtime, and the tensors between them."""

    decisions: tuple[Decision, ...]
    joints: tuple[Joint, ...]
    flows: Mapping[str, Flow]
    """By option."""
    ms_per_element: float
    """Of a conversion at a joint whose sides differ in flow."""


def choices_on(
    map: ModelMap, label: str, options: Collection[str], exclude: Collection[LayerId] = ()
) -> Choices:
    """The decisions on the runtime choice `label` with some of the map's options.

    Layers in `exclude`, and all that are fused with them, are kept as they are.
    """
    entries = map.by_runtime[label]
    allowed = [KEEP, *(option for option in options if option != KEEP)]
    groups = list(_groups(map, entries, allowed))
    decisions = tuple(_decision(group, map, entries, allowed, exclude) for group in groups)
    place = {layer: index for index, group in enumerate(groups) for layer in group}
    rate = map.conversions.get(label)
    return Choices(
        decisions=decisions,
        joints=tuple(_joints(map.borders, place)),
        flows={option: map.options[option].flow for option in allowed},
        ms_per_element=rate.ms_per_element if rate else 0.0,
    )


def _groups(
    map: ModelMap, entries: Mapping[tuple[LayerId, str], MapEntry], options: Collection[str]
) -> Iterator[tuple[LayerId, ...]]:
    """Layers that ran together in any profile, or follow each other; in the map's order."""
    leader: dict[LayerId, LayerId] = {}

    def find(layer: LayerId) -> LayerId:
        while leader.setdefault(layer, layer) != layer:
            leader[layer] = leader[leader[layer]]
            layer = leader[layer]
        return layer

    for (layer, option), entry in entries.items():
        for other in entry.group if option in options else ():
            leader[find(other)] = find(layer)
    for follower, led in map.followers.items():
        leader[find(follower)] = find(led)
    groups: dict[LayerId, list[LayerId]] = {}
    for layer in list(leader):
        groups.setdefault(find(layer), []).append(layer)
    yield from (tuple(group) for group in groups.values())


def _decision(
    group: tuple[LayerId, ...],
    map: ModelMap,
    entries: Mapping[tuple[LayerId, str], MapEntry],
    options: Iterable[str],
    exclude: Collection[LayerId],
) -> Decision:
    frozen = not set(group).isdisjoint(exclude)
    possible = [
        option
        for option in options
        if option == KEEP or (not frozen and not map.options[option].treats.isdisjoint(group))
    ]
    return Decision(group, {option: _cost(group, option, map, entries) for option in possible})


def _cost(
    group: tuple[LayerId, ...],
    option: str,
    map: ModelMap,
    entries: Mapping[tuple[LayerId, str], MapEntry],
) -> Cost:
    own = [entries[layer, option] for layer in group if (layer, option) in entries]
    treats = map.options[option].treats
    saved = sum(
        entries[entry.layer, KEEP].bytes - entry.bytes
        for entry in own
        if entry.layer in treats and (entry.layer, KEEP) in entries
    )
    return Cost(
        milliseconds=sum(entry.milliseconds or 0.0 for entry in own),
        loss=sum(map.loss_where_treated(entry) for entry in own if entry.layer in treats),
        bytes=-saved * map.size_scales.get(option, 1.0),
    )


def _joints(borders: Iterable[Border], place: Mapping[LayerId, int]) -> Iterator[Joint]:
    for border in borders:
        maker = place.get(border.maker)
        takers = {place[taker] for taker in border.takers if taker in place} - {maker}
        if maker is not None and takers:
            yield Joint(maker, tuple(sorted(takers)), border.elements)
