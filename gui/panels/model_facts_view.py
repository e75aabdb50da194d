"""The whole model in the right panel: format, inputs, totals, and its heaviest layers as links."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.model.graph import ModelGraph, Tensor
from core.model.summary import HeavyLayer, ModelSummary
from gui.panels.section import Section
from gui.panels.share_bars import BarRow, ShareBars
from gui.panels.text import Facts
from gui.wording import count_words, shape_words, share_of_one, size_words

_MOST_TENSORS = 4
_MOST_NOTES = 3


def heavy_rows(layers: Sequence[HeavyLayer]) -> list[BarRow]:
    """The layers with the most operations, the heaviest first."""
    return [BarRow(it.id, it.name, it.share, share_of_one(it.share)) for it in layers]


class ModelFactsView(QWidget):
    """What a model is, while no layer is selected."""

    layer_wanted = Signal(str)
    more_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.figures = Facts()
        self.heaviest = ShareBars("Layers with the most operations", name_width=170)
        self.heaviest.picked.connect(self.layer_wanted)
        self.section = Section("Heaviest layers", self.heaviest)
        self.more = QPushButton("More about the model…")
        self.more.setProperty("look", "link")
        self.more.setToolTip("Metadata, operators, and memory over time")
        self.more.clicked.connect(self.more_wanted)
        for widget in (self.figures, self.more, self.section):
            column.addWidget(widget)

    def show_model(self, graph: ModelGraph, summary: ModelSummary) -> None:
        self._show_figures(summary, graph)
        self.section.setVisible(bool(summary.heaviest))
        self.heaviest.show_rows(heavy_rows(summary.heaviest))

    def _show_figures(self, summary: ModelSummary, graph: ModelGraph) -> None:
        figures = self.figures
        figures.clear()
        made_by = f", {summary.producer}" if summary.producer else ""
        figures.add("Format", f"{summary.version}{made_by}")
        self._add_tensors("Input", graph.inputs)
        self._add_tensors("Output", graph.outputs)
        figures.add("Weights", count_words(summary.parameters, "parameters"))
        for precision, size in summary.precisions.items():
            figures.add("", f"{size_words(size)} as {precision}")
        figures.add("Operations", count_words(summary.operations, "FLOP"))
        if summary.peak_activation is not None:
            peak = size_words(summary.peak_activation.bytes)
            figures.add("Memory", f"at most {peak} between layers", "computed")
        for warning in summary.warnings[:_MOST_NOTES]:
            figures.add("Note", warning)

    def _add_tensors(self, side: str, tensors: Sequence[Tensor]) -> None:
        for tensor in tensors[:_MOST_TENSORS]:
            self.figures.add(side, f"{tensor.name} {shape_words(tensor.shape)} {tensor.dtype}")
        if (left := len(tensors) - _MOST_TENSORS) > 0:
            self.figures.add("", f"and {left} more")
