"""Writes one candidate as a folder that is ready to deploy."""

from pathlib import Path

from pydantic import BaseModel
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from core.jobs.events import Failed
from core.jobs.kinds.export import ExportReport, ExportRequest
from gui import theme
from gui.dialogs.sheet import Sheet
from gui.jobs import job_launch
from gui.panels.inputs import Picker
from gui.panels.text import Facts, Heading, Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of
from gui.wording import size_words


class ExportDialog(Sheet):
    """Which candidate, and where to."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Export",
            "A folder with the model, its plan, the results, checksums and infer.py, which runs it "
            "with nothing but its runtime, numpy and Pillow.",
            parent,
            600,
        )
        self._session = session
        results = session.results
        candidates = results.report.candidates if results.report else ()
        self._candidates = [c for c in candidates if results.model_of(c) and c.benchmark]
        self._build_choice()
        self._build_target()
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self._trouble.show_trouble(None))
        self.body.addWidget(self._trouble)
        self._build_outcome()
        self.add_cancel("Close")
        self.start = self.add_button("Export", primary=True)
        self.start.clicked.connect(self._run)
        self._show_ready()
