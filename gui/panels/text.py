"""Labels: plain text in the theme's sizes and tones, chips, headings and facts in two columns."""

from html import escape
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QSizePolicy, QWidget
from typing_extensions import override

from gui import theme
from gui.panels.breaking import breakable, whole

Tone = Literal["ink", "dim", "faint", "accent", "good", "warn", "bad"]
ChipKind = Literal["plain", "good", "accent", "warn", "bad"]


class Text(QLabel):
    """Text as it is, never HTML: it may come from a model. Long lines wrap, stay, or are cut:
    in the middle, which keeps the ends of names, or at the end.

    What wraps or is cut never makes its panel wider: long words break.
    """

    def __init__(
        self,
        text: str = "",
        *,
        size: int = theme.BODY,
        tone: Tone = "ink",
        bold: bool = False,
        overflow: Literal["stay", "wrap", "cut", "cut end"] = "stay",
    ) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(size, QFont.Weight.DemiBold if bold else QFont.Weight.Normal))
        self.setProperty("tone", tone)
        self._cut = overflow in ("cut", "cut end")
        elide = Qt.TextElideMode
        self._elide = elide.ElideRight if overflow == "cut end" else elide.ElideMiddle
        self.setWordWrap(overflow == "wrap")
        if overflow != "stay":
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setText(text)

    @override
    def setText(self, text: str) -> None:
        super().setText(breakable(text) if self.wordWrap() else text)
        if self._cut:
            self.setToolTip(plain_tip(text))

    @override
    def text(self) -> str:
        return whole(super().text())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(whole(self.selectedText()) or self.text())

    @override
    def keyPressEvent(self, ev: QKeyEvent) -> None:
        if ev.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(ev)

    @override
    def contextMenuEvent(self, ev: QContextMenuEvent) -> None:
        if not self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse:
            ev.ignore()
            return
        menu = QMenu(self)
        menu.addAction("Copy", self._copy)
        menu.popup(ev.globalPos())

    def set_tone(self, tone: Tone) -> None:
        self.setProperty("tone", tone)
        refresh_style(self)

    @override
    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(24, hint.height()) if self._cut else hint

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._cut:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(getattr(theme.current(), self.property("tone")))
        room = self.contentsRect()
        shown = QFontMetrics(self.font()).elidedText(self.text(), self._elide, room.width())
        painter.drawText(room, int(self.alignment()), shown)
        painter.end()


class Chip(QLabel):
    """A word or two on a tinted pill: what kind of figure or thing this is."""

    def __init__(self, text: str = "", kind: ChipKind = "plain") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(theme.TINY))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.show_as(text, kind)

    def show_as(self, text: str, kind: ChipKind = "plain") -> None:
        self.setText(text)
        if not text:
            self.hide()
        elif self.parentWidget() is not None:  # alone it would become a window of its own
            self.show()
        self.setProperty("chip", kind)
        refresh_style(self)


class Heading(Text):
    """A small capital heading over a section."""

    def __init__(self, text: str) -> None:
        super().__init__(text.upper(), size=theme.TINY, tone="dim", bold=True)
        self.setContentsMargins(0, 12, 0, 2)
        self.setAccessibleName(text)


class Facts(QWidget):
    """Names on the left, values on the right; each value may wear a chip."""

    def __init__(self, name_width: int = 112) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, name_width)
        self._grid.setColumnStretch(1, 1)
        self._rows = 0

    def clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = 0

    def add(
        self, name: str, value: str, chip: str = "", kind: ChipKind = "plain", tip: str = ""
    ) -> None:
        """`tip` says in full what `value` says in brief."""
        row, self._rows = self._rows, self._rows + 1
        top = Qt.AlignmentFlag.AlignTop
        named = Text(name, size=theme.SMALL, tone="dim", overflow="wrap")
        self._grid.addWidget(named, row, 0, top)
        shown = Text(value, size=theme.SMALL, overflow="wrap")
        shown.setAccessibleName(f"{name}: {tip or value} {chip}".strip())
        shown.setToolTip(plain_tip(tip))
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(shown, row, 1, 1, 1 if chip else 2, top)
        if chip:
            self._grid.addWidget(Chip(chip, kind), row, 2, top | Qt.AlignmentFlag.AlignRight)


def plain_tip(text: str) -> str:
    """A tool tip that shows `text` as it is, in wrapped lines; Qt would guess at HTML."""
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>' if text else ""


def refresh_style(widget: QWidget) -> None:
    """Make the style sheet look again at the widget's properties."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
