"""A bar over the graph of a model that can be looked at but not run: what to do about it."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget
from typing_extensions import override

from core.conversion.asking import TARGET_LABELS
from gui import theme
from gui.graph.chrome import EDGE
from gui.panels.text import Text
from gui.session import Session

_WIDEST = 600
_ABOVE_CORNERS = 76
"""Room for legend and zoom below the bar."""


class ConvertBar(QFrame):
    """At the lower edge, above legend and zoom; hidden for a model that runs."""

    wanted = Signal()
    """The person wants to convert the model."""

    def __init__(self, session: Session, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._session = session
        self._canvas = canvas
        self.setProperty("notice", "plain")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(theme.GAP)
        self._words = Text(tone="dim", overflow="wrap")
        row.addWidget(self._words, 1)
        self.convert = QPushButton()
        self.convert.setProperty("look", "primary")
        self.convert.clicked.connect(self.wanted)
        row.addWidget(self.convert)
        canvas.installEventFilter(self)
        session.model_changed.connect(self._show_model)
        self._show_model()

    def _show_model(self) -> None:
        model = self._session.model
        needed = model is not None and not model.inspection.runs
        self.setVisible(needed)
        if model is None or not needed:
            return
        ways = model.inspection.conversions
        label = model.inspection.format_label
        rest = "Export it to ONNX to run it."
        if ways:
            compress = any(way.target == "onnx" for way in ways)
            rest = f"Convert it to measure{' and compress' if compress else ''} it."
        self._words.setText(f"{label}: drawn from the file, nothing in it was run. {rest}")
        self.convert.setVisible(bool(ways))
        if ways:
            self.convert.setText(f"Convert to {TARGET_LABELS[ways[0].target]}…")
        self._place()

    def _place(self) -> None:
        width = min(self._canvas.width() - 2 * EDGE, _WIDEST)
        height = max(self.convert.sizeHint().height() + 12, self.heightForWidth(width))
        left = (self._canvas.width() - width) // 2
        top = self._canvas.height() - EDGE - _ABOVE_CORNERS - height
        self.setGeometry(left, top, width, height)
        self.raise_()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
