"""What a writer is: it turns a checked ONNX model into the files of one format."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from core.parameters import Parameter, Value


class Writer(ABC):
    """One format that models are written in. A new one is one new file with one subclass."""

    name: ClassVar[str]
    """For files and flags."""
    label: ClassVar[str]
    """For people: “OpenVINO IR”."""
    suffix: ClassVar[str]
    """Of the file that is opened, with the dot."""
    about: ClassVar[str]
    """One sentence: what the files are."""
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    @abstractmethod
    def write(self, model: Path, target: Path, options: Mapping[str, Value]) -> None:
        """Write `target`, and what belongs to it, beside `model`, which may be used up for that.

        `model` is an ONNX file; its data files lie beside it. Raises UserError.
        """
