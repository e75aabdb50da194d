"""Draws the open groups: quiet frames with their name, their figure and a button to close them."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from core.layout.group_layout import HEADER
from gui import theme
from gui.graph.labels import Labels
from gui.graph.shading import Shading
from gui.graph.view import View

RADIUS = 12.0
ROUNDED = 0.2
"""Zoom from which frames have round corners."""
WORDED = 0.42
"""Zoom from which they have headers."""
MOST = 300
"""Frames in one view; of more only the largest are drawn."""
OUTSIDE = 60.0
"""Frames are cut this far outside the view: huge rounded rectangles are slow."""
BUTTON = 18.0


class Frames:
    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def paint(self, painter: QPainter, view: View) -> None:
        """The frames alone; they lie under the lines."""
        scene, camera = view.scene, view.camera
        colours = theme.current()
        rounded = camera.zoom >= ROUNDED
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
        painter.setPen(QPen(colours.line, 1))
        fills = (colours.panel, theme.mix(colours.background, colours.panel, 0.5))
        around = view.area.adjusted(-OUTSIDE, -OUTSIDE, OUTSIDE, OUTSIDE)
        for row in self._rows(view):
            shown = scene.frames.rectangle(row).intersected(around)
            painter.setBrush(fills[int(scene.frames.depth[row]) % 2])
            area = QRectF(camera.to_view(shown.topLeft()), shown.size() * camera.zoom)
            if rounded:
                painter.drawRoundedRect(area, RADIUS * camera.zoom, RADIUS * camera.zoom)
            else:
                painter.drawRect(area)

    def paint_headers(self, painter: QPainter, view: View) -> None:
        """Names, figures and buttons; they lie over the lines."""
        scene, camera = view.scene, view.camera
        if camera.zoom < WORDED:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.scale(camera.zoom, camera.zoom)
        painter.translate(-camera.x, -camera.y)
        for row in self._rows(view):
            if scene.frames.y[row] + HEADER > view.area.top():
                frame = scene.frames.rectangle(row)
                item = int(scene.frames.items[row])
                self._paint_header(
                    painter, frame, float(scene.frames.axis[row]), item, view.shading
                )
        painter.restore()

    def _rows(self, view: View) -> list[int]:
        frames = view.scene.frames
        rows = view.scene.frames_in(view.area)
        rows = rows[frames.width[rows] * view.camera.zoom > 3]
        if len(rows) > MOST:
            rows = rows[(-frames.height[rows]).argsort()[:MOST]]
            rows.sort()
        return rows.tolist()

    def _paint_header(
        self, painter: QPainter, frame: QRectF, axis: float, item: int, shading: Shading
    ) -> None:
        colours = theme.current()
        baseline = frame.top() + 20.0
        left, room = frame.left() + 14.0, axis - 8.0 - (frame.left() + 14.0)
        name_font = theme.font(theme.SMALL, QFont.Weight.DemiBold)
        metrics = QFontMetricsF(name_font)
        name = metrics.elidedText(self._labels.name(item), Qt.TextElideMode.ElideMiddle, room)
        painter.setFont(name_font)
        painter.setPen(colours.dim)
        painter.drawText(QPointF(left, baseline), name)
        button = close_button(frame)
        painter.setPen(QPen(colours.faint, 1.4))
        middle = button.center()
        painter.drawLine(middle - QPointF(3.5, 0), middle + QPointF(3.5, 0))
        figure = shading.look(item).figure or self._labels.detail(item)
        small = theme.font(theme.TINY)
        width = QFontMetricsF(small).horizontalAdvance(figure)
        if width < button.left() - 4 - axis - 8:
            painter.setFont(small)
            painter.setPen(colours.faint)
            painter.drawText(QPointF(button.left() - 4 - width, baseline), figure)


def close_button(frame: QRectF) -> QRectF:
    """Where the button that closes a frame lies, in the drawing's coordinates."""
    return QRectF(frame.right() - BUTTON - 8, frame.top() + 6, BUTTON, BUTTON)
