"""Input fields that draw their marks in the theme's colours: a tick box, a picker, a number."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
)
from typing_extensions import override

from gui import icons, theme

_CHEVRON = 21
BOX = 16
"""Height and width of a tick box in pixels."""


def draw_box(
    painter: QPainter, box: QRectF, *, checked: bool, enabled: bool = True, focused: bool = False
) -> None:
    """A tick box without words."""
    colours = theme.current()
    on = checked and enabled
    painter.setPen(QPen(colours.selection if focused or on else colours.faint, 2 if focused else 1))
    painter.setBrush(colours.accent if on else colours.raised)
    painter.drawRoundedRect(box, 4, 4)
    if checked:
        tick = colours.accent_ink if on else colours.faint
        icons.draw(painter, "check", box.adjusted(2, 2, -2, -2), tick)


class Tickbox(QCheckBox):
    """Yes or no."""

    @override
    def sizeHint(self) -> QSize:
        text = self.fontMetrics().size(0, self.text())
        return QSize(BOX + theme.GAP + text.width() + 4, max(BOX, text.height()) + 4)

    @override
    def hitButton(self, pos: object) -> bool:
        return True

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1, (self.height() - BOX) / 2 + 0.5, BOX - 1, BOX - 1)
        enabled, focused = self.isEnabled(), self.hasFocus()
        draw_box(painter, box, checked=self.isChecked(), enabled=enabled, focused=focused)
        painter.setPen(colours.ink if self.isEnabled() else colours.faint)
        words = self.rect().adjusted(BOX + theme.GAP, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()


class NumberField(QDoubleSpinBox):
    """A typed number; told when the person is done typing. The wheel scrolls the page."""

    def __init__(self, least: float, most: float, unit: str = "", decimals: int = 0) -> None:
        super().__init__()
        self.setKeyboardTracking(False)
        self.setDecimals(decimals)
        self.setRange(least, most)
        self.setSuffix(f" {unit}" if unit else "")
        self.lineEdit().setTextMargins(7, 0, 0, 0)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Picker(QComboBox):
    """One of a list. The wheel scrolls the page around it instead of changing the answer.

    Words that are too long for it end in “…”.
    """

    @override
    def wheelEvent(self, e: QWheelEvent) -> None:
        e.ignore()

    @override
    def paintEvent(self, e: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self)
        elided = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room.width()
        )
        option.currentText = elided  # type: ignore[attr-defined]  # missing from PySide6's stubs
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        mark = QRectF(self.width() - _CHEVRON, (self.height() - 13) / 2, 13, 13)
        icons.draw(painter, "chevron-down", mark, theme.current().dim)
        painter.end()
