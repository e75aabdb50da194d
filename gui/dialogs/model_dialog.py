"""The open model in full: where its memory goes over time, operators, inputs, metadata."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.model.graph import ModelGraph, Tensor
from core.model.memory import MemoryOverTime, memory_over_time
from core.model.reservations import has_costs, is_total, memory_reservations, operations_reservation
from core.model.summary import ModelSummary
from gui import theme
from gui.dialogs.sheet import Sheet
from gui.jobs import Errand
from gui.opened import OpenModel
from gui.panels.chart import Chart
from gui.panels.links import Link
from gui.panels.model_facts_view import heavy_rows
from gui.panels.segments import Segment, Segments
from gui.panels.share_bars import BarRow, ShareBars
from gui.panels.text import Facts, Text
from gui.session import Session
from gui.wording import count_words, counted, shape_words, share_words, size_words

_SIZE = (820, 600)
_MOST_ROWS = 60
_PAGES = ("Memory", "Heaviest layers", "Operators", "Inputs and outputs", "File")
_WHAT_PEAK_MEANS = (
    "The values between layers while they run one after the other, weights not counted. "
    "An engine that fuses layers needs less."
)


class ModelDialog(Sheet):
    """Choosing a layer in it selects the layer and closes."""

    operator_wanted = Signal(str)
    """All layers with this operator shall be listed."""

    def __init__(self, session: Session, model: OpenModel, parent: QWidget | None) -> None:
        summary = model.inspection.summary
        sentence = (
            f"{summary.version} · {size_words(summary.file_bytes)} · "
            f"{counted(summary.layers, 'layer')} · "
            f"{count_words(summary.parameters, 'parameters')}{_operations_words(summary)}"
        )
        super().__init__(model.title, sentence, parent, _SIZE[0], grows=True)
        self.setMinimumHeight(_SIZE[1])
        self._session, self._model = session, model
        self.memory = MemoryPage(model.graph)
        self.memory.layer_wanted.connect(self._go)
        self.heaviest = ShareBars("Layers with the most operations", 320, 70)
        if is_total(summary):
            self.heaviest.show_rows(heavy_rows(summary.heaviest))
        self.heaviest.picked.connect(self._go)
        self.operators = _operators(summary.operators)
        self.operators.picked.connect(self._find)
        pages: dict[str, QWidget] = {
            "Memory": self.memory,
            "Heaviest layers": _scrolled(_with_reservation(summary, self.heaviest)),
            "Operators": _scrolled(self.operators),
            "Inputs and outputs": _scrolled(_ends(model.graph)),
            "File": _scrolled(_file(model)),
        }
        self.switch = Segments("About")
        self.switch.set_segments([Segment(name, name) for name in _PAGES])
        self.switch.picked.connect(self._turn)
        self.pages = QStackedWidget()
        for name in _PAGES:
            self.pages.addWidget(pages[name])
        self.body.addWidget(self.switch)
        self.body.addWidget(self.pages, 1)
        self.add_cancel("Close")
        self._turn(_PAGES[0])

    def _turn(self, name: str) -> None:
        self.switch.press(name)
        self.pages.setCurrentIndex(_PAGES.index(name))

    def _go(self, layer: str) -> None:
        self._session.editor.select(layer)
        self.accept()

    def _find(self, operator: str) -> None:
        """All layers with an operator: the table narrowed to them."""
        self.operator_wanted.emit(operator)
        self.accept()


class MemoryPage(QWidget):
    """Bytes of the values that exist while each layer runs."""

    layer_wanted = Signal(str)

    def __init__(self, graph: ModelGraph) -> None:
        super().__init__()
        self._graph = graph
        self._found: MemoryOverTime | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        self.words = Text("Adding up…", size=theme.BODY, bold=True, overflow="wrap")
        self.note = Text(_WHAT_PEAK_MEANS, size=theme.SMALL, tone="dim", overflow="wrap")
        self.chart = Chart("Memory while each layer runs", self._layer_words, size_words)
        self.chart.pressed.connect(self._press)
        self.peak = Link("")
        self.peak.hide()
        self.peak.clicked.connect(self._go_to_peak)
        for widget in (self.words, self.note, self.peak):
            column.addWidget(widget)
        column.addWidget(self.chart, 1)
        errand = Errand(lambda: memory_over_time(graph))
        errand.done.connect(self._show)
        errand.start()

    def _show(self, found: MemoryOverTime) -> None:
        if not len(found.live):
            self.words.setText("It has no layers.")
            return
        self._found = found
        layer = self._graph.layers[found.peak_layer]
        self.words.setText(f"At most {size_words(found.peak)} at one time")
        self.note.setText(
            " ".join([_WHAT_PEAK_MEANS, *memory_reservations(found.assumed, found.unsized)])
        )
        self.peak.set_words(f"{layer.name} · {layer.operator}", "Go to it", "The peak is at ")
        self.peak.show()
        self.chart.draw(self._draw)

    def _draw(self) -> None:
        found = self._found
        if found is None:
            return
        self.chart.show_range((0, len(found.live)), (0, max(found.peak, 1) * 1.12))
        self.chart.add_steps(found.live)
        self.chart.add_flag(found.peak_layer + 0.5, found.peak, size_words(found.peak))

    def _layer_words(self, place: float) -> str:
        return f"{place:.0f}" if 0 <= place <= len(self._graph.layers) else ""

    def _press(self, place: float) -> None:
        """Go to the layer under the mouse."""
        if 0 <= int(place) < len(self._graph.layers):
            self.layer_wanted.emit(self._graph.layers[int(place)].id)

    def _go_to_peak(self) -> None:
        if self._found is not None:
            self.layer_wanted.emit(self._graph.layers[self._found.peak_layer].id)


def _operations_words(summary: ModelSummary) -> str:
    if not has_costs(summary):
        return ""
    total = count_words(summary.operations, "FLOP")
    return f" · {total if is_total(summary) else 'operations not known'}"


def _with_reservation(summary: ModelSummary, bars: ShareBars) -> QWidget:
    """The bars, under what is not known of them."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    doubt = operations_reservation(summary)
    if doubt or not has_costs(summary):
        words = f"Operations are {doubt}." if doubt else "There are only weights, no layers."
        column.addWidget(Text(words, size=theme.SMALL, tone="dim", overflow="wrap"))
    column.addWidget(bars)
    return page


