"""The layers that compression hurts most, as bars."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from gui import theme

_ROW = 20
_NAME, _FIGURE = 118, 48


class SensitivityBars(QWidget):
    """Names, bars and percentages; one row each."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[tuple[str, float, bool], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_rows(self, rows: Sequence[tuple[str, float, bool]]) -> None:
        """Name, share (0 to 1), and whether it is the selected layer."""
        self._rows = tuple(rows)
        said = ", ".join(f"{name} {share:.0%}" for name, share, _ in rows)
        self.setAccessibleName(f"Most sensitive layers: {said}")
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, _ROW * len(self._rows))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((share for _, share, _ in self._rows), default=0.0) or 1.0
        track = self.width() - _NAME - _FIGURE - 8
        for index, (name, share, selected) in enumerate(self._rows):
            top = index * _ROW
            painter.setFont(theme.font(theme.SMALL, 600 if selected else 400))
            painter.setPen(colours.ink if selected else colours.dim)
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME - 8)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, _NAME, _ROW), middle, shown)
            painter.drawText(
                QRectF(self.width() - _FIGURE, top, _FIGURE, _ROW),
                middle | Qt.AlignmentFlag.AlignRight,
                f"{100 * share:.0f} %",
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.chip)
            painter.drawRoundedRect(QRectF(_NAME, top + 7, track, 6), 3, 3)
            painter.setBrush(colours.warn)
            painter.drawRoundedRect(QRectF(_NAME, top + 7, track * share / most, 6), 3, 3)
        painter.end()
