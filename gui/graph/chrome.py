"""The parts that lie over the graph, which of them are shown, and where."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.graph.legend import Legend
from gui.graph.minimap import Minimap
from gui.graph.notices import HEIGHT as NOTICE_HEIGHT
from gui.graph.notices import Notices
from gui.graph.overlay import BAR_HEIGHT, EmptyState, TopBar, ZoomButtons
from gui.panels.text import Text

EDGE = 12
LEAST_WITH_MAP = QSize(460, 340)


class Chrome:
    """Children of the canvas, above its surface."""

    def __init__(self, canvas: QWidget) -> None:
        self.bar = TopBar(canvas)
        self.notices = Notices(canvas)
        self.legend = Legend(canvas)
        self.minimap = Minimap(canvas)
        self.zoom_buttons = ZoomButtons(canvas)
        self.empty = EmptyState(canvas)
        self.busy = Text(tone="dim")
        self.busy.setParent(canvas)
        self.busy.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def show_empty(self) -> None:
        self._show(self.empty)

    def show_busy(self, text: str) -> None:
        self.busy.setText(text)
        self._show(self.busy)

    def show_graph(self) -> None:
        self._show(self.bar, self.legend, self.minimap, self.zoom_buttons)

    def _show(self, *parts: QWidget) -> None:
        over = (self.bar, self.legend, self.minimap, self.zoom_buttons, self.empty, self.busy)
        for part in over:
            part.setVisible(part in parts)
        self._shows_graph = self.bar in parts

    def place(self, size: QSize) -> QRectF:
        """Put everything in its place; returns the part of the canvas that is left free."""
        self.bar.move(EDGE, EDGE)
        self.bar.fit_width(size.width() - 2 * EDGE)
        self.notices.move(EDGE, EDGE + BAR_HEIGHT + theme.GAP)
        bottom = size.height() - EDGE
        self.legend.move(EDGE, bottom - self.legend.height())
        self.minimap.move(
            size.width() - EDGE - self.minimap.width(), bottom - self.minimap.height()
        )
        self.zoom_buttons.adjustSize()
        self.zoom_buttons.move(
            self.minimap.x() - theme.GAP - self.zoom_buttons.width(),
            bottom - self.zoom_buttons.height(),
        )
        self._thin_out(size)
        self.busy.setGeometry(0, 0, size.width(), size.height())
        hint = self.empty.sizeHint().boundedTo(size - QSize(2 * EDGE, 2 * EDGE))
        self.empty.resize(hint)
        self.empty.move((size.width() - hint.width()) // 2, (size.height() - hint.height()) // 2)
        top = 2 * EDGE + BAR_HEIGHT
        if not self.notices.isHidden():
            top += NOTICE_HEIGHT + theme.GAP
        return QRectF(EDGE, top, size.width() - 2 * EDGE, size.height() - top - EDGE)

    def _thin_out(self, size: QSize) -> None:
        """In a small window the map goes first, then the legend, so that the graph is seen."""
        if self._shows_graph:
            roomy = (
                size.width() >= LEAST_WITH_MAP.width() and size.height() >= LEAST_WITH_MAP.height()
            )
            self.minimap.setVisible(roomy)
            room = size.width() - 3 * EDGE - (self.minimap.width() if roomy else 0)
            self.legend.setVisible(self.legend.width() + self.zoom_buttons.width() + EDGE <= room)
