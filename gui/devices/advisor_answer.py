"""The advisor’s whole answer on one page, from real time to what is ruled out."""

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from core.search.advisor.advice import (
    Action,
    Advice,
    Chance,
    EdgeOrCloud,
    RealTime,
    RuledOut,
    Sentence,
)
from gui import theme
from gui.devices.advisor_cards import (
    ApplyButton,
    Sentences,
    SuggestionCard,
    chance_chip,
    selectable,
)
from gui.panels.section import Section
from gui.panels.text import Chip, ChipKind, Heading, Text

_ANSWERS: dict[Chance, ChipKind] = {
    "yes, surely": "good",
    "likely": "good",
    "unlikely": "warn",
    "no": "bad",
    "cannot tell": "plain",
}


class AdviceView(QWidget):
    """As high as its wrapped text needs at the width that there is."""

    wanted = Signal(object)
    """The Action of a suggestion."""

    def __init__(self, advice: Advice) -> None:
        super().__init__()
        self.advice = advice
        self.buttons: list[ApplyButton] = []
        self.sentences: list[Sentences] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 8, 8)
        self._column.setSpacing(8)
        for warning in advice.warnings:
            self._column.addWidget(Text(warning, size=theme.SMALL, tone="warn", overflow="wrap"))
        self._column.addWidget(self._real_time(advice.real_time))
        if advice.edge_or_cloud is not None:
            self._column.addWidget(self._edge_or_cloud(advice.edge_or_cloud))
        self.cards = [
            SuggestionCard(number, each) for number, each in enumerate(advice.suggestions, start=1)
        ]
        for card in self.cards:
            self._take(card.apply)
            self.sentences.append(card.sentences)
        self._show_cards("What to do, in this order", "numbers", "structure", "device")
        self._show_cards("How to work with it", "practice")
        if advice.ruled_out:
            self.ruled_out = self._ruled_out(advice.ruled_out)
            self._column.addWidget(self.ruled_out)
        self._column.addStretch(1)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def _show_cards(self, heading: str, *kinds: str) -> None:
        shown = [card for card in self.cards if card.suggestion.kind in kinds]
        if shown:
            self._column.addWidget(Heading(heading))
        for card in shown:
            self._column.addWidget(card)

    def card(self, id: str) -> SuggestionCard:
        return next(card for card in self.cards if card.suggestion.id == id)

    def _real_time(self, found: RealTime) -> QFrame:
        limited = found.limit_ms is not None
        card, column = _card("Can the device keep up?" if limited else "How fast it would be")
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        if limited:
            head.addWidget(Chip(found.chance, _ANSWERS[found.chance]))
        for rate in found.rates:
            words = f"{rate.frames_per_second:g} a second: {rate.chance}"
            head.addWidget(Chip(words, _ANSWERS[rate.chance]))
        head.addWidget(Chip("predicted", "accent"))
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(self._sentences((found.sentence,), "the answer"))
        if found.smaller or found.larger:
            column.addWidget(Text("What would keep up", size=theme.SMALL, bold=True))
        for smaller in found.smaller:
            column.addLayout(self._way(smaller.sentence, smaller.action, smaller.missing))
        for larger in found.larger:
            column.addLayout(self._way(larger.sentence, larger.action, ""))
        return card

    def _way(self, sentence: Sentence, action: Action | None, missing: str) -> QHBoxLayout:
        """A smaller model or a larger device, with its button."""
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        words = f"{sentence.text} {missing}".rstrip()
        row.addWidget(selectable(Text(words, size=theme.SMALL, overflow="wrap")), 1)
        if missing:
            row.addWidget(Chip("not in this version"), 0, Qt.AlignmentFlag.AlignTop)
        button = ApplyButton(sentence.text, action)
        self._take(button)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _edge_or_cloud(self, found: EdgeOrCloud) -> QFrame:
        card, column = _card("Edge or cloud")
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        for way in (found.edge, found.cloud):
            row.addWidget(Text(way.name, size=theme.SMALL, bold=True))
            row.addWidget(chance_chip(way.chance))
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self._sentences(found.sentences, "edge or cloud"))
        return card

    def _ruled_out(self, found: Iterable[RuledOut]) -> Section:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        count = 0
        for one in found:
            words = "not possible" if one.verdict == "block" else "does not pay"
            row = QHBoxLayout()
            row.setSpacing(theme.GAP)
            row.addWidget(Text(one.title, bold=True))
            row.addWidget(Chip(words, "bad" if one.verdict == "block" else "plain"))
            row.addStretch(1)
            column.addLayout(row)
            column.addWidget(self._sentences(one.sentences, one.title))
            count += 1
        section = Section("Not on this device", page, opened=False)
        section.set_note(str(count))
        return section

    def _sentences(self, sentences: Iterable[Sentence], subject: str) -> Sentences:
        made = Sentences(sentences, subject)
        self.sentences.append(made)
        return made

    def _take(self, button: ApplyButton) -> None:
        button.wanted.connect(self.wanted)
        if button.action_ is None:
            button.hide()
        self.buttons.append(button)


def _card(title: str) -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setProperty("notice", "plain")
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 9, 12, 8)
    column.setSpacing(6)
    column.addWidget(Text(title, bold=True))
    return card, column
