"""A piece of text that leads somewhere: cut to the room there is, whole in its tip."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy
from typing_extensions import override

from gui import theme
from gui.panels.text import plain_tip

_HEIGHT = 20


class Link(QAbstractButton):
    """Connect to `clicked`. The text may come from a model: it is shown as it is."""

    def __init__(self, text: str, tip: str = "", lead: str = "") -> None:
        """`lead` is a character or two before the text that is no part of the link's name."""
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(theme.font(theme.SMALL))
        theme.changed.connect(self.update)
        self.set_words(text, tip, lead)

    def set_words(self, text: str, tip: str = "", lead: str = "") -> None:
        """As in the constructor."""
        self._text, self._lead = text, lead
        self.setAccessibleName(f"{lead}{text}")
        self.setToolTip(plain_tip(f"{text}\n{tip}".strip()))
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """The whole text, however much of it is seen."""
        return self._text

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._lead + self._text) + 6, _HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(40, _HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        font = theme.font(theme.SMALL)
        if self.underMouse():
            font.setUnderline(True)
        painter.setFont(font)
        font.setUnderline(False)
        metrics = painter.fontMetrics()
        lead = metrics.horizontalAdvance(self._lead)
        room = self.rect().adjusted(2, 0, -2, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colours.faint)
        painter.drawText(room, middle, self._lead)
        painter.setPen(colours.accent)
        inner = QRect(room.left() + lead, room.top(), room.width() - lead, room.height())
        shown = metrics.elidedText(self._text, Qt.TextElideMode.ElideMiddle, inner.width())
        painter.drawText(inner, middle, shown)
        if self.hasFocus():
            painter.setPen(colours.selection)
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        painter.end()

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Copy", lambda: QGuiApplication.clipboard().setText(self._text))
        menu.popup(event.globalPos())
