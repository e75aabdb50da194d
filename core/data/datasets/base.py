"""What a dataset is: a list of samples, some with labels, read one at a time."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True)
class Sample:
    """One image of a dataset; its bytes stay on disk."""

    key: str
    """Path inside the dataset; unique and stable."""
    label: int | None
    """The model's output index of the true class, or None."""


class OpenDataset(ABC):
    """A dataset that has been listed. Reading is thread-safe."""

    name: str
    samples: Sequence[Sample]
    classes: Sequence[str]
    """Class names by label; empty without labels."""
    warnings: tuple[str, ...]
    """Such as files that were left out, with counts."""

    @abstractmethod
    def read(self, sample: Sample) -> bytes:
        """The image file's bytes, size-checked. Raises InputError."""

    @property
    def labelled(self) -> bool:
        return bool(self.classes)


class DatasetFormat(ABC):
    """One way in which datasets lie on disk. A new one is one new file with one subclass."""

    name: ClassVar[str]
    label: ClassVar[str]

    @abstractmethod
    def sniff(self, path: Path) -> bool:
        """Whether this format can read the folder or file; looks at content, not at names alone."""

    @abstractmethod
    def open(self, path: Path) -> OpenDataset:
        """List the samples. Raises InputError with a remedy when nothing can be used."""
