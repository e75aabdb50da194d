"""The format TorchScript."""

from pathlib import Path
from typing import ClassVar

from core.formats.base import Format
from core.model.graph import ModelGraph


class TorchScript(Format):
    """Drawn from the archive's code as text; torch.jit.load would build and could run it."""

    name: ClassVar[str] = "torchscript"
    label: ClassVar[str] = "TorchScript"
    suffixes: ClassVar[tuple[str, ...]] = (".pt", ".pth", ".ptl", ".ts")

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
