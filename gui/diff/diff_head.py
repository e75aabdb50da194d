"""What stands above the graphs: which two models, how they are shown, and the counts."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.diff.subjects import Subject
from gui.panels.inputs import Picker
from gui.panels.segments import Segment, Segments
from gui.panels.text import Text

_SIDE, _MERGED = "side by side", "merged"


class DiffHead(QWidget):
    """Two pickers, each with a button for any file."""

    compare_wanted = Signal()
    merged_wanted = Signal(bool)
    """Whether one graph is asked for instead of two."""

    def __init__(self, subjects: list[Subject], start: tuple[int, int]) -> None:
        super().__init__()
        self._subjects = subjects
        head = QVBoxLayout(self)
        head.setContentsMargins(theme.PADDING, theme.PADDING, theme.PADDING, theme.GAP)
        head.setSpacing(theme.GAP)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        self.pickers = tuple(
            self._add_picker(row, letter, place) for letter, place in zip("AB", start, strict=True)
        )
        self.start = QPushButton("Compare")
        self.start.setProperty("look", "primary")
        self.start.setDefault(True)
        row.addWidget(self.start)
        row.addStretch(1)
        self.view = Segments("View")
        self.view.set_segments(
            [
                Segment(_SIDE, "Side by side", "Two graphs that move together"),
                Segment(_MERGED, "Merged", "One graph: what was added, removed and changed"),
            ]
        )
        self.view.press(_SIDE)
        row.addWidget(self.view)
        head.addLayout(row)
        self.summary = Text(tone="dim", overflow="wrap")
        head.addWidget(self.summary)
        self.start.clicked.connect(self.compare_wanted)
        self.view.picked.connect(lambda value: self.merged_wanted.emit(value == _MERGED))

    def _add_picker(self, row: QHBoxLayout, letter: str, place: int) -> Picker:
        row.addWidget(Text(letter, bold=True))
        picker = Picker()
        picker.setAccessibleName(f"Model {letter}")
        picker.setMinimumWidth(190)
        for subject in self._subjects:
            picker.addItem(subject.label)
        picker.setCurrentIndex(place)
        row.addWidget(picker)
        file = QPushButton("File…")
        file.setAutoDefault(False)
        file.setToolTip(f"Take another model file as {letter}")
        file.clicked.connect(lambda: self._choose_file(picker))
        row.addWidget(file)
        return picker

    def _choose_file(self, picker: Picker) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Compare with", "", "All files (*)")
        if path:
            self._subjects.append(Subject(Path(path).name, Path(path)))
            for each in self.pickers:
                each.addItem(Path(path).name)
            picker.setCurrentIndex(picker.count() - 1)

    def chosen(self) -> tuple[Subject, Subject] | None:
        """A and B; None while there are none to choose from."""
        places = [picker.currentIndex() for picker in self.pickers]
        if min(places) < 0:
            return None
        return self._subjects[places[0]], self._subjects[places[1]]
