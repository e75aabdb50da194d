"""The centre: the graph, and the switch for what its boxes are coloured by."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui import theme
from gui.colourings import by_choice, by_latency, by_precision
from gui.graph.canvas import GraphCanvas
from gui.graph.colouring import Colouring, by_operations, by_operator, by_size
from gui.panels.segments import Segment, Segments
from gui.panels.text import Text
from gui.session import Session

_NOT_MEASURED = "Known once a candidate was measured: press Optimize."
_NOT_TOLD = "The runtime of this candidate does not tell it."


class GraphArea(QWidget):
    """Feeds the canvas from the session and tells the session what is selected."""

    sample_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setProperty("surface", "background")
        self.canvas = GraphCanvas()
        self.canvas.layer_selected.connect(session.editor.select)
        self.canvas.open_sample_requested.connect(self.sample_wanted)
        self.switch = Segments("Colour by")
        self.switch.picked.connect(self._colour)
        self._bar = self._build_bar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.canvas, 1)
        self._wanted = "operator"
        self._shown_model: object = None
        session.model_changed.connect(self._show_model)
        session.editor.selected_changed.connect(self._show_selection)
        session.editor.outlook_changed.connect(self._show_colouring)
        session.results.candidate_selected.connect(self._show_colouring)
        self._show_model()

    def _build_bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 8, 12, 0)
        row.setSpacing(theme.GAP)
        row.addStretch(1)
        row.addWidget(Text("Colour by", size=theme.SMALL, tone="dim"))
        row.addWidget(self.switch)
        return bar

    def _show_model(self) -> None:
        model = self._session.model
        self._bar.setVisible(model is not None)
        if model is self._shown_model:
            return
        self._shown_model = model
        if model is None:
            self.canvas.clear()
        else:
            self.canvas.set_graph(model.graph, model.layout)
            self._show_colouring()

    def _show_selection(self) -> None:
        selected = self._session.editor.selected
        self.canvas.select(selected.id if selected else None)

    def _colour(self, name: str) -> None:
        self._wanted = name
        self._show_colouring()

    def _show_colouring(self) -> None:
        if self._session.model is None:
            return
        ways = self._ways()
        self.switch.set_segments([_segment(name, *way) for name, way in ways.items()])
        _, make, obstacle = ways[self._wanted]
        if obstacle:
            self._wanted = "operator"
            make = ways["operator"][1]
        self.switch.press(self._wanted)
        if (colouring := make()) is not None:
            self.canvas.set_colouring(colouring)

    def _ways(self) -> dict[str, tuple[str, Callable[[], Colouring | None], str]]:
        """Name to label, maker, and what stands in the way."""
        model = self._session.model
        assert model is not None
        graph = model.graph
        executed = self._session.results.executed
        choices = self._session.editor.outlook.choices
        missing = _NOT_TOLD if self._session.results.report else _NOT_MEASURED
        latency = by_latency(graph, executed)
        precision = by_precision(executed)
        return {
            "operator": ("Operator", lambda: by_operator(graph), ""),
            "latency": ("Latency", lambda: latency, "" if latency else missing),
            "precision": ("Precision", lambda: precision, "" if precision else missing),
            "choice": ("Choice", lambda: by_choice(graph, choices), ""),
            "operations": ("Operations", lambda: by_operations(graph), ""),
            "size": ("Size", lambda: by_size(graph), ""),
        }


def _segment(name: str, label: str, make: object, obstacle: str) -> Segment:
    return Segment(name, label, f"Colour the layers by {label.lower()}", obstacle)
