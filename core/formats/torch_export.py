"""The format of PyTorch's exported programs."""

from pathlib import Path
from typing import ClassVar

from core.conversion.declaration import Conversion, ConversionWork
from core.formats.base import Format
from core.model.graph import ModelGraph

_RUNS = (
    "torch.export.load builds the program from this file, and a forged file can make it run code "
    "of its own."
)


class TorchExport(Format):
    """Drawn from the archive's own description; torch.export.load would run code in it."""

    name: ClassVar[str] = "torch-export"
    label: ClassVar[str] = "PyTorch exported program"
    suffixes: ClassVar[tuple[str, ...]] = (".pt2",)
    conversions: ClassVar[tuple[Conversion, ...]] = (
        Conversion("onnx", "pytorch", _RUNS),
        Conversion("openvino", "pytorch", _RUNS),
    )

    def sniff(self, path: Path) -> bool:
        from core.pytorch_files.archive import kind_of

        return kind_of(path) == "exported program"

    def read_graph(self, path: Path) -> ModelGraph:
        from core.model.collector import collector_paused
        from core.pytorch_files.archive import Archive
        from core.pytorch_files.exported_program import read_exported_program
        from core.pytorch_files.program import graph_of_program

        with Archive(path) as archive, collector_paused():
            return graph_of_program(path, self.name, read_exported_program(archive))

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        from core.conversion.pytorch import convert_pytorch

        convert_pytorch("exported", conversion, work)
