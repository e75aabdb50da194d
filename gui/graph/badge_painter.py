"""Draws badges at the corners of boxes and frames: a shape, a colour and a few words."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from gui import theme
from gui.graph.badge import Badge
from gui.graph.detail import READABLE
from gui.graph.view import View

SIDE = 15.0
LEAST_SIDE = 5.0
LONGEST = 28


def paint_badges(painter: QPainter, view: View) -> None:
    """The badges of what is seen; those of hidden and of closed items are on their groups."""
    if not view.badges:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for item, badge in view.badges.items():
        area = view.scene.rectangle(item)
        if area is not None and area.intersects(view.area) and area.height() * view.camera.zoom > 4:
            corner = view.camera.to_view(area.topRight())
            _paint_badge(painter, badge, corner, view.camera.zoom)


def _paint_badge(painter: QPainter, badge: Badge, corner: QPointF, zoom: float) -> None:
    side = max(min(SIDE, SIDE * zoom * 1.4), LEAST_SIDE)
    area = QRectF(corner.x() - side * 0.7, corner.y() - side * 0.45, side, side)
    if badge.text and zoom >= READABLE:
        _paint_words(painter, badge, area)
    colour = _colour(badge)
    painter.setPen(QPen(theme.current().panel, 1.5))
    painter.setBrush(colour)
    if badge.kind == "added":
        painter.drawEllipse(area)
    elif badge.kind == "removed":
        painter.drawRoundedRect(area, 2, 2)
    else:
        painter.drawPolygon(_diamond(area.adjusted(-1.5, -1.5, 1.5, 1.5)))
    if side >= 9:
        _paint_sign(painter, badge, area)


def _colour(badge: Badge) -> QColor:
    colours = theme.current()
    return {"added": colours.good, "removed": colours.bad, "changed": colours.warn}[badge.kind]


def _diamond(area: QRectF) -> QPolygonF:
    middle = area.center()
    return QPolygonF(
        [
            QPointF(middle.x(), area.top()),
            QPointF(area.right(), middle.y()),
            QPointF(middle.x(), area.bottom()),
            QPointF(area.left(), middle.y()),
        ]
    )


def _paint_sign(painter: QPainter, badge: Badge, area: QRectF) -> None:
    """+, − or ~ in the shape."""
    font = QFont(theme.font(theme.TINY, QFont.Weight.Bold))
    font.setPixelSize(max(int(area.height() * 0.85), 7))
    painter.setFont(font)
    painter.setPen(theme.ink_on(_colour(badge)))
    sign = {"added": "+", "removed": "−", "changed": "~"}[badge.kind]
    painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), sign)


def _paint_words(painter: QPainter, badge: Badge, shape: QRectF) -> None:
    """On a ground in the badge's colour, to the left of the shape."""
    text = badge.text if len(badge.text) <= LONGEST else badge.text[: LONGEST - 1] + "…"
    font = theme.font(theme.TINY)
    width = QFontMetricsF(font).horizontalAdvance(text) + 20
    area = QRectF(shape.center().x() - width, shape.top(), width, shape.height())
    painter.setPen(QPen(_colour(badge), 1))
    painter.setBrush(theme.current().panel)
    painter.drawRoundedRect(area, 4, 4)
    painter.setFont(font)
    painter.setPen(theme.current().ink)
    words = area.adjusted(5, 0, -shape.width() * 0.5, 0)
    painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), text)
