"""The format safetensors: named tensors behind a JSON header, nothing that could run."""

from pathlib import Path
from typing import ClassVar

from core.conversion.architecture import WAYS_WITH_ARCHITECTURE
from core.conversion.declaration import Conversion, ConversionWork
from core.formats.base import Format
from core.model.graph import ModelGraph


class SafetensorsFile(Format):
    """Drawn as a tree of tensors, from the header alone."""

    name: ClassVar[str] = "safetensors"
    label: ClassVar[str] = "safetensors"
    suffixes: ClassVar[tuple[str, ...]] = (".safetensors",)
    conversions: ClassVar[tuple[Conversion, ...]] = WAYS_WITH_ARCHITECTURE

    def sniff(self, path: Path) -> bool:
        from core.pytorch_files.safetensors_header import looks_like_safetensors

        return looks_like_safetensors(path)

    def read_graph(self, path: Path) -> ModelGraph:
        from core.pytorch_files.safetensors_header import read_header
        from core.pytorch_files.tensor_tree import tree_of_tensors

        tensors, metadata = read_header(path)
        return tree_of_tensors(path, self.name, "safetensors", tensors, metadata=metadata)

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        from core.conversion.pytorch import convert_pytorch

        convert_pytorch("tensors", conversion, work)
