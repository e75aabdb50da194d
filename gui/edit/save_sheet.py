"""Saves the model, with its edits, under another name and in a format that can be written."""

import os
from pathlib import Path

from pydantic import BaseModel
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget
from typing_extensions import override

from core.edit.saved import SavedModel
from core.jobs.events import Failed
from core.jobs.kinds.save import SaveRequest
from core.parameters import Value, defaults
from core.writers import writers
from core.writers.base import Writer
from gui.dialogs.sheet import Sheet
from gui.jobs import RunningJob, job_launch
from gui.panels.inputs import Tickbox
from gui.panels.options_form import OptionsForm
from gui.panels.segments import Segment, Segments
from gui.panels.text import Facts, Heading, Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of
from gui.wording import size_words

_MOST_SHOWN = 8


class SaveSheet(Sheet):
    """Format, place and what was changed."""

    saved = Signal(object)
    """Path of the model that shall be opened now."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Save model as",
            "It is checked before it is saved, and never written over the file it came from.",
            parent,
            600,
        )
        self._session = session
        self._job: RunningJob | None = None
        self._values: dict[str, Value] = {}
        self._build_changes()
        self._build_format()
        self._build_target()
        self.trouble = TroubleCard()
        self.trouble.dismissed.connect(self._forget_trouble)
        self.body.addWidget(self.trouble)
        self._build_outcome()
        self.cancel = self.add_cancel()
        self.start = self.add_button("Save", primary=True)
        self.start.clicked.connect(self._save)
        self._show_format(next(iter(writers())).name)

    def _build_changes(self) -> None:
        sentences = self._session.edits.sentences
        self.body.addWidget(Heading("Edits"))
        shown = [f"{number}. {words}" for number, words in enumerate(sentences, 1)][:_MOST_SHOWN]
        if (more := len(sentences) - _MOST_SHOWN) > 0:
            shown.append(f"… and {more} more")
        text = "\n".join(shown) or "None: the model is saved as it is."
        self.body.addWidget(Text(text, overflow="wrap"))

    def _build_format(self) -> None:
        self.body.addWidget(Heading("Format"))
        self.format = Segments("Format")
        self.format.set_segments([Segment(each.name, each.label, each.about) for each in writers()])
        self.format.picked.connect(self._show_format)
        self.body.addWidget(self.format)
        self._about = Text(tone="dim", overflow="wrap")
        self.body.addWidget(self._about)
        self.options = OptionsForm()
        self.options.changed.connect(lambda name, value: self._values.update({name: value}))
        self.body.addWidget(self.options)

    def _build_target(self) -> None:
        self.body.addWidget(Heading("File"))
        row = QHBoxLayout()
        self.target = QLineEdit(str(_suggestion(self._session)))
        self.target.setAccessibleName("File")
        self.target.textChanged.connect(lambda text: self.start.setEnabled(bool(text.strip())))
        row.addWidget(self.target, 1)
        browse = QPushButton("Choose…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        row.addWidget(browse)
        self.body.addLayout(row)
        self.overwrite = Tickbox("Replace the file if it is there")
        self.body.addWidget(self.overwrite)
        self.reopen = Tickbox("Open it afterwards, to compress and measure it")
        self.reopen.setChecked(bool(self._session.edits.made))
        self.body.addWidget(self.reopen)

    def _build_outcome(self) -> None:
        self._written = Heading("Saved")
        self.files = Facts(240)
        for widget in (self._written, self.files):
            widget.hide()
            self.body.addWidget(widget)

    def _writer(self) -> Writer:
        return writers()[self.format.pressed() or ""]

    def _show_format(self, name: str) -> None:
        writer = writers()[name]
        self.format.press(name)
        self._about.setText(writer.about)
        self._values = defaults(writer.parameters)
        self.options.set_parameters(writer.parameters)
        self.options.set_values(self._values)
        self.options.setVisible(bool(writer.parameters))
        path = Path(self.target.text().strip())
        if path.suffix in {each.suffix for each in writers()}:
            self.target.setText(str(path.with_suffix(writer.suffix)))
        self.fit()

    def _browse(self) -> None:
        writer = self._writer()
        path, _ = QFileDialog.getSaveFileName(
            self,
            "Save model as",
            self.target.text(),
            f"{writer.label} (*{writer.suffix})",
        )
        if path:
            self.target.setText(path)
            self.overwrite.setChecked(True)  # the system's dialog has asked

    def _save(self) -> None:
        original = self._session.edits.original
        assert original is not None
        source = self._session.keeper.model_source
        request = SaveRequest(
            model=original.path,
            edits=self._session.edits.data,
            out=Path(self.target.text().strip()).expanduser().absolute(),
            writer=self._writer().name,
            options=self._values,
            overwrite=self.overwrite.isChecked(),
            originals=(source,) if source is not None else (),
        )
        launch = job_launch("save", request, scratch_folder("save"))
        job = self._session.jobs.add("save", "Saving the model", launch, _saved_of)
        job.finished.connect(self._take)
        job.failed.connect(self._fail)
        job.cancelled.connect(self._let_save)
        self._job = job
        self._forget_trouble()
        self._show_busy(True)
        job.start()

    def _take(self, saved: SavedModel) -> None:
        self._show_busy(False)
        if self.reopen.isChecked():
            self.accept()
            self.saved.emit(saved.path)
            return
        self.files.clear()
        for name, size in saved.files.items():
            self.files.add(name, size_words(size))
        for note in saved.notes:
            self.files.add("Note", note)
        for widget in (self._written, self.files):
            widget.show()
        self.cancel.setText("Close")
        self.fit()

    def _let_save(self) -> None:
        self._show_busy(False)

    def _fail(self, failed: Failed) -> None:
        self._show_busy(False)
        self.trouble.show_trouble(trouble_of(failed))
        self.fit()

    def _forget_trouble(self) -> None:
        self.trouble.show_trouble(None)
        self.fit()

    def _show_busy(self, busy: bool) -> None:
        self.start.setEnabled(not busy)
        self.start.setText("Saving…" if busy else "Save")

    @override
    def reject(self) -> None:
        """Cancel means: stop saving too; nothing is left behind."""
        if self._job is not None:
            self._job.cancel()
        super().reject()


def _suggestion(session: Session) -> Path:
    """Beside the original; in the user's own folder for the copy inside of a project."""
    original = session.edits.original
    assert original is not None
    path = original.path
    is_copy = path == session.keeper.model_path
    source = (session.keeper.model_source if is_copy else None) or path
    folder = Path.home() if is_copy or not os.access(path.parent, os.W_OK) else path.parent
    return folder / f"{source.stem}-edited.onnx"


def _saved_of(outcome: BaseModel, folder: Path) -> SavedModel:
    assert isinstance(outcome, SavedModel)
    return outcome