def _operators(counts: Mapping[str, int]) -> ShareBars:
    total = sum(counts.values())
    bars = ShareBars("Operators", 220, 110)
    bars.show_rows(
        [
            BarRow(name, name, count / total, f"{count:,} · {share_words(count, total)}")
            for name, count in list(counts.items())[:_MOST_ROWS]
        ]
    )
    return bars


def _ends(graph: ModelGraph) -> QWidget:
    rows = Facts(name_width=220)
    for side, tensors in (("input", graph.inputs), ("output", graph.outputs)):
        _add_tensors(rows, side, tensors)
    return rows


def _add_tensors(rows: Facts, side: str, tensors: Sequence[Tensor]) -> None:
    for tensor in tensors[:_MOST_ROWS]:
        rows.add(tensor.name, f"{shape_words(tensor.shape)} {tensor.dtype} · {side}")
    if (left := len(tensors) - _MOST_ROWS) > 0:
        rows.add("", f"and {left:,} more {side}s")


def _file(model: OpenModel) -> QWidget:
    summary = model.inspection.summary
    rows = Facts(name_width=160)
    rows.add("Path", str(model.path))
    rows.add("Producer", summary.producer or "not said")
    for domain, version in summary.opsets.items():
        rows.add(f"Opset of {domain}", str(version))
    for domain in summary.custom_domains:
        rows.add("Domain of its own", domain)
    for facts in (summary.properties, summary.metadata):
        for name, value in list(facts.items())[:_MOST_ROWS]:
            rows.add(name, value)
    for precision, size in summary.precisions.items():
        rows.add(f"Weights in {precision}", size_words(size))
    for warning in summary.warnings:
        rows.add("Note", warning)
    return rows


def _scrolled(content: QWidget) -> QScrollArea:
    page = QWidget()
    page.setProperty("surface", "panel")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 8, 8, 8)
    column.addWidget(content)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(page)
    return area
