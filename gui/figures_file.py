"""Colours the graph by figures from a person's file, read beside the window's thread."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.jobs.events import Failed
from core.model.figures import FigureColumn, LayerFigures, read_layer_figures
from core.model.graph import ModelGraph
from gui.graph.colouring import Colouring
from gui.jobs import Errand

_ADDITIVE = {"ns", "µs", "ms", "s", "bytes", "KB", "MB", "GB", "FLOP", "mJ", "J"}
"""Units whose figures add up in a group; of others a group shows the largest."""
_OWN_TITLES = {
    *("Choice", "Operator", "Size", "Operations", "Parameters"),
    *("Latency", "Precision", "Sensitivity"),
}


class FiguresFile(QObject):
    """Reads one file at a time."""

    read = Signal(object, str)
    """A tuple of Colouring, and what became of the file's rows in a sentence."""
    failed = Signal(object)
    """A Failed event."""

    def load(self, path: Path, graph: ModelGraph) -> None:
        errand = Errand(lambda: read_layer_figures(path, graph))
        errand.done.connect(partial(self._take, path))
        errand.failed.connect(self._fail)
        errand.start()

    def _take(self, path: Path, figures: LayerFigures) -> None:
        self.read.emit(colourings_from(figures), f"{path.name}: {figures.words()}")

    def _fail(self, failed: Failed) -> None:
        self.failed.emit(failed)


def colourings_from(figures: LayerFigures) -> tuple[Colouring, ...]:
    """One per column; a title that the window has for itself says that it comes from a file."""
    return tuple(_colouring(column) for column in figures.columns)


def _colouring(column: FigureColumn) -> Colouring:
    title = f"{column.title} (file)" if column.title in _OWN_TITLES else column.title
    return Colouring(
        title,
        f"{column.unit} per layer" if column.unit else "",
        combine="sum" if column.unit in _ADDITIVE else "max",
        make=lambda: column.values,
    )
