"""Why a layer suffers from INT8: ranges, what is cut off, dead and unlike channels."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.doctors.figures.clipping import HeldRange
from core.doctors.figures.tensor_walk import watched
from core.model.graph import Layer, LayerId
from core.parameters import Value
from core.techniques.base import Feeds
from core.techniques.editing import ModelEdit
from core.techniques.weights import KERNELS, channel_axis

if TYPE_CHECKING:
    pass

LEVELS = 127
"""Steps from 0 to the largest weight in INT8."""
_UNLIKE = 8.0
"""Largest over smallest channel from which on one scale for all costs much: 4 bits are left."""
_WASTED = 0.3
"""Share of unused integers from which on it is told."""
_CLIPPED = 1e-4
_DEAD = 1e-6
"""Spread of a channel, over that of the whole tensor, under which it is dead."""


@dataclass(frozen=True)
class WeightChannels:
    """The output channels of a layer's weight."""

    count: int
    largest: float
    smallest: float
    """Of the channels that are not all zero: the largest absolute weight in it."""

    @property
    def ratio(self) -> float:
        return self.largest / self.smallest if self.smallest > 0 else 1.0


def weight_channels(edit: ModelEdit, layer: LayerId) -> WeightChannels | None:
    """None for a layer without a stored kernel."""
    import numpy as np

    node = edit.layers([layer]).get(layer)
    if node is None or node.op_type not in KERNELS or not edit.is_weight(node.input[1]):
        return None
    values = edit.weight(node.input[1])
    axis = channel_axis(node, values.ndim)
    if axis is None:
        return None
    others = tuple(index for index in range(values.ndim) if index != axis)
    sizes = np.abs(values).max(axis=others, initial=0.0)
    alive = sizes[sizes > 0]
    if not alive.size:
        return None
    return WeightChannels(len(sizes), float(alive.max()), float(alive.min()))


def dead_channels(
    original: Path, tensors: Sequence[str], feeds: Callable[[], Iterator[Feeds]]
) -> dict[str, tuple[int, int]]:
    """Dead channels and all channels of some tensors, (batch, channels, …) or (batch, channels).

    A channel is dead when it gives the same number everywhere on every input.
    """
    import numpy as np

    ends: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for values in watched(original, tensors, feeds):
        for name, value in values:
            if value.ndim < 2:
                continue
            rows = np.moveaxis(value, 1, 0).reshape(value.shape[1], -1)
            low, high = rows.min(axis=1), rows.max(axis=1)
            lowest, highest = ends.get(name, (low, high))
            ends[name] = (np.minimum(lowest, low), np.maximum(highest, high))
    found: dict[str, tuple[int, int]] = {}
    for name, (low, high) in ends.items():
        spread = high - low
        found[name] = (int((spread <= _DEAD * spread.max(initial=0.0)).sum()), len(spread))
    return found


def facts_of(
    layer: Layer,
    options: Mapping[str, Value],
    channels: WeightChannels | None,
    held: Mapping[str, HeldRange],
    dead: Mapping[str, tuple[int, int]],
) -> tuple[str, ...]:
    """Sentences with figures, the telling ones first."""
    facts: list[str] = []
    if channels is not None:
        facts += _channel_facts(channels, per_channel=bool(options.get("per_channel", True)))
    for role, names in (("comes in", layer.inputs), ("goes out", layer.outputs)):
        facts += [_range_fact(role, held[name]) for name in names if name in held]
    for name in layer.outputs:
        count, total = dead.get(name, (0, 0))
        if count:
            facts.append(f"{count} of {total} channels are dead: always the same number.")
    return tuple(facts)


def _channel_facts(channels: WeightChannels, *, per_channel: bool) -> list[str]:
    ratio = channels.ratio
    words = (
        f"The weights of its {channels.count} channels reach from {channels.smallest:.3g} to "
        f"{channels.largest:.3g}: the largest is {ratio:.3g} times the smallest."
    )
    if per_channel:
        return [f"{words} Each channel has a scale of its own."] if ratio > _UNLIKE else []
    if ratio <= _UNLIKE:
        return [words]
    left = max(LEVELS / ratio, 0)
    return [f"{words} One scale for all leaves the smallest {left:.1f} of {LEVELS} steps."]


def _range_fact(role: str, held: HeldRange) -> str:
    words = (
        f"What {role} ({held.tensor}) goes from {held.seen_low:.4g} to {held.seen_high:.4g}; INT8 "
        f"holds {held.low:.4g} to {held.high:.4g} in steps of {held.step:.2g}"
    )
    if held.clipped_share > _CLIPPED:
        words += f", {100 * held.clipped_share:.2g} % of the values are cut off"
    if held.wasted_share > _WASTED:
        words += f", {100 * held.wasted_share:.0f} % of the integers are never used"
    return f"{words}."
