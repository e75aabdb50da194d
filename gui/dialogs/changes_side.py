"""One side of a changed image: whose answer it is, the picture with it, and the answer in words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.benchmark.changes.base import DrawnAnswer
from gui import theme
from gui.dialogs.changes_canvas import AnswerPicture, class_colour
from gui.dialogs.changes_pictures import LoadedPicture
from gui.panels.share_bars import BarRow, ShareBars
from gui.panels.text import Text
from gui.wording import share_of_one

_MOST_NAMED = 8
"""Classes of a mask that the legend names."""


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
        self._legend = Text(size=theme.TINY, overflow="wrap")
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        column.addWidget(self._legend)
        self._bars = ShareBars(f"Most likely classes, {letter}", 150, of_one=True)
        self._bars.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bars.setCursor(Qt.CursorShape.ArrowCursor)
        column.addWidget(self._bars)

    def show_words(self, words: str) -> None:
        """The answer, before its picture comes."""
        self.words.setText(words)

    def show_picture(self, loaded: LoadedPicture, *, with_truth: bool) -> None:
        drawing = loaded.drawing
        answer = getattr(drawing, self._side) if drawing else DrawnAnswer()
        truth = drawing.truth if drawing and with_truth else None
        mask = loaded.masks.get("truth" if truth and truth.legend else self._side)
        self.picture.show_answer(loaded.picture, answer, mask, truth)
        rows = [BarRow(name, name, share, share_of_one(share)) for name, share in answer.rows]
        self._bars.show_rows(rows)
        self._bars.setVisible(bool(rows))
        self._show_legend(answer)

    def _show_legend(self, answer: DrawnAnswer) -> None:
        from html import escape

        named = [
            f'<span style="color:{class_colour(number).name()}">■</span> {escape(name)}'
            for number, name in answer.legend[:_MOST_NAMED]
            if number
        ]
        self._legend.setText(" &nbsp; ".join(named))
        self._legend.setVisible(bool(named))
