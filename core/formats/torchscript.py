"""The format TorchScript."""

from pathlib import Path
from typing import ClassVar

from core.conversion.declaration import Conversion, ConversionWork
from core.formats.base import Format
from core.model.graph import ModelGraph

_RUNS = (
    "torch.jit.load builds the module from this file, and converting it runs the file’s code once."
)


class TorchScript(Format):
    """Drawn from the archive's code as text; torch.jit.load would build and could run it."""

    name: ClassVar[str] = "torchscript"
    label: ClassVar[str] = "TorchScript"
    suffixes: ClassVar[tuple[str, ...]] = (".pt", ".pth", ".ptl", ".ts")
    conversions: ClassVar[tuple[Conversion, ...]] = (
        Conversion("onnx", "pytorch", _RUNS, ("input-shape",)),
        Conversion("openvino", "pytorch", _RUNS, ("input-shape",)),
    )

    def sniff(self, path: Path) -> bool:
        from core.pytorch_files.archive import kind_of

        return kind_of(path) == "TorchScript"

    def read_graph(self, path: Path) -> ModelGraph:
        from core.model.collector import collector_paused
        from core.pytorch_files.archive import Archive
        from core.pytorch_files.program import graph_of_program
        from core.pytorch_files.torchscript import read_torchscript

        with Archive(path) as archive, collector_paused():
            return graph_of_program(path, self.name, read_torchscript(archive))

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        from core.conversion.pytorch import convert_pytorch

        convert_pytorch("script", conversion, work)
