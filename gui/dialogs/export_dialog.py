"""Writes one candidate as a folder that is ready to deploy."""

from pathlib import Path

from pydantic import BaseModel
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from core.export.bundle import ExportReport, reads_ir
from core.jobs.events import Failed
from core.jobs.kinds.export import ExportRequest
from core.search.report import Candidate
from gui.dialogs.sheet import Sheet
from gui.jobs import job_launch
from gui.panels.inputs import Picker, Tickbox
from gui.panels.text import Facts, Heading, Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of
from gui.wording import size_words


class ExportDialog(Sheet):
    """Which candidate, in which form, and where to."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Export",
            "A folder with the model, its plan, the results, checksums and infer.py, which runs it "
            "with nothing but its runtime, numpy and Pillow.",
            parent,
            600,
        )
        self._session = session
        self._candidates = _exportable(session)
        self._build_choice()
        self._build_target()
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self._trouble.show_trouble(None))
        self.body.addWidget(self._trouble)
        self._build_outcome()
        self.add_cancel("Close")
        self.start = self.add_button("Export", primary=True)
        self.start.clicked.connect(self._run)
        self.candidate.currentIndexChanged.connect(self._show_candidate)
        self._show_candidate()

    def _build_choice(self) -> None:
        self.body.addWidget(Heading("Candidate"))
        self.candidate = Picker()
        self.candidate.setAccessibleName("Candidate")
        results = self._session.results
        for candidate in self._candidates:
            star = "★ " if candidate.standing == "chosen" else ""
            self.candidate.addItem(star + candidate.label)
        wanted = results.candidate or results.chosen
        if wanted in self._candidates:
            self.candidate.setCurrentIndex(self._candidates.index(wanted))
        self.body.addWidget(self.candidate)
        self._standing = Text(tone="dim", overflow="wrap")
        self.body.addWidget(self._standing)
        self.as_ir = Tickbox("In OpenVINO’s own format (model.xml and model.bin)")
        self.body.addWidget(self.as_ir)

    def _build_target(self) -> None:
        self.body.addWidget(Heading("Folder, new or empty"))
        row = QHBoxLayout()
        self.target = QLineEdit(str(Path.home() / "edgewright-export"))
        self.target.setAccessibleName("Folder")
        self.target.textChanged.connect(self._show_candidate)
        row.addWidget(self.target, 1)
        browse = QPushButton("Choose…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        row.addWidget(browse)
        self.body.addLayout(row)

    def _build_outcome(self) -> None:
        self._written = Heading("Written")
        self._files = Facts(160)
        self.reveal = QPushButton("Open the folder")
        self.reveal.setProperty("look", "link")
        self.reveal.setAutoDefault(False)
        self.reveal.clicked.connect(self._open_folder)
        for widget in (self._written, self._files, self.reveal):
            widget.hide()
            self.body.addWidget(widget)

    def choose_folder(self, folder: Path) -> None:
        self.target.setText(str(folder))

    def _chosen(self) -> Candidate:
        return self._candidates[self.candidate.currentIndex()]

    def _show_candidate(self) -> None:
        if not self._candidates:
            self._standing.setText("This run has no candidate that could be exported.")
            self.start.setEnabled(False)
            return
        candidate = self._chosen()
        self._standing.setText(candidate.reason)
        runtime = candidate.plan.runtime
        self.as_ir.setVisible(runtime is not None and reads_ir(runtime.runtime))
        self.start.setEnabled(bool(self.target.text().strip()))

    def _browse(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, "Export into an empty folder"):
            self.choose_folder(Path(folder))

    def _run(self) -> None:
        shown = self._session.results.shown
        assert shown is not None
        request = ExportRequest(
            run=shown.folder,
            out=Path(self.target.text().strip()).expanduser(),
            candidate=self._chosen().id,
            data=self._session.images_path,
            openvino_ir=self.as_ir.isVisible() and self.as_ir.isChecked(),
        )
        launch = job_launch("export", request, scratch_folder("export"))
        job = self._session.jobs.add("export", "Exporting", launch, _report_of)
        job.finished.connect(self._show_written)
        job.failed.connect(self._fail)
        job.ended.connect(self._show_candidate)
        self._trouble.show_trouble(None)
        self.start.setEnabled(False)
        job.start()

    def _show_written(self, report: ExportReport) -> None:
        self._files.clear()
        for name, count in report.files.items():
            self._files.add(name, size_words(count))
        for widget in (self._written, self._files, self.reveal):
            widget.show()
        self.fit()

    def _fail(self, failed: Failed) -> None:
        self._trouble.show_trouble(trouble_of(failed))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.target.text().strip()))


def _exportable(session: Session) -> list[Candidate]:
    results = session.results
    candidates = results.report.candidates if results.report else ()
    return [each for each in candidates if results.model_of(each) and each.standing != "failed"]


def _report_of(outcome: BaseModel, folder: Path) -> ExportReport:
    assert isinstance(outcome, ExportReport)
    return outcome
