"""Walks through everything that a model computes on real inputs, a group of tensors at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.diff.watching import WatchedModel
from core.model.half_floats import LARGEST
from core.techniques.base import Feeds

if TYPE_CHECKING:
    import numpy as np

GROUP = 24
"""Tensors that are fetched in one run while their sizes are not known."""
GROUP_BYTES = 256 << 20
SMALLEST_NORMAL = 2.0**-14
"""The smallest number that float16 holds with all its digits."""
SMALLEST = 2.0**-25
"""Numbers up to this round to zero in float16."""

Progress = Callable[[float, float, str], None]


@dataclass
class TensorFigures:
    """What a tensor took on all inputs that were looked at."""

    low: float = float("inf")
    high: float = float("-inf")
    """Over finite values; low is above high where there is none."""
    values: int = 0
    not_finite: int = 0
    beyond_half: int = 0
    """Finite values that float16 cannot hold."""
    vanished: int = 0
    """Values other than 0 that float16 rounds to 0."""
    bytes: int = 0
    """Of one input's."""

    @property
    def largest(self) -> float:
        """The largest absolute finite value."""
        return max(abs(self.low), abs(self.high)) if self.low <= self.high else 0.0

    def add(self, values: "np.ndarray") -> None:
        import numpy as np

        self.values += values.size
        self.bytes = max(self.bytes, values.nbytes)
        finite = values[np.isfinite(values)]
        self.not_finite += values.size - finite.size
        if finite.size:
            self.low = min(self.low, float(finite.min()))
            self.high = max(self.high, float(finite.max()))
            size = np.abs(finite)
            self.beyond_half += int((size > LARGEST).sum())
            self.vanished += int(((size > 0) & (size <= SMALLEST)).sum())


@dataclass
class Walk:
    """Figures of every tensor of real numbers, in the order of the layers that make them."""

    figures: dict[str, TensorFigures] = field(default_factory=dict[str, TensorFigures])
    inputs: int = 0


def walk(
    copy: Path,
    names: Sequence[str],
    feeds: Callable[[], Iterator[Feeds]],
    count: int,
    progress: Progress,
) -> Walk:
    """Watch the tensors of a working copy on `count` inputs. Raises UserError.

    A small file is written beside the copy. Memory stays bounded by GROUP_BYTES or the largest
    tensor.
    """
    found = Walk(inputs=count)
    for done, values in enumerate(watched(copy, names, feeds)):
        progress(done, count, "Watching every layer")
        for name, value in values:
            found.figures.setdefault(name, TensorFigures()).add(value)
    return found


def watched(
    copy: Path, names: Sequence[str], feeds: Callable[[], Iterator[Feeds]]
) -> "Iterator[Iterator[tuple[str, np.ndarray]]]":
    """For each input the tensors of real numbers among `names`, in groups of bounded size."""
    model = WatchedModel(copy)
    known = [name for name in names if name in model.tensors]
    sizes: dict[str, int] = {}
    for inputs in feeds():
        yield _one_input(model, known, sizes, inputs)


def _one_input(
    model: WatchedModel, names: Sequence[str], sizes: dict[str, int], inputs: Feeds
) -> "Iterator[tuple[str, np.ndarray]]":
    fitted = {port.name: inputs[port.name].astype(port.dtype) for port in model.inputs}
    for group in _groups(names, sizes):
        for name, values in zip(group, model.run(group, fitted), strict=True):
            if values is not None:
                sizes[name] = values.nbytes
                if values.dtype.kind == "f":
                    yield name, values


def _groups(names: Sequence[str], sizes: Mapping[str, int]) -> Iterator[list[str]]:
    guess = GROUP_BYTES // GROUP
    group: list[str] = []
    total = 0
    for name in names:
        size = sizes.get(name, guess)
        if group and total + size > GROUP_BYTES:
            yield group
            group, total = [], 0
        group.append(name)
        total += size
    if group:
        yield group
