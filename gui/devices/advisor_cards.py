"""What the advisor suggests: cards with sentences, their evidence on demand, and a button."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.search.advisor.advice import Action, Chance, Outlook, Sentence, Suggestion
from core.search.advisor.rules import Verdict
from gui import theme
from gui.panels.text import Chip, ChipKind, Text
from gui.wording import milliseconds_words

_VERDICTS: Mapping[Verdict, tuple[str, ChipKind]] = {
    "require": ("necessary", "warn"),
    "first": ("try first", "good"),
    "second": ("then this", "accent"),
    "allow": ("possible", "plain"),
    "last": ("as the last", "plain"),
    "avoid": ("does not pay", "plain"),
    "block": ("not possible", "bad"),
    "warn": ("take care", "warn"),
    "inform": ("good to know", "plain"),
}
_CHANCES: Mapping[Chance, tuple[str, ChipKind]] = {
    "yes, surely": ("keeps the limit, surely", "good"),
    "likely": ("likely keeps the limit", "good"),
    "unlikely": ("unlikely to keep the limit", "warn"),
    "no": ("misses the limit", "bad"),
    "cannot tell": ("", "plain"),
}
_CONFIDENCE: Mapping[str, str] = {
    "high": "well founded",
    "medium": "fairly sure",
    "low": "not sure",
    "predicted": "predicted",
}
_ORIGINS: Mapping[str, str] = {"forecast": "Forecast", "sizes": "Computed", "network": "Computed"}


def chance_chip(chance: Chance) -> Chip:
    return Chip(*_CHANCES[chance])


class SentenceRow(QWidget):
    """A sentence; below it, on demand, the rule and where it is known from."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__()
        self.sentence = sentence
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(selectable(Text(sentence.text, size=theme.SMALL, overflow="wrap")))
        self.evidence = selectable(
            Text(evidence_words(sentence), size=theme.TINY, tone="dim", overflow="wrap")
        )
        self.evidence.setContentsMargins(14, 0, 0, 2)
        self.evidence.hide()
        column.addWidget(self.evidence)


def evidence_words(sentence: Sentence) -> str:
    """“Rule N11, well founded: Ten pairs of YOLO models … Source: …”."""
    known = _CONFIDENCE[sentence.confidence]
    origin = _ORIGINS.get(sentence.rule, f"Rule {sentence.rule}, {known}")
    source = f" Source: {sentence.source}." if sentence.source else ""
    return f"{origin}: {sentence.evidence}{source}"


class Sentences(QWidget):
    """Several sentences and the button that shows the evidence of all."""

    resized = Signal()

    def __init__(self, sentences: Iterable[Sentence], subject: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        self.rows = [SentenceRow(sentence) for sentence in sentences]
        for row in self.rows:
            column.addWidget(row)
        self.why = QPushButton("Show the evidence")
        self.why.setProperty("look", "link")
        self.why.setAutoDefault(False)
        self.why.setCheckable(True)
        self.why.setAccessibleName(f"Evidence for {subject}")
        self.why.toggled.connect(self._show)
        line = QHBoxLayout()
        line.setContentsMargins(-5, 0, 0, 0)  # its words stand below those of the sentences
        line.addWidget(self.why)
        line.addStretch(1)
        column.addLayout(line)
        if not self.rows:
            self.why.hide()

    def _show(self, shown: bool) -> None:
        self.why.setText("Hide the evidence" if shown else "Show the evidence")
        for row in self.rows:
            row.evidence.setVisible(shown)
        self.resized.emit()


class SuggestionCard(QFrame):
    """One suggestion."""

    wanted = Signal(object)
    """Its Action."""

    def __init__(self, number: int, suggestion: Suggestion) -> None:
        super().__init__()
        self.suggestion = suggestion
        self.setProperty("notice", "plain")
        self.setAccessibleName(f"{number}. {suggestion.title}")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 9, 12, 8)
        column.setSpacing(6)
        column.addLayout(self._head(number))
        words = " ".join(filter(None, (suggestion.about, suggestion.missing)))
        self.remark = Text(words, size=theme.SMALL, tone="dim", overflow="wrap")
        column.addWidget(self.remark)
        if not words:
            self.remark.hide()
        self.sentences = Sentences(suggestion.sentences, suggestion.title)
        column.addWidget(self.sentences)

    def _head(self, number: int) -> QHBoxLayout:
        suggestion = self.suggestion
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(Text(f"{number}", tone="dim", bold=True))
        row.addWidget(Text(suggestion.title, bold=True))
        row.addWidget(Chip(*_VERDICTS[suggestion.verdict]))
        if words := _CHANCES[suggestion.outlook.chance][0]:
            row.addWidget(Chip(words, _CHANCES[suggestion.outlook.chance][1]))
        if suggestion.missing:
            row.addWidget(Chip("not yet", "warn"))
        row.addStretch(1)
        if figure := figure_words(suggestion.outlook):
            row.addWidget(Text(figure, bold=True))
            row.addWidget(Chip("predicted", "accent"))
        self.apply = ApplyButton(suggestion.title, suggestion.action)
        self.apply.wanted.connect(self.wanted)
        row.addWidget(self.apply)
        return row


class ApplyButton(QPushButton):
    """Does what a suggestion says; not there where nothing can be done at once."""

    wanted = Signal(object)

    def __init__(self, title: str, action: Action | None) -> None:
        super().__init__()
        self.action_ = action
        self._title = title
        self.setAutoDefault(False)
        self.clicked.connect(lambda: self.wanted.emit(self.action_))
        self.show_applied(applied=False)

    def show_applied(self, *, applied: bool) -> None:
        words = _WORDS[self.action_.kind] if self.action_ is not None else ("", "")
        self.setText(words[1] if applied else words[0])
        self.setAccessibleName(f"{self.text()}: {self._title}")
        self.setEnabled(not applied)


_WORDS: Mapping[str, tuple[str, str]] = {
    "plan": ("Apply", "Applied"),
    "target": ("Choose", "Chosen"),
    "edit": ("Apply", "Applied"),
    "sizes": ("Set sizes…", "Set sizes…"),
}


def figure_words(outlook: Outlook) -> str:
    """“12.3 ms”; the file where nothing is known of the time."""
    return "" if outlook.latency_ms is None else milliseconds_words(outlook.latency_ms.value)


def selectable(text: Text) -> Text:
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return text
