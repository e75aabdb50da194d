"""What INT8 can hold of each activation, against what the activation really is on real inputs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.doctors.figures.tensor_walk import Progress, watched
from core.techniques.base import Feeds
from core.techniques.editing import ModelEdit

if TYPE_CHECKING:
    import numpy as np
    import onnx


@dataclass
class HeldRange:
    """One QuantizeLinear: the range that its integers stand for, and what came in."""

    tensor: str
    low: float
    high: float
    """Of what is held."""
    step: float
    """Between two neighbouring integers."""
    seen_low: float = float("inf")
    seen_high: float = float("-inf")
    values: int = 0
    clipped: int = 0
    """Values more than half a step outside what is held."""

    @property
    def clipped_share(self) -> float:
        return self.clipped / self.values if self.values else 0.0

    @property
    def wasted_share(self) -> float:
        """Share of the integers that no value comes to, at the ends of the range."""
        width = self.high - self.low
        used = min(self.seen_high, self.high) - max(self.seen_low, self.low)
        return min(max(1 - used / width, 0.0), 1.0) if width > 0 and used >= 0 else 1.0

    def add(self, values: "np.ndarray") -> None:
        import numpy as np

        finite = values[np.isfinite(values)]
        if not finite.size:
            return
        self.values += finite.size
        self.seen_low = min(self.seen_low, float(finite.min()))
        self.seen_high = max(self.seen_high, float(finite.max()))
        below, above = self.low - self.step / 2, self.high + self.step / 2
        self.clipped += int(((finite < below) | (finite > above)).sum())


def held_ranges(
    compressed: Path, feeds: Callable[[], Iterator[Feeds]], count: int, progress: Progress
) -> dict[str, HeldRange]:
    """Of every tensor that a compressed model turns into INT8, in order. Raises UserError."""
    found = dict(_declared(ModelEdit.open(compressed)))
    if not found:
        return {}
    for done, values in enumerate(watched(compressed, tuple(found), feeds)):
        progress(done, count, "Watching what INT8 holds")
        for name, value in values:
            found[name].add(value)
    return {name: held for name, held in found.items() if held.values}


def _declared(edit: ModelEdit) -> Iterator[tuple[str, HeldRange]]:
    for node in edit.nodes:
        if node.op_type == "QuantizeLinear" and edit.is_weight(node.input[1]):
            held = _held(edit, node)
            if held is not None:
                yield node.input[0], held


def _held(edit: ModelEdit, node: "onnx.NodeProto") -> HeldRange | None:
    """What a per-tensor QuantizeLinear with stored numbers holds."""
    import numpy as np

    scale = edit.weight(node.input[1])
    stored = len(node.input) > 2 and edit.is_weight(node.input[2])
    zero = edit.weight(node.input[2]) if stored else np.zeros((), np.uint8)
    if scale.size != 1 or zero.size != 1 or zero.dtype.kind not in "iu":
        return None
    ends, step, middle = np.iinfo(zero.dtype), float(scale.item()), int(zero.item())
    low, high = (ends.min - middle) * step, (ends.max - middle) * step
    return HeldRange(node.input[0], low, high, step)
