"""One model's answer drawn on the picture: boxes with their scores, or classes of pixels."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from core.benchmark.changes.base import DrawnAnswer, DrawnBox
from core.data.truth import NO_CLASS
from gui import theme

_SMALL_PICTURE = 128
"""Pixels up to which a picture is enlarged pixel by pixel instead of being blurred."""
_OPACITY = 150
_PADDING = 3
_PALE = 0.4
"""Opacity of a picture that no longer belongs to the words above it."""


class AnswerPicture(QWidget):
    """As large as fits; keeps the picture's form."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._picture: QImage | None = None
        self._answer = DrawnAnswer()
        self._truth: DrawnAnswer | None = None
        self._mask: QImage | None = None
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    def show_answer(
        self,
        picture: QImage | None,
        answer: DrawnAnswer,
        mask: QImage | None = None,
        truth: DrawnAnswer | None = None,
    ) -> None:
        """`truth` is drawn dashed beside what was found."""
        self._picture, self._answer, self._truth = picture, answer, truth
        self._mask = None if mask is None else coloured(mask)
        lost = sum(box.alone for box in answer.boxes)
        boxes = f": {len(answer.boxes)} boxes, {lost} of them only here" if answer.boxes else ""
        self.setAccessibleName(f"{self._name}{boxes}")
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(360, 320)

    def place(self) -> QRectF:
        """Where the picture is drawn."""
        shape = self._picture.size() if self._picture else QSize(1, 1)
        size = shape.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(QRectF(self.rect()).center())
        return place

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(1 if self.isEnabled() else _PALE)
        colours = theme.current()
        if self._picture is None:
            painter.fillRect(self.rect(), colours.chip)
            painter.setPen(colours.dim)
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, "No picture is kept of this"
            )
        else:
            self._paint_picture(painter, self._picture)
        painter.end()

    def _paint_picture(self, painter: QPainter, picture: QImage) -> None:
        place = self.place()
        large = max(picture.width(), picture.height()) > _SMALL_PICTURE
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, large)
        painter.drawImage(place, picture)
        if self._mask is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(place, self._mask)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = place.width() / picture.width()
        for box in self._truth.boxes if self._truth else ():
            _draw_box(painter, _scaled(box, place, scale), box, "good", Qt.PenStyle.DashLine)
        for box in self._answer.boxes:
            tone = "warn" if box.alone else "accent"
            _draw_box(painter, _scaled(box, place, scale), box, tone, Qt.PenStyle.SolidLine)


def class_colour(number: int) -> QColor:
    """Far apart for neighbouring numbers: turns of the golden angle around the colour circle."""
    return QColor.fromHsv(round(number * 137.508) % 360, 200, 235)


def coloured(mask: QImage) -> QImage:
    """Numbers of classes as half-transparent colours; the first, often the ground, is bare."""
    grey = mask.convertToFormat(QImage.Format.Format_Grayscale8)
    grey.reinterpretAsFormat(QImage.Format.Format_Indexed8)
    table = [_half(class_colour(number)) for number in range(256)]
    table[0] = table[NO_CLASS] = QColor(0, 0, 0, 0).rgba()
    grey.setColorTable(table)
    return grey


def _half(colour: QColor) -> int:
    colour.setAlpha(_OPACITY)
    return colour.rgba()


def _scaled(box: DrawnBox, place: QRectF, scale: float) -> QRectF:
    x0, y0, x1, y1 = (value * scale for value in box.corners)
    corner = place.topLeft()
    whole = QRectF(corner + QPointF(x0, y0), corner + QPointF(x1, y1))
    return whole.intersected(place)


def _draw_box(
    painter: QPainter, frame: QRectF, box: DrawnBox, tone: str, line: Qt.PenStyle
) -> None:
    """What only this model found is drawn thicker and says so by its tone."""
    colour: QColor = getattr(theme.current(), tone)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 3 if box.alone else 1.6, line))
    painter.drawRect(frame)
    if box.score is None:
        return
    font = theme.font(theme.TINY)
    words = f"{box.label} {100 * box.score:.0f} %"
    metrics = QFontMetricsF(font)
    label = QRectF(
        frame.left(), 0, metrics.horizontalAdvance(words) + 2 * _PADDING, metrics.height()
    )
    above = frame.top() - label.height()
    label.moveTop(above if above >= 0 else frame.top())
    painter.fillRect(label, colour)
    painter.setFont(font)
    painter.setPen(theme.ink_on(colour))
    painter.drawText(label, Qt.AlignmentFlag.AlignCenter, words)
