"""What a data set is: a list of samples, some with truth, read one at a time."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from core.data.truth import ClassTruth, Truth

if TYPE_CHECKING:
    import numpy as np

    from core.runtimes.base import Port


@dataclass(frozen=True)
class Sample:
    """One image of a data set, or one set of tensors; its bytes stay on disk."""

    key: str
    """Path inside the data set; unique and stable."""
    label: int | None
    """The model's output index of the true class, or None."""


class OpenDataset(ABC):
    """A data set that has been listed. Reading is thread-safe."""

    name: str
    samples: Sequence[Sample]
    classes: Sequence[str]
    """Class names by label; empty without labels."""
    warnings: tuple[str, ...]
    """Such as files that were left out, with counts."""
    layout: str = ""
    """What the way in which it lies on disk is called, for people: “COCO”; empty for folders."""
    truths: tuple[type[Truth], ...] = ()
    """The kinds of what is known of every sample."""
    alphabet: tuple[str, ...] = ()
    """The characters of texts, in the order of the model's scores; empty where not given."""
    holds: Literal["images", "tensors"] = "images"
    """Images are decoded and prepared; tensors are given to the model as they are."""

    @abstractmethod
    def read(self, sample: Sample) -> bytes:
        """The image file's bytes, size-checked. Raises InputError."""

    @property
    def labelled(self) -> bool:
        """Whether something is known to be right about the samples."""
        return bool(self.truths)

    def truths_of(self, samples: Sequence[Sample]) -> tuple[Truth, ...]:
        """All that is known of these samples. Raises InputError with every fault of the labels."""
        import numpy as np

        labels = [sample.label for sample in samples if sample.label is not None]
        if not labels or len(labels) < len(samples):
            return ()
        return (ClassTruth(np.asarray(labels, dtype=np.int64)),)

    def feeds(self, sample: Sample, ports: "Sequence[Port]") -> "dict[str, np.ndarray]":
        """One sample's tensors with their batch of 1, for data sets that hold tensors.

        Raises InputError.
        """
        raise NotImplementedError(f"{self.name} holds {self.holds}, not tensors for {ports}")

    def check_tensors(self, ports: "Sequence[Port]") -> None:
        """Raises InputError with everything that does not fit the model's inputs.

        Only for data sets that hold tensors; images are made to fit.
        """
        raise NotImplementedError(f"{self.name} holds {self.holds}, not tensors for {ports}")

    @property
    def sentence(self) -> str:
        """“200 images with boxes of 3 classes (COCO)”."""
        count = len(self.samples)
        noun = {"images": "image", "tensors": "input"}[self.holds]
        words = f"{count:,} {noun}{'' if count == 1 else 's'}"
        known = " and ".join(kind.kind for kind in self.truths)
        if ClassTruth in self.truths:
            present = {sample.label for sample in self.samples} - {None}
            words += f" of {_classes(len(present))}" if present else " with labels"
        elif known:
            words += f" with {known}"
            words += f" of {_classes(len(self.classes))}" if self.classes else ""
        else:
            words += " without labels"
        return f"{words} ({self.layout})" if self.layout else words


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count:,} classes"


class DatasetFormat(ABC):
    """One way in which data sets lie on disk. A new one is one new file with one subclass."""

    name: ClassVar[str]
    label: ClassVar[str]
    takes_any: ClassVar[bool] = False
    """It takes what no other way of lying on disk fits; such are asked last."""

    @abstractmethod
    def sniff(self, path: Path) -> bool:
        """Whether this format can read the folder or file; looks at content, not at names alone."""

    @abstractmethod
    def open(self, path: Path) -> OpenDataset:
        """List the samples. Raises InputError with a remedy when nothing can be used."""
