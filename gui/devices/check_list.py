"""The checks of a device as they arrive: a mark, what was found, and what helps where it fails."""

from collections.abc import Iterable
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget
from typing_extensions import override

from core.remote.checks import Check
from gui import icons, theme
from gui.panels.text import Chip, ChipKind, Text

State = Literal["ok", "warn", "failed", "unknown", "running"]

_WORDS: dict[State, tuple[str, ChipKind]] = {
    "ok": ("", "good"),
    "warn": ("look at this", "warn"),
    "failed": ("must be mended", "bad"),
    "unknown": ("not known", "plain"),
    "running": ("", "plain"),
}
_SIGNS: dict[State, str] = {"warn": "!", "failed": "×", "unknown": "?"}
_MARK = 16


class StateMark(QWidget):
    """A tick, “!”, “×”, “?”, or the dotted ring of what is looked at now."""

    def __init__(self, state: State = "running") -> None:
        super().__init__()
        self._state: State = state
        self.setFixedSize(_MARK, _MARK)
        theme.changed.connect(self.update)

    def show_state(self, state: State) -> None:
        self._state = state
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_MARK, _MARK)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = QRectF(0.75, 0.75, _MARK - 1.5, _MARK - 1.5)
        if self._state == "running":
            painter.setPen(QPen(colours.accent, 1.5, Qt.PenStyle.DotLine))
            painter.drawEllipse(disc)
        else:
            tone = {"ok": "good", "warn": "warn", "failed": "bad", "unknown": "faint"}[self._state]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(getattr(colours, tone))
            painter.drawEllipse(disc.adjusted(-0.75, -0.75, 0.75, 0.75))
            self._draw_sign(painter, disc)
        painter.end()

    def _draw_sign(self, painter: QPainter, disc: QRectF) -> None:
        colours = theme.current()
        if self._state == "ok":
            icons.draw(painter, "check", QRectF(3, 3, 10, 10), colours.panel)
            return
        painter.setPen(colours.panel)
        painter.setFont(theme.font(theme.TINY, 600))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, _SIGNS[self._state])


class CheckList(QWidget):
    """One row a check, in the order in which they arrive; a check that comes again is replaced."""

    def __init__(self, name: str = "Checks") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.GAP)
        self._rows: dict[str, _CheckRow] = {}
        self._next = _CheckRow()
        self._next.hide()
        self._column.addWidget(self._next)

    def clear(self) -> None:
        for row in self._rows.values():
            row.hide()
            row.deleteLater()
        self._rows = {}
        self.show_running("")

    def show_checks(self, checks: Iterable[Check]) -> None:
        """These and no others."""
        self.clear()
        for check in checks:
            self.add(check)

    def add(self, check: Check) -> None:
        if check.id not in self._rows:
            row = self._rows[check.id] = _CheckRow()
            self._column.insertWidget(self._column.count() - 1, row)
        self._rows[check.id].show_check(check)

    def show_running(self, words: str) -> None:
        """What is looked at now, below the checks that arrived; empty when nothing is."""
        self._next.show_words(words, "running")
        self._next.setVisible(bool(words))

    @property
    def words(self) -> list[str]:
        """What each row says, for whoever cannot see it."""
        return [row.accessibleName() for row in self._rows.values()]


class _CheckRow(QWidget):
    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        self._mark, self._chip = StateMark(), Chip()
        self._title = Text(size=theme.BODY, overflow="wrap")
        self._detail = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self._remedy = Text(size=theme.SMALL, overflow="wrap")
        for text in (self._detail, self._remedy):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._mark, 0, 0, top)
        grid.addWidget(self._title, 0, 1)
        grid.addWidget(self._chip, 0, 2, top | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._detail, 1, 1, 1, 2)
        grid.addWidget(self._remedy, 2, 1, 1, 2)

    def show_check(self, check: Check) -> None:
        self.show_words(check.title, check.state, check.detail, check.remedy)

    def show_words(self, title: str, state: State, detail: str = "", remedy: str = "") -> None:
        word, kind = _WORDS[state]
        shown_remedy = "" if state == "ok" else remedy
        self._mark.show_state(state)
        self._chip.show_as(word, kind)
        self._title.setText(title)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._remedy.setText(shown_remedy)
        self._remedy.setVisible(bool(shown_remedy))
        said = word or ("good" if state == "ok" else "being looked at")
        self.setAccessibleName(" ".join(filter(None, (f"{title}: {said}.", detail, shown_remedy))))
