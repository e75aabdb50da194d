"""The checks of a device as they arrive: a mark, what was found, and what helps where it fails."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget
from typing_extensions import override

from core.remote.checks import Check, CheckState
from gui import icons, theme
from gui.panels.text import Chip, ChipKind, Text

_WORDS: dict[CheckState, tuple[str, ChipKind]] = {
    "ok": ("", "good"),
    "warn": ("look at this", "warn"),
    "failed": ("must be mended", "bad"),
    "unknown": ("not known", "plain"),
}
_VERDICTS: dict[CheckState, str] = {"failed": "Must be mended", "warn": "Look at"}
_TONES: dict[CheckState, str] = {
    "ok": "good",
    "warn": "warn",
    "failed": "bad",
    "unknown": "faint",
}
_SIGNS: dict[CheckState, str] = {"warn": "!", "failed": "×", "unknown": "?"}
_MARK = 16


class StateMark(QWidget):
    """A tick, “!”, “×” or “?”."""

    def __init__(self) -> None:
        super().__init__()
        self._state: CheckState = "unknown"
        self.setFixedSize(_MARK, _MARK)
        theme.changed.connect(self.update)

    def show_state(self, state: CheckState) -> None:
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
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(getattr(colours, _TONES[self._state]))
        painter.drawEllipse(QRectF(0, 0, _MARK, _MARK))
        self._draw_sign(painter)
        painter.end()

    def _draw_sign(self, painter: QPainter) -> None:
        colours = theme.current()
        if self._state == "ok":
            icons.draw(painter, "check", QRectF(3, 3, 10, 10), colours.panel)
            return
        painter.setPen(colours.panel)
        painter.setFont(theme.font(theme.TINY, 600))
        painter.drawText(
            QRectF(0, 0, _MARK, _MARK), Qt.AlignmentFlag.AlignCenter, _SIGNS[self._state]
        )


class CheckList(QWidget):
    """One row a check, in the order in which they arrive; a check that comes again is replaced."""

    def __init__(self, name: str = "Checks") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.GAP)
        self._rows: dict[str, _CheckRow] = {}

    def clear(self) -> None:
        for row in self._rows.values():
            row.hide()
            row.deleteLater()
        self._rows = {}

    def show_checks(self, checks: Iterable[Check]) -> None:
        """These and no others."""
        self.clear()
        for check in checks:
            self.add(check)

    def add(self, check: Check) -> None:
        if check.id not in self._rows:
            row = self._rows[check.id] = _CheckRow()
            self._column.addWidget(row)
        self._rows[check.id].show_check(check)

    @property
    def verdict(self) -> str:
        """What has to be looked at, by name; that nothing has, where nothing has."""
        said = [
            f"{words}: {', '.join(titles)}."
            for state, words in _VERDICTS.items()
            if (titles := [row.title for row in self._rows.values() if row.state == state])
        ]
        return " ".join(said) or "Nothing stands in the way."

    @property
    def words(self) -> list[str]:
        """What each row says, for whoever cannot see it."""
        return [row.accessibleName() for row in self._rows.values()]


class _CheckRow(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.title, self.state = "", "unknown"
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
        self.title, self.state = check.title, check.state
        word, kind = _WORDS[check.state]
        shown_remedy = "" if check.state == "ok" else check.remedy
        self._mark.show_state(check.state)
        self._chip.show_as(word, kind)
        self._title.setText(check.title)
        self._detail.setText(check.detail)
        self._detail.setVisible(bool(check.detail))
        self._remedy.setText(shown_remedy)
        self._remedy.setVisible(bool(shown_remedy))
        said = (f"{check.title}: {word or 'good'}.", check.detail, shown_remedy)
        self.setAccessibleName(" ".join(filter(None, said)))
