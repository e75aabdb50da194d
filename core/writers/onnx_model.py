"""Writes ONNX: the model stays as it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from core.parameters import Value
from core.writers.base import Writer


class OnnxWriter(Writer):
    name: ClassVar[str] = "onnx"
    label: ClassVar[str] = "ONNX"
    suffix: ClassVar[str] = ".onnx"
    about: ClassVar[str] = "Weights stay where they were: in the file, or in data files beside it."

    def write(self, model: Path, target: Path, options: Mapping[str, Value]) -> None:
        if model != target:
            model.rename(target)
