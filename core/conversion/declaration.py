"""What a format declares about the way from its files to a model that runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


def _ignore(text: str) -> None:
    pass


Target = Literal["onnx", "openvino"]
"""ONNX in one file, or OpenVINO IR: an .xml with its .bin beside it."""

Need = Literal["input-shape", "architecture"]
"""What the file does not say and a person must: sizes of the inputs, the code that builds it."""


@dataclass(frozen=True)
class Conversion:
    """One way to turn a file of a format into a model that runs."""

    target: Target
    component: str = ""
    """The extra of this program that it takes, as pip knows it: “torch”. Empty for none."""
    runs: str = ""
    """One sentence that says which code of the file's own runs meanwhile. Empty for none; else
    nothing happens without a person's consent, and it happens in the sandbox."""
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class ConversionWork:
    """One conversion that was asked for, and consented to where that is needed."""

    source: Path
    target: Path
    """The file to write; for OpenVINO IR the .xml. Its folder exists."""
    scratch: Path
    """An empty folder; it goes when the conversion ends."""
    progress: Callable[[str], None]
    """Tells people what is being done now, and raises JobCancelled once they stopped it."""
    input_shapes: tuple[tuple[int, ...], ...] = ()
    """In the order of the inputs; empty takes what the file says."""
    architecture: Path | None = None
    """A Python file of the user's that builds the model."""
    architecture_name: str = ""
    """The class or function in it."""
    note: Callable[[str], None] = _ignore
    """Tells what people should know of this conversion afterwards, such as what confined it."""
    python: Path | None = None
    """The interpreter that has the component, where it is not this program's own."""
