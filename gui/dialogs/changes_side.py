"""One side of a changed image: whose answer it is, the picture with it, and the answer in words."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from core.benchmark.changes.base import DrawnAnswer
from gui import theme
from gui.dialogs.changes_canvas import AnswerPicture, class_colour
from gui.dialogs.changes_pictures import LoadedPicture
from gui.panels.share_bars import BarRow, ShareBars
from gui.panels.text import Text, plain_tip
from gui.wording import share_of_one

_LEGEND_HEIGHT, _SWATCH = 18, 11


class AnswerSide(QWidget):
    """A or B."""

    def __init__(self, letter: str, label: str) -> None:
        super().__init__()
        self._side = letter.lower()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(Text(f"{letter} · {label}", size=theme.SMALL, tone="dim", overflow="cut"))
        self.words = Text(bold=True, overflow="cut end")
        column.addWidget(self.words)
        self.picture = AnswerPicture(f"Answer of {letter}, {label}")
        column.addWidget(self.picture, 1)
        self._legend = MaskLegend()
        column.addWidget(self._legend)
        self._bars = ShareBars(f"Most likely classes, {letter}", 150, of_one=True)
        self._bars.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bars.setCursor(Qt.CursorShape.ArrowCursor)
        column.addWidget(self._bars)

    def show_words(self, words: str) -> None:
        """The answer, before its picture comes; until then the one that is seen is pale."""
        self.words.setText(words)
        self.picture.setEnabled(False)

    def show_picture(self, loaded: LoadedPicture, *, with_truth: bool) -> None:
        drawing = loaded.drawing
        answer = getattr(drawing, self._side) if drawing else DrawnAnswer()
        truth = drawing.truth if drawing and with_truth else None
        mask = loaded.masks.get("truth" if truth and truth.legend else self._side)
        self.picture.show_answer(loaded.picture, answer, mask, truth)
        self.picture.setEnabled(True)
        rows = [BarRow(name, name, share, share_of_one(share)) for name, share in answer.rows]
        self._bars.show_rows(rows)
        self._bars.setVisible(bool(rows))
        self._legend.show_classes(answer.legend)


class MaskLegend(QWidget):
    """Which colour is which class, in one line; the first class is bare and not named."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: tuple[tuple[int, str], ...] = ()
        self.setFixedHeight(_LEGEND_HEIGHT)
        theme.changed.connect(self.update)

    def show_classes(self, classes: Sequence[tuple[int, str]]) -> None:
        self._classes = tuple((number, name) for number, name in classes if number)
        names = ", ".join(name for _, name in self._classes)
        self.setAccessibleName(f"Classes in the picture: {names}")
        self.setToolTip(plain_tip(names))
        self.setVisible(bool(self._classes))
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(theme.TINY))
        metrics, left = painter.fontMetrics(), 0
        for number, name in self._classes:
            top = (self.height() - _SWATCH) // 2
            painter.fillRect(left, top, _SWATCH, _SWATCH, class_colour(number))
            painter.setPen(theme.current().dim)
            room = QRect(left + _SWATCH + 5, 0, self.width() - left, self.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
            left = room.left() + metrics.horizontalAdvance(name) + 14
        painter.end()
