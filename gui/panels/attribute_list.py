"""A layer's attributes: what the model gives in ink, the operator's defaults dimmed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from core.model.layer_facts import AttributeFact
from gui import theme
from gui.panels.links import Link
from gui.panels.text import Text, plain_tip

_NAME_WIDTH = 112
_MOST = 8


class AttributeList(QWidget):
    """Names and values; a long list is shown whole when a person asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._facts: Sequence[AttributeFact] = ()

    def show_attributes(self, facts: Sequence[AttributeFact], most: int = _MOST) -> None:
        self._facts = facts
        self._clear()
        for row, fact in enumerate(facts[:most]):
            self._add(row, fact)
        if len(facts) > most:
            more = Link(f"Show all {len(facts):,}")
            more.clicked.connect(lambda: self.show_attributes(self._facts, len(self._facts)))
            self._grid.addWidget(more, most, 0, 1, 2)

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, row: int, fact: AttributeFact) -> None:
        tone = "dim" if fact.given else "faint"
        name = Text(fact.name, size=theme.SMALL, tone=tone, overflow="wrap")
        name.setToolTip(plain_tip(fact.text))
        value = Text(
            fact.value if fact.given else f"{fact.value} (default)",
            size=theme.SMALL,
            tone="ink" if fact.given else "faint",
            overflow="wrap",
        )
        value.setAccessibleName(f"{fact.name}: {value.text()}")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(name, row, 0, top)
        self._grid.addWidget(value, row, 1, top)
