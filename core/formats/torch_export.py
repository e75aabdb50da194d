"""The format of PyTorch's exported programs."""

from pathlib import Path
from typing import ClassVar

from core.formats.base import Format
from core.model.graph import ModelGraph


class TorchExport(Format):
    """Drawn from the archive's own description; torch.export.load would run code in it."""

    name: ClassVar[str] = "torch-export"
    label: ClassVar[str] = "PyTorch exported program"
    suffixes: ClassVar[tuple[str, ...]] = (".pt2",)

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
