"""The dialog of an edit: the form that it declares, and what stands in its way."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from core.edit.kinds.base import Offer
from core.jobs.events import Failed
from core.parameters import Value, defaults
from gui.dialogs.sheet import Sheet
from gui.edit.model_edits import ModelEdits
from gui.panels.options_form import OptionsForm
from gui.panels.trouble_card import TroubleCard
from gui.trouble import Trouble, trouble_of

_MAKE, _BUSY = "Make this edit", "Making it…"


class EditSheet(Sheet):
    """Stays open until the edit was made; a refusal is told in it."""

    def __init__(self, offer: Offer, edits: ModelEdits, subject: str, parent: QWidget) -> None:
        """`subject` says what is edited: a layer's name, or the model's."""
        title = offer.label.removesuffix("…")
        super().__init__(title, f"{subject}. {offer.about}", parent, 520)
        self._offer = offer
        self._edits = edits
        self._values: dict[str, Value] = defaults(offer.parameters)
        self.form = OptionsForm()
        self.form.set_parameters(offer.parameters)
        self.form.set_values(self._values)
        self.form.changed.connect(self._values.__setitem__)
        self.body.addWidget(self.form)
        self.trouble = TroubleCard()
        self.trouble.dismissed.connect(lambda: self._tell(None))
        self.body.addWidget(self.trouble)
        self.add_cancel()
        self.make = self.add_button(_MAKE, primary=True)
        self.make.clicked.connect(self._make)
        first = self.form.findChild(QLineEdit)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
            first.selectAll()

    def _make(self) -> None:
        try:
            edit = self._offer.make(self._values)
        except ValueError as error:
            self._tell(Trouble("This cannot be made.", _first_line(error), "Correct the field."))
            return
        self._tell(None)
        self._show_busy(True)
        self._edits.make(edit, self.accept, self.refuse)

    def refuse(self, failed: Failed) -> None:
        """Say why the edit was not made."""
        self._show_busy(False)
        self._tell(trouble_of(failed))

    @override
    def reject(self) -> None:
        if not self.make.isEnabled():
            self._edits.give_up()
        super().reject()

    def _show_busy(self, busy: bool) -> None:
        self.make.setEnabled(not busy)
        self.make.setText(_BUSY if busy else _MAKE)

    def _tell(self, trouble: Trouble | None) -> None:
        self.trouble.show_trouble(trouble)
        self.fit()


def _first_line(error: ValueError) -> str:
    """A sentence; pydantic's own errors have several lines."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
