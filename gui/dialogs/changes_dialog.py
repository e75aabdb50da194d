"""What changed, image by image: the list by damage, and both answers drawn on the picture."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.benchmark.changes.table import changes_table
from core.benchmark.comparison import AnswerComparison
from core.jobs.events import Failed
from core.jobs.folders import write_atomically
from gui import theme
from gui.dialogs.changes_list import EFFECTS, ChangesList, answer_words, damage_words
from gui.dialogs.changes_pictures import ChangePictures, LoadedPicture
from gui.dialogs.changes_side import AnswerSide
from gui.dialogs.sheet import Sheet
from gui.jobs import Errand
from gui.panels.inputs import Tickbox
from gui.panels.segments import Segment, Segments
from gui.panels.text import Text
from gui.wording import counted

_ALL = "all"
_KEY = "Thick: only this model found it. Thin: both. Dashed: true."
_WIDTH, _LIST_WIDTH, _LEAST_HEIGHT = 1080, 340, 520


@dataclass(frozen=True)
class Changes:
    """The answers of two models, and where their pictures lie."""

    answers: AnswerComparison
    folder: Path
    """Of the run that compared them."""
    label_a: str
    label_b: str


class ChangesDialog(Sheet):
    """Arrow keys go through the images."""

    def __init__(self, changes: Changes, parent: QWidget) -> None:
        super().__init__(
            "What changed, image by image", _sentence(changes), parent, _WIDTH, grows=True
        )
        self._changes = changes
        self._loaded: LoadedPicture | None = None
        self._pictures = ChangePictures(changes.folder, changes.answers.pictured, self)
        self._build_filter()
        row = QHBoxLayout()
        row.setSpacing(16)
        self._build_list(row)
        self._build_sides(row)
        self.body.addLayout(row, 1)
        self._build_buttons()
        self._pictures.picture_came.connect(self._show_picture)
        self._pictures.failed.connect(self._fail)
        self.finished.connect(self._pictures.close)
        self._narrow(_ALL)

    def _build_filter(self) -> None:
        changes = self._changes.answers.changes
        self.filter = Segments("Show")
        counts = {effect: sum(each.effect == effect for each in changes) for effect in EFFECTS}
        self.filter.set_segments(
            [
                Segment(_ALL, f"All {len(changes):,}"),
                *(
                    Segment(effect, f"{word.capitalize()} {counts[effect]:,}")
                    for effect, (_, _, word) in EFFECTS.items()
                ),
            ]
        )
        self.filter.press(_ALL)
        self.filter.picked.connect(self._narrow)
        self.truth = Tickbox("Show what is true")
        self.truth.toggled.connect(self._draw)
        self.truth.hide()
        row = QHBoxLayout()
        self._key = Text(size=theme.SMALL, tone="dim", overflow="cut end")
        self._key.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.filter)
        row.addWidget(self._key, 1)
        row.addWidget(self.truth)
        self.body.addLayout(row)

    def _build_list(self, row: QHBoxLayout) -> None:
        self.list = ChangesList()
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setMinimumHeight(_LEAST_HEIGHT)
        self.list.show_changes(self._changes.answers.changes, self._pictures)
        self.list.selectionModel().currentChanged.connect(self._look_at)
        row.addWidget(self.list)

    def _build_sides(self, row: QHBoxLayout) -> None:
        self.title = Text(overflow="cut")
        self.sides = (
            AnswerSide("A", self._changes.label_a),
            AnswerSide("B", self._changes.label_b),
        )
        pair = QHBoxLayout()
        pair.setSpacing(12)
        for side in self.sides:
            pair.addWidget(side, 1)
        column = QVBoxLayout()
        column.addWidget(self.title)
        column.addLayout(pair, 1)
        row.addLayout(column, 1)

    def _build_buttons(self) -> None:
        self.said = Text(size=theme.SMALL, tone="dim", overflow="cut end")
        self._buttons.insertWidget(0, self.said, 1)
        self.copy = self.add_button("Copy as CSV")
        self.copy.setToolTip("The images that are listed, with answers and damage")
        self.copy.clicked.connect(self._copy)
        self.save = self.add_button("Save as CSV…")
        self.save.clicked.connect(self._ask_where)
        self.previous = self._stepper("‹ Previous", "Left", -1)
        self.next = self._stepper("Next ›", "Right", 1)
        self.add_cancel("Close")

    def _stepper(self, text: str, key: str, by: int) -> QPushButton:
        button = self.add_button(text)
        button.setToolTip(f"{key} arrow")
        button.clicked.connect(lambda: self.list.step(by))
        return button

    # showing

    def _narrow(self, effect: str) -> None:
        self.list.rows.narrow(None if effect == _ALL else effect)
        if self.list.rows.rowCount():
            self.list.setCurrentIndex(self.list.rows.index(0))
            self.list.setFocus()
        else:
            self._clear()
        for button in (self.copy, self.save):
            button.setEnabled(self.list.rows.rowCount() > 0)

    def _look_at(self, current: QModelIndex) -> None:
        if not current.isValid():
            return
        rows, place = self.list.rows.rowCount(), self.list.rows.place(current.row())
        change = self._changes.answers.changes[place]
        truth = f" · truth: {change.truth}" if change.truth else ""
        self.title.setText(f"{current.row() + 1:,} of {rows:,} · {change.image}{truth}")
        self.title.setAccessibleName(f"{self.title.text()}, damage {damage_words(change)}")
        for side, letter in zip(self.sides, "ab", strict=True):
            side.show_words(answer_words(change, letter))
        self.previous.setEnabled(current.row() > 0)
        self.next.setEnabled(current.row() < rows - 1)
        self._pictures.want(place)

    def _clear(self) -> None:
        self.title.setText("No image of this kind")
        self._show_picture(LoadedPicture(-1))
        for side in self.sides:
            side.show_words("")
        for button in (self.previous, self.next):
            button.setEnabled(False)

    def _show_picture(self, loaded: LoadedPicture) -> None:
        self._loaded = loaded
        drawing = loaded.drawing
        self.truth.setVisible(bool(drawing and drawing.truth))
        boxes = drawing is not None and bool(drawing.a.boxes or drawing.b.boxes)
        self._key.setText(_KEY if boxes else "")
        self._draw()

    def _draw(self) -> None:
        if self._loaded is not None:
            for side in self.sides:
                side.show_picture(self._loaded, with_truth=self.truth.isChecked())

    # out of the program

    def _copy(self) -> None:
        """To the clipboard; made beside the window's thread."""
        shown = self.list.rows.shown
        errand = Errand(lambda: changes_table(shown))
        errand.done.connect(self._take_copy)
        errand.start()

    def _take_copy(self, table: str) -> None:
        QGuiApplication.clipboard().setText(table)
        self._say("Copied the list.")

    def _ask_where(self) -> None:
        name = f"{self._changes.label_b} changes.csv".replace("/", "-")
        path, _ = QFileDialog.getSaveFileName(self, "Save the list", name, "CSV (*.csv)")
        if path:
            self.write(Path(path))

    def write(self, path: Path) -> None:
        """Save the list that is shown."""
        shown = self.list.rows.shown
        errand = Errand(lambda: write_atomically(path, changes_table(shown).encode()))
        errand.done.connect(lambda _: self._say(f"Saved {path.name}."))
        errand.failed.connect(self._fail)
        errand.start()

    def _say(self, words: str) -> None:
        self.said.set_tone("dim")
        self.said.setText(words)

    def _fail(self, failed: Failed) -> None:
        self.said.set_tone("bad")
        self.said.setText(f"{failed.what} {failed.why}")


def _sentence(changes: Changes) -> str:
    answers = changes.answers
    count, asked = len(answers.changes), answers.agreement.samples
    sentence = f"{count:,} of {counted(asked, 'answer')} changed from A to B."
    sentence += f" The most damaged come first; damage is the {answers.damage}."
    if answers.pictured < count:
        sentence += f" Pictures are kept of the first {answers.pictured:,}."
    return sentence
