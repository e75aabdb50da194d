"""Names, bars and figures in rows; pressing a row tells which."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from gui import theme
from gui.panels.text import Tone, plain_tip

_ROW = 20
_GAP = 8


class BarRow(NamedTuple):
    """One bar."""

    key: str
    """What `picked` tells: a LayerId, for example."""
    name: str
    share: float
    """0 to 1."""
    figure: str
    """The value in words."""


class ShareBars(QWidget):
    """One row each. Arrow keys move, Enter picks."""

    picked = Signal(str)
    """The key of the row that was pressed."""

    def __init__(
        self,
        title: str,
        name_width: int = 118,
        figure_width: int = 48,
        tone: Tone = "accent",
        *,
        of_one: bool = False,
    ) -> None:
        """`of_one`: a bar as long as the room is a share of 1; else it is the longest one."""
        super().__init__()
        self._of_one = of_one
        self._tone: Tone = tone
        self._title, self._name, self._figure = title, name_width, figure_width
        self._rows: tuple[BarRow, ...] = ()
        self._selected: str | None = None
        self._current = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def show_rows(self, rows: Sequence[BarRow], selected: str | None = None) -> None:
        """`selected` is the key of the row that is printed boldly."""
        self._rows, self._selected = tuple(rows), selected
        self._current = min(self._current, max(len(rows) - 1, 0))
        said = ", ".join(f"{row.name} {row.figure}" for row in rows)
        self.setAccessibleName(f"{self._title}: {said}")
        self.setToolTip(plain_tip("\n".join(f"{row.name}  {row.figure}" for row in rows)))
        self.updateGeometry()
        self.update()

    @property
    def rows(self) -> tuple[BarRow, ...]:
        return self._rows

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, _ROW * len(self._rows))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pick(int(event.position().y()) // _ROW)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self._rows:
            self._current = (self._current + step) % len(self._rows)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick(self._current)
        else:
            super().keyPressEvent(event)

    def _pick(self, row: int) -> None:
        if 0 <= row < len(self._rows):
            self._current = row
            self.picked.emit(self._rows[row].key)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        longest = max((row.share for row in self._rows), default=0.0)
        most = max(longest, 1.0) if self._of_one else longest or 1.0
        for index, row in enumerate(self._rows):
            self._paint_row(painter, index * _ROW, row, row.share / most)
        if self.hasFocus() and self._rows:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.current().selection)
            frame = QRectF(0.5, self._current * _ROW + 0.5, self.width() - 1, _ROW - 1)
            painter.drawRoundedRect(frame, 4, 4)
        painter.end()

    def _paint_row(self, painter: QPainter, top: int, row: BarRow, length: float) -> None:
        colours, selected = theme.current(), row.key == self._selected
        painter.setFont(theme.font(theme.SMALL, 600 if selected else 400))
        painter.setPen(colours.ink if selected else colours.dim)
        room = self._name - _GAP
        shown = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(2, top, room, _ROW), middle, shown)
        figure = QRectF(self.width() - self._figure - 2, top, self._figure, _ROW)
        painter.drawText(figure, middle | right, row.figure)
        track = self.width() - self._name - self._figure - _GAP
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.chip)
        painter.drawRoundedRect(QRectF(self._name, top + 7, track, 6), 3, 3)
        painter.setBrush(getattr(colours, self._tone))
        painter.drawRoundedRect(QRectF(self._name, top + 7, track * length, 6), 3, 3)
