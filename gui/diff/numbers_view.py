"""The tab of tensors: what to feed both models, the run, and the tensors that came out."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.diff.report import NumericDiff
from gui import theme
from gui.diff.tensors_table import TensorsTable
from gui.panels.text import Text

_INVITATION = (
    "Runs both models in ONNX Runtime on the same inputs and compares every tensor inside, so "
    "that you see where they part."
)


class NumbersView(QWidget):
    """Decides nothing: the window runs what it asks for."""

    images_wanted = Signal()
    file_wanted = Signal(object)
    """Path of a .npy or .npz file."""
    random_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.table = TensorsTable()
        self._words = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self._outputs = Text(size=theme.SMALL, bold=True, overflow="wrap")
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GAP, 0, 0)
        column.addWidget(self._stack)
        self._build_start()
        self._build_progress()
        self._build_result()

    def _build_start(self) -> None:
        page, column = self._page()
        column.addWidget(Text(_INVITATION, tone="dim", overflow="wrap"))
        self.images = QPushButton("Compare on the images")
        self.images.setProperty("look", "primary")
        self.file = QPushButton("On inputs from a file…")
        self.random = QPushButton("On random inputs")
        self.images.clicked.connect(self.images_wanted)
        self.file.clicked.connect(self._choose_file)
        self.random.clicked.connect(self.random_wanted)
        self.file.setToolTip("A .npy for the only input, or a .npz with one array per input name")
        for button in (self.images, self.file, self.random):
            button.setAutoDefault(False)
            column.addWidget(button)
        column.addStretch(1)
        self._start = page

    def _build_progress(self) -> None:
        page, column = self._page()
        self._progress = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.cancel_wanted)
        column.addWidget(self._progress)
        column.addWidget(self._bar)
        column.addWidget(cancel)
        column.addStretch(1)
        self._running = page

    def _build_result(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        head = QVBoxLayout()
        head.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        head.addWidget(self._outputs)
        head.addWidget(self._words)
        again = QHBoxLayout()
        self.again = QPushButton("Compare on other inputs…")
        self.again.setProperty("look", "link")
        self.again.clicked.connect(lambda: self._stack.setCurrentWidget(self._start))
        again.addWidget(self.again)
        again.addStretch(1)
        head.addLayout(again)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        self._result = page
        self._stack.addWidget(page)

    def _page(self) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
        column.setSpacing(theme.GAP)
        self._stack.addWidget(page)
        return page, column

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Inputs", "", "NumPy (*.npy *.npz)")
        if path:
            self.file_wanted.emit(Path(path))

    def show_start(self, *, has_images: bool) -> None:
        self.images.setEnabled(has_images)
        self.images.setToolTip("" if has_images else "Add images to the project first.")
        self._stack.setCurrentWidget(self._start)

    def show_progress(self, words: str, fraction: float) -> None:
        self._progress.setText(words)
        self._bar.setValue(round(1000 * fraction))
        self._stack.setCurrentWidget(self._running)

    def show_numbers(self, numeric: NumericDiff) -> None:
        self.table.show_rows(numeric.tensors)
        told = [f"{each.a}: {100 * each.relative:.3g} % apart" for each in numeric.outputs]
        self._outputs.setText(f"Output {', '.join(told)}" if told else "")
        parts = [f"On {numeric.inputs}.", f"{numeric.engine}."]
        if numeric.made_up:
            parts.append("Random inputs say little about real ones.")
        if numeric.left_out:
            parts.append(f"{len(numeric.left_out)} left out: {numeric.left_out[0]}")
        self._words.setText(" ".join(parts))
        self._stack.setCurrentWidget(self._result)
