"""How sure a fact is, as a shape: a mark never stands for it by colour alone."""

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from core.devices.profile import Confidence
from core.devices.profile_words import CONFIDENCE_WORDS
from gui import theme
from gui.panels.text import Text

_SIZE, _SCALE = 12, 2
_TONES: dict[Confidence, str] = {
    "sourced": "good",
    "derived": "accent",
    "recalled": "warn",
    "assumed": "warn",
}


def draw_mark(painter: QPainter, area: QRectF, confidence: Confidence) -> None:
    """Read in a source: a disc. Computed: a diamond. From memory: a ring. Assumed: a triangle."""
    colour = getattr(theme.current(), _TONES[confidence])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush if confidence in ("recalled", "assumed") else colour)
    inner = area.adjusted(2, 2, -2, -2)
    middle = inner.center()
    if confidence in ("sourced", "recalled"):
        painter.drawEllipse(inner)
        return
    points = [QPointF(middle.x(), inner.top()), QPointF(inner.right(), middle.y())]
    points += [QPointF(middle.x(), inner.bottom()), QPointF(inner.left(), middle.y())]
    if confidence == "assumed":
        points = [points[0], inner.bottomRight(), inner.bottomLeft()]
    painter.drawPolygon(QPolygonF(points))


def mark(confidence: Confidence) -> QIcon:
    """The shape as an icon in the colours of the present theme."""
    return QIcon(_pixmap(confidence, theme.current().name))


@cache
def _pixmap(confidence: Confidence, theme_name: str) -> QPixmap:
    """Depends on `theme_name` only to be drawn anew in another theme."""
    pixmap = QPixmap(_SIZE * _SCALE, _SIZE * _SCALE)
    pixmap.setDevicePixelRatio(_SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_mark(painter, QRectF(0, 0, _SIZE, _SIZE), confidence)
    painter.end()
    return pixmap


class MarksLegend(QWidget):
    """What the shapes mean."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self._shapes: dict[Confidence, QLabel] = {}
        for confidence, words in CONFIDENCE_WORDS.items():
            shape = self._shapes[confidence] = QLabel()
            row.addWidget(shape)
            row.addWidget(Text(words, size=theme.TINY, tone="dim"))
            row.addSpacing(theme.GAP)
        row.addStretch(1)
        theme.changed.connect(self._paint)
        self._paint()

    def _paint(self) -> None:
        for confidence, shape in self._shapes.items():
            shape.setPixmap(_pixmap(confidence, theme.current().name))
