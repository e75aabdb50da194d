"""The whole model in the right panel: format, inputs, totals, and its heaviest layers as links."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.model.graph import ModelGraph, Tensor
from core.model.reservations import has_costs, is_total, memory_reservations, operations_reservation
from core.model.summary import HeavyLayer, ModelSummary
from gui.panels.section import Section
from gui.panels.share_bars import BarRow, ShareBars
from gui.panels.text import Facts
from gui.wording import brief_shape_words, count_words, shape_words, share_of_one, size_words

_MOST_TENSORS = 4
_MOST_NOTES = 3
_EDITABLE = "onnx"
"""Name of the format whose inputs can be given sizes."""


def heavy_rows(layers: Sequence[HeavyLayer]) -> list[BarRow]:
    """The layers with the most operations, the heaviest first."""
    return [BarRow(it.id, it.name, it.share, share_of_one(it.share)) for it in layers]


class ModelFactsView(QWidget):
    """What a model is, while no layer is selected."""

    layer_wanted = Signal(str)
    more_wanted = Signal()
    sizes_wanted = Signal()
    """Free sizes of the inputs shall be fixed."""

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
        self.sizes = QPushButton("Set input sizes…")
        self.sizes.setProperty("look", "link")
        self.sizes.setToolTip("Sizes that are fixed tell operations and memory of every layer")
        self.sizes.clicked.connect(self.sizes_wanted)
        for widget in (self.figures, self.sizes, self.more, self.section):
            column.addWidget(widget)

    def show_model(self, graph: ModelGraph, summary: ModelSummary) -> None:
        self._show_figures(summary, graph)
        self.section.setVisible(bool(summary.heaviest) and is_total(summary))
        self.sizes.setVisible(bool(summary.free_inputs) and graph.format == _EDITABLE)
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
        if has_costs(summary):
            self._add_costs(summary)
        for warning in summary.warnings[:_MOST_NOTES]:
            figures.add("Note", warning)

    def _add_costs(self, summary: ModelSummary) -> None:
        doubt = operations_reservation(summary)
        total = count_words(summary.operations, "FLOP") if is_total(summary) else ""
        self.figures.add("Operations", ", ".join(filter(None, (total, doubt))))
        if (peak := summary.peak_activation) is not None:
            self.figures.add(
                "Memory", f"at most {size_words(peak.bytes)} between layers", "computed"
            )
            for words in memory_reservations(peak.assumed, peak.unsized):
                self.figures.add("", words)

    def _add_tensors(self, side: str, tensors: Sequence[Tensor]) -> None:
        for tensor in tensors[:_MOST_TENSORS]:
            brief, whole = (
                f"{tensor.name} {words_of(tensor.shape)} {tensor.dtype}"
                for words_of in (brief_shape_words, shape_words)
            )
            self.figures.add(side, brief, tip=whole if whole != brief else "")
        if (left := len(tensors) - _MOST_TENSORS) > 0:
            self.figures.add("", f"and {left:,} more")
