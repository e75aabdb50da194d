"""Edgewright made a mistake: what to do, and the details to report."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit

from gui.dialogs.sheet import Sheet


class DefectDialog(Sheet):
    def __init__(self, details: str) -> None:
        super().__init__(
            "Edgewright made a mistake",
            "Your project is safe: it is saved after every change. You can go on; if something "
            "looks wrong, close the window and open the project again.",
            None,
            640,
            grows=True,
        )
        text = QPlainTextEdit(details)
        text.setReadOnly(True)
        text.setProperty("mono", "true")
        text.setAccessibleName("Details")
        text.setMinimumHeight(220)
        self.body.addWidget(text)
        copy = self.add_button("Copy the details")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        self.add_button("Go on", primary=True).clicked.connect(self.accept)
