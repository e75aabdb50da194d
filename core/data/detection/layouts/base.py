"""What a layout of a detector's outputs is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from core.data.detection.boxes import Boxes

if TYPE_CHECKING:
    import numpy as np

Answer = Mapping[str, "np.ndarray"]
"""All outputs for one image, by name, with their batch of 1."""
Frame = tuple[int, int]
"""Width and height of the model's input."""


class BoxLayout(ABC):
    """One way in which detectors give boxes. A new one is one new file with one subclass."""

    name: ClassVar[str]
    label: ClassVar[str]
    suppressed: ClassVar[bool]
    """Whether the model itself has removed boxes that say the same."""
    rank: ClassVar[int] = 0
    """Of the layouts that fit, the one with the lowest is taken: put special ones first."""

    @abstractmethod
    def fits(self, answer: Answer, frame: Frame) -> bool:
        """Whether outputs look like this; from their shapes, values and names."""

    @abstractmethod
    def read(self, answer: Answer, frame: Frame) -> Boxes:
        """All boxes that the outputs hold, unfiltered, in the unit that the model uses."""


def in_unit_range(values: "np.ndarray") -> bool:
    """Whether numbers can be probabilities."""
    return values.size > 0 and float(values.min()) >= -1e-3 and float(values.max()) <= 1 + 1e-3


def whole(values: "np.ndarray") -> bool:
    """Whether all numbers are whole and none is negative, as those of classes are."""
    import numpy as np

    sound = np.isfinite(values) & (values == np.rint(values)) & (values >= -1)
    return bool(sound.all())


def grid_cells(frame: Frame) -> int:
    """Cells of the three usual grids (strides 8, 16, 32) of one-stage detectors."""
    return sum((frame[0] // stride) * (frame[1] // stride) for stride in (8, 16, 32))
