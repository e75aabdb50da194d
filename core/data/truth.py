"""Ground truth: what is known to be right about the samples of a data set, by kind."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np

NO_CLASS = 255
"""In masks: a pixel that belongs to no class, or that does not count."""


class Truth(ABC):
    """One kind of truth about some samples, in their order."""

    kind: ClassVar[str]
    """For people: “boxes”."""

    @abstractmethod
    def __len__(self) -> int: ...


@dataclass(frozen=True)
class ClassTruth(Truth):
    """The class of each image."""

    kind: ClassVar[str] = "classes"
    labels: "np.ndarray"
    """int64, (samples,): the model's output index of the true class."""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class ImageBoxes:
    """The objects in one image."""

    width: int
    height: int
    """Of the image, in pixels."""
    boxes: "np.ndarray"
    """float64, (n, 4): x0 y0 x1 y1 in pixels of the image."""
    classes: "np.ndarray"
    """int64, (n,): index into the data set's classes."""
    crowd: "np.ndarray"
    """bool, (n,): a group of objects, which is neither demanded nor counted as an error."""


@dataclass(frozen=True)
class BoxTruth(Truth):
    """The objects in each image."""

    kind: ClassVar[str] = "boxes"
    images: tuple[ImageBoxes, ...]
    class_ids: tuple[int, ...] = ()
    """The number of each class in its file, where these have gaps as COCO's have; else empty."""

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class MaskTruth(Truth):
    """The class of each pixel; read one image at a time, because masks are large."""

    kind: ClassVar[str] = "masks"
    count: int
    read: "Callable[[int], np.ndarray]"
    """By index: uint8, (height, width), the class of each pixel, or NO_CLASS."""
    background: bool = False
    """Whether NO_CLASS is the background, which a model may give a class of its own."""

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True)
class TextTruth(Truth):
    """The text in each image."""

    kind: ClassVar[str] = "texts"
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class NumberTruth(Truth):
    """Numbers that the model should give for each sample."""

    kind: ClassVar[str] = "numbers"
    values: "np.ndarray"
    """float64, (samples, numbers)."""

    def __len__(self) -> int:
        return len(self.values)
