"""What the colours mean: a scale with figures, or a list of kinds."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from gui import theme
from gui.graph.palette import category
from gui.graph.shading import Shading
from gui.panels.text import plain_tip

INSET_X, INSET_Y = 11.0, 9.0
SCALE_WIDTH = 200.0
SCALE_STEPS = 12
LINE = 18.0
SWATCH = 9.0
WIDEST = 290.0


class Legend(QWidget):
    """Sizes itself to what it shows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shading: Shading | None = None
        self._picture = QPixmap()
        """What was painted last: it is painted again with every frame of the graph below it."""
        self._places: list[tuple[int, str, QPointF]] = []

    def show_shading(self, shading: Shading) -> None:
        self._shading = shading
        self._picture = QPixmap()
        if shading.heat:
            self._places = []
            size = QSize(int(SCALE_WIDTH + 2 * INSET_X), 72)
        else:
            size = self._flow(shading)
        self.resize(size)
        heading, footing = self.notes()
        words = ", ".join(self.words()) or "no figures yet"
        self.setAccessibleName(" ".join(("Colours:", heading, words, footing)))
        self.setToolTip(plain_tip(f"{heading}\n{footing}") if heading else "")
        self.update()

    def words(self) -> list[str]:
        """The texts that it shows, from left to right."""
        shading = self._shading
        if shading is None:
            return []
        if not shading.heat:
            return [name for _, name, _ in self._places]
        scale = shading.scale
        if scale.most <= 0:
            return []
        figures = (scale.least, scale.middle, scale.most)
        texts = [shading.colouring.words(figure) for figure in figures]
        return texts if len(set(texts)) == len(texts) else texts[-1:]

    def _flow(self, shading: Shading) -> QSize:
        """Places for the kinds that occur, in rows no wider than WIDEST."""
        metrics = QFontMetricsF(theme.font(theme.TINY))
        self._places = []
        x = y = widest = 0.0
        for kind in shading.kinds():
            name = shading.colouring.palette[kind]
            width = SWATCH + 6 + metrics.horizontalAdvance(name) + 14
            if x > 0 and x + width > WIDEST:
                x, y = 0.0, y + LINE
            self._places.append((kind, name, QPointF(INSET_X + x, INSET_Y + y)))
            x += width
            widest = max(widest, x)
        return QSize(int(widest + 2 * INSET_X - 10), int(y + LINE + 2 * INSET_Y - 4))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._shading is None:
            return
        ratio = self.devicePixelRatioF()
        if self._picture.isNull() or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            self._paint(self._picture, self._shading)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()

    def _paint(self, picture: QPixmap, shading: Shading) -> None:
        colours = theme.current()
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.line, 1))
        painter.setBrush(colours.panel)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.setFont(theme.font(theme.TINY))
        if shading.heat:
            self._paint_scale(painter, shading)
        else:
            self._paint_kinds(painter)
        painter.end()

    def notes(self) -> tuple[str, str]:
        """What the scale is of, and what it covers."""
        shading = self._shading
        if shading is None or not shading.heat:
            return "", ""
        colouring = shading.colouring
        heading = f"{colouring.title} · {colouring.unit}" if colouring.unit else colouring.title
        if not self.words():
            return f"{heading}: not known yet", ""
        known, layers = shading.known
        groups = "groups add up" if colouring.combine == "sum" else "groups show the most"
        return heading, f"{known:,} of {layers:,} layers · {groups}"

    def _paint_scale(self, painter: QPainter, shading: Shading) -> None:
        texts, (heading, footing) = self.words(), self.notes()
        metrics = QFontMetricsF(painter.font())
        colours = theme.current()
        painter.setPen(colours.faint)
        kind = "log" if texts and shading.scale.logarithmic else ""
        room = SCALE_WIDTH - metrics.horizontalAdvance(kind)
        painter.drawText(QPointF(INSET_X + room, 17), kind)
        painter.drawText(QPointF(INSET_X, 63), _cut(metrics, footing, SCALE_WIDTH))
        painter.setPen(colours.dim)
        painter.drawText(QPointF(INSET_X, 17), _cut(metrics, heading, room - 8))
        gradient = QLinearGradient(INSET_X, 0, INSET_X + SCALE_WIDTH, 0)
        for step in range(SCALE_STEPS + 1):
            gradient.setColorAt(step / SCALE_STEPS, theme.heat(step / SCALE_STEPS))
        painter.fillRect(QRectF(INSET_X, 23, SCALE_WIDTH, 9), gradient)
        for place, text in zip((0.0, 0.5, 1.0) if len(texts) > 1 else (1.0,), texts, strict=False):
            x = INSET_X + place * (SCALE_WIDTH - metrics.horizontalAdvance(text))
            painter.drawText(QPointF(x, 46), text)

    def _paint_kinds(self, painter: QPainter) -> None:
        for kind, name, place in self._places:
            swatch = QRectF(place.x(), place.y() + 2, SWATCH, SWATCH)
            painter.setPen(theme.current().line)
            painter.setBrush(category(kind))
            painter.drawRoundedRect(swatch, 2, 2)
            painter.setPen(theme.current().dim)
            painter.drawText(place + QPointF(SWATCH + 6, 10.5), name)


def _cut(metrics: QFontMetricsF, text: str, room: float) -> str:
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
