"""Saves the drawing of the graph as SVG or PNG."""

import threading
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QProgressBar
from typing_extensions import override

from core.errors import JobCancelled
from core.jobs.events import Failed
from gui.dialogs.sheet import Sheet
from gui.graph.canvas import GraphCanvas
from gui.graph.labels import Labels
from gui.graph.picture import Picture, obstacle, picture_of, save_picture, whole_area
from gui.jobs import Errand
from gui.panels.segments import Segment, Segments
from gui.panels.text import Heading, Text
from gui.panels.trouble_card import TroubleCard
from gui.trouble import trouble_of

WHOLE, SEEN = "whole", "seen"
SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)


class PictureDialog(Sheet):
    """What, in which format and how large; then where to."""

    saved = Signal(object)
    """The Path that was written."""
    _advanced = Signal(float)

    def __init__(self, canvas: GraphCanvas, title: str) -> None:
        super().__init__(
            "Save picture",
            "The graph as it is now: the groups that are open, in the colours that are chosen.",
            canvas,
            500,
        )
        view, arrangement = canvas.surface.view(), canvas.stage.arrangement
        assert view is not None
        assert arrangement is not None
        self._view = view
        self._labels = Labels(arrangement.graph, arrangement.tree)
        self._title = title
        self._stop = threading.Event()
        self._target = Path()
        self.what = self._choice(
            "What", [Segment(WHOLE, "The whole graph"), Segment(SEEN, "What is seen")]
        )
        self.format = self._choice(
            "Format", [Segment(".svg", "SVG, sharp at any size"), Segment(".png", "PNG")]
        )
        self.scale = self._choice(
            "Size", [Segment(str(scale), f"{100 * scale:.0f} %") for scale in SCALES]
        )
        self.scale.press("2.0")
        self._size = Text(tone="dim", overflow="wrap")
        self.body.addWidget(self._size)
        self._build_progress()
        self.cancel = self.add_cancel()
        self.save = self.add_button("Save…", primary=True)
        self.save.clicked.connect(self._ask)
        self._advanced.connect(lambda share: self._bar.setValue(int(100 * share)))
        self._show_size()

    def _choice(self, title: str, segments: list[Segment]) -> Segments:
        self.body.addWidget(Heading(title))
        choice = Segments(title)
        choice.set_segments(segments)
        choice.press(segments[0].value)
        choice.picked.connect(self._show_size)
        self.body.addWidget(choice)
        return choice

    def _build_progress(self) -> None:
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self._trouble.show_trouble(None))
        self.body.addWidget(self._trouble)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the picture")
        self._bar.hide()
        self.body.addWidget(self._bar)

    def picture(self) -> Picture:
        """What would be saved now."""
        area = self._view.area if self.what.pressed() == SEEN else whole_area(self._view)
        scale = 1.0 if self.format.pressed() == ".svg" else float(self.scale.pressed() or 1)
        return picture_of(self._view, area, scale)

    def _show_size(self) -> None:
        suffix = self.format.pressed() or ".svg"
        self.scale.setEnabled(suffix == ".png")
        picture = self.picture()
        why = obstacle(picture, suffix)
        size = f"{picture.size.width():,} × {picture.size.height():,} pixels"
        boxes = f"{picture.boxes:,} box{'' if picture.boxes == 1 else 'es'}"
        self._size.setText(why or (f"{size}, {boxes}" if suffix == ".png" else boxes))
        self._size.set_tone("warn" if why else "dim")
        self.save.setEnabled(not why)
        self.fit()

    def _ask(self) -> None:
        suffix = self.format.pressed() or ".svg"
        path, _ = QFileDialog.getSaveFileName(
            self, "Save picture", f"{self._title}{suffix}", f"{suffix[1:].upper()} (*{suffix})"
        )
        if path:
            target = Path(path)
            self.write(target if target.suffix.lower() == suffix else Path(f"{path}{suffix}"))

    def write(self, path: Path) -> None:
        """Write the picture beside the window's thread."""
        picture = self.picture()
        self.save.setEnabled(False)
        self._bar.show()
        self.fit()
        errand = Errand(lambda: save_picture(picture, self._labels, path, self._tell))
        self._target = path
        errand.done.connect(self._finish)
        errand.failed.connect(self._fail)
        errand.start()

    def _tell(self, share: float) -> None:
        """Runs on the errand's thread."""
        if self._stop.is_set():
            raise JobCancelled
        self._advanced.emit(share)

    def _finish(self) -> None:
        self.saved.emit(self._target)
        self.accept()

    @override
    def done(self, result: int) -> None:
        """Closing stops what is being written; nothing of it stays."""
        self._stop.set()
        super().done(result)

    def _fail(self, failed: Failed) -> None:
        self._bar.hide()
        self._trouble.show_trouble(trouble_of(failed))
        self._show_size()
