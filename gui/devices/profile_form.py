"""A copy of a profile, or one's own, to edit: every field is checked while one types."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from core.devices.profile import Confidence, DeviceProfile
from core.devices.profile_editing import EDITABLE, NAME, NOTE, EditableFact, edited, typed
from core.devices.profile_files import save_copy, save_own
from core.devices.profile_words import CONFIDENCE_WORDS
from core.jobs.events import Failed
from gui import theme
from gui.dialogs.sheet import Sheet
from gui.jobs import Errand
from gui.panels.inputs import Picker
from gui.panels.text import Text, plain_tip

_WIDTH, _FIELD = 760, 110
_COLUMNS = 2
_HONEST: Confidence = "assumed"
"""Until the person says better."""
_SENTENCE = "Empty means not known. Peaks follow units and clocks unless you change them yourself."


class ProfileForm(Sheet):
    saved = Signal(object)
    """The DeviceProfile, once its file is written."""

    def __init__(self, profile: DeviceProfile, parent: QWidget, *, copies: bool) -> None:
        title = f"Copy of {profile.name}" if copies else f"Edit {profile.name}"
        super().__init__(title, _SENTENCE, parent, _WIDTH)
        self._profile, self._copies = profile, copies
        self.fields: dict[str, QLineEdit] = {}
        self._problems: dict[str, Text] = {}
        self._build_words()
        self._build_numbers()
        self._build_confidence()
        self._trouble = Text(tone="bad", overflow="wrap")
        self._trouble.hide()
        self.body.addWidget(self._trouble)
        self.add_cancel()
        self.save = self.add_button("Save", primary=True)
        self.save.clicked.connect(self._save)
        if copies:
            self.fields[NAME].setText(f"{profile.name}, mine")
        self._check()

    def _build_words(self) -> None:
        grid = QGridLayout()
        before = typed(self._profile)
        for row, (name, label) in enumerate(((NAME, "Name"), (NOTE, "Note"))):
            grid.addWidget(Text(label, size=theme.SMALL, tone="dim"), 2 * row, 0)
            grid.addWidget(self._field(name, label, before[name]), 2 * row, 1)
            grid.addWidget(self._problem(name), 2 * row + 1, 1)
        self.body.addLayout(grid)

    def _build_numbers(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP)
        before = typed(self._profile)
        for place, fact in enumerate(EDITABLE):
            row, column = divmod(place, _COLUMNS)
            self._add_number(grid, 2 * row, 3 * column, fact, before[fact.field])
        for column in range(_COLUMNS):
            grid.setColumnStretch(3 * column, 1)
        self.body.addLayout(grid)

    def _add_number(
        self, grid: QGridLayout, row: int, column: int, fact: EditableFact, text: str
    ) -> None:
        label = Text(fact.label, size=theme.SMALL, tone="dim")
        label.setContentsMargins(theme.PADDING if column else 0, 0, 0, 0)
        grid.addWidget(label, row, column)
        field = self._field(fact.field, f"{fact.label} in {fact.bounds.unit}", text)
        field.setFixedWidth(_FIELD)
        bounds = fact.bounds
        known = CONFIDENCE_WORDS[self._profile.confidence_of(fact.base)]
        field.setToolTip(
            plain_tip(
                f"{fact.help}\n{bounds.lowest:g} to {bounds.highest:g} {bounds.unit}\n"
                + (f"So far: {known}" if text else "So far: not known")
            )
        )
        grid.addWidget(field, row, column + 1)
        grid.addWidget(Text(fact.bounds.unit, size=theme.SMALL, tone="dim"), row, column + 2)
        problem = self._problem(fact.field)
        problem.setContentsMargins(label.contentsMargins())
        grid.addWidget(problem, row + 1, column, 1, 3)

    def _build_confidence(self) -> None:
        grid = QGridLayout()
        grid.addWidget(Text("What you changed is", size=theme.SMALL, tone="dim"), 0, 0)
        self.confidence = Picker()
        self.confidence.setAccessibleName("How what you changed is known")
        for confidence, words in CONFIDENCE_WORDS.items():
            self.confidence.addItem(words, confidence)
        self.confidence.setCurrentIndex(self.confidence.findData(_HONEST))
        grid.addWidget(self.confidence, 0, 1)
        grid.setColumnStretch(2, 1)
        self.body.addLayout(grid)

    def _field(self, name: str, label: str, text: str) -> QLineEdit:
        field = QLineEdit(text)
        field.setAccessibleName(label)
        field.textChanged.connect(self._check)
        self.fields[name] = field
        return field

    def _problem(self, name: str) -> Text:
        problem = Text(size=theme.TINY, tone="bad", overflow="wrap")
        problem.hide()
        self._problems[name] = problem
        return problem

    def problem(self, name: str) -> str:
        """What is wrong with a field; empty when nothing is."""
        return self._problems[name].text()

    def _check(self) -> None:
        """Say at every field what is wrong with it."""
        result = edited(self._profile, self._texts())
        for name, label in self._problems.items():
            text = result.problems.get(name, "")
            label.setText(f"It {text}" if text else "")
            label.setVisible(bool(text))
        elsewhere = {
            name: text for name, text in result.problems.items() if name not in self.fields
        }
        self._trouble.setText("\n".join(f"{name} {text}" for name, text in elsewhere.items()))
        self._trouble.setVisible(bool(elsewhere))
        self.save.setEnabled(result.profile is not None)
        self.fit()

    def _texts(self) -> dict[str, str]:
        return {name: field.text() for name, field in self.fields.items()}

    def _save(self) -> None:
        confidence: Confidence = self.confidence.currentData()
        made = edited(self._profile, self._texts(), confidence).profile
        if made is not None:
            self.save.setEnabled(False)
            copies = self._copies
            errand = Errand(lambda: _saved(made, copies=copies))
            errand.done.connect(self._tell_saved)
            errand.failed.connect(self._tell_failure)
            errand.start()

    def _tell_saved(self, profile: DeviceProfile) -> None:
        self.saved.emit(profile)
        self.accept()

    def _tell_failure(self, failed: Failed) -> None:
        self._trouble.setText(f"{failed.what} {failed.why} {failed.remedy}")
        self._trouble.show()
        self.save.setEnabled(True)


def _saved(profile: DeviceProfile, *, copies: bool) -> DeviceProfile:
    if copies:
        return save_copy(profile, profile.name)
    save_own(profile)
    return profile
