"""Cards: a bordered surface that shows one thing and can be pressed, and its plain sister."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from gui import theme
from gui.panels.text import Chip, ChipKind, Text


class Card(QAbstractButton):
    """A surface to press, by mouse or by Space; its children only show."""

    def __init__(self, layout: QLayout | None = None) -> None:
        super().__init__()
        self._chosen = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setLayout(layout or QVBoxLayout())
        self.body.setContentsMargins(11, 9, 11, 9)
        self.body.setSpacing(3)
        theme.changed.connect(self.update)

    @property
    def body(self) -> QLayout:
        layout = self.layout()
        assert layout is not None
        return layout

    @property
    def chosen(self) -> bool:
        return self._chosen

    def set_chosen(self, chosen: bool) -> None:
        self._chosen = chosen
        self.setAccessibleDescription("chosen" if chosen else "")
        self.update()

    def show_passively(self, widget: QWidget) -> QWidget:
        """Let presses on a child reach the card."""
        widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return widget

    @override
    def sizeHint(self) -> QSize:
        return self.body.totalSizeHint()

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline.addRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        ground = colours.raised
        if self.underMouse() and self.isEnabled():
            ground = theme.mix(colours.ink, ground, 0.03)
        painter.fillPath(outline, ground)
        if self._chosen:
            painter.save()
            painter.setClipPath(outline)
            painter.fillRect(QRectF(0, 0, 3.5, self.height()), colours.selection)
            painter.restore()
        ring = self.hasFocus() or self._chosen
        painter.setPen(
            QPen(colours.selection if ring else colours.line, 2 if self.hasFocus() else 1)
        )
        painter.drawPath(outline)
        painter.end()


class ThingCard(Card):
    """A card about one thing: its title, a chip, and lines of detail."""

    def __init__(self, name: str, *, wraps: bool = False) -> None:
        """`wraps`: a long title takes more lines; else it is cut."""
        super().__init__()
        self.setAccessibleName(name)
        self._name = name
        self._dot = Dot()
        self._dot.hide()
        self._title = Text(bold=True, overflow="wrap" if wraps else "cut")
        self._chip = Chip()
        self._detail = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        first = QHBoxLayout()
        first.setSpacing(theme.GAP - 2)
        for widget in (self._dot, self._title, self._chip):
            first.addWidget(self.show_passively(widget))
        if wraps:
            first.setAlignment(self._chip, Qt.AlignmentFlag.AlignTop)
        first.setStretch(1, 1)
        body = self.body
        assert isinstance(body, QVBoxLayout)
        body.addLayout(first)
        body.addWidget(self.show_passively(self._detail))

    def show_thing(
        self, title: str, detail: str = "", chip: str = "", kind: ChipKind = "plain"
    ) -> None:
        self._title.setText(title)
        self._chip.show_as(chip, kind)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.setAccessibleName(" · ".join(filter(None, (self._name, title, detail, chip))))
        self.updateGeometry()

    def set_dot(self, tone: str) -> None:
        """A small round state light before the title; an empty tone takes it away."""
        self._dot.set_tone(tone or "faint")
        self._dot.setVisible(bool(tone))


class Dot(QWidget):
    """A state light; the words beside it say the same."""

    def __init__(self, tone: str = "good") -> None:
        super().__init__()
        self._tone = tone
        self.setFixedSize(8, 8)

    def set_tone(self, tone: str) -> None:
        self._tone = tone
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(getattr(theme.current(), self._tone))
        painter.drawEllipse(self.rect())
        painter.end()


class Notice(QFrame):
    """A framed remark that cannot be pressed: a title in its tone and a text below."""

    def __init__(self, title: str, text: str, kind: ChipKind = "warn") -> None:
        super().__init__()
        self.setProperty("notice", kind)
        self.setAccessibleName(f"{title} {text}")
        body = QVBoxLayout(self)
        body.setContentsMargins(11, 9, 11, 9)
        body.setSpacing(3)
        tone = kind if kind != "plain" else "ink"
        if title:
            body.addWidget(Text(title, size=theme.SMALL, tone=tone, bold=True, overflow="wrap"))
        if text:
            body.addWidget(Text(text, size=theme.SMALL, tone="dim", overflow="wrap"))
