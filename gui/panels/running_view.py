"""While an optimization runs: its steps, the one it is at, and the figures as they come in."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui import theme
from gui.optimization import Optimization
from gui.panels.steps_bar import Mark
from gui.panels.text import Facts, Text, Tone
from gui.wording import milliseconds_words, share_of_one, size_words

_MOST_FIGURES = 8


class RunningView(QWidget):
    """Obeys the optimization."""

    def __init__(self, optimization: Optimization) -> None:
        super().__init__()
        self._optimization = optimization
        self._steps = QVBoxLayout()
        self._steps.setSpacing(6)
        self._marks: list[tuple[Mark, Text]] = []
        self._shown: tuple[str, ...] = ()
        self._figures = Facts(260)
        self._count = Text(size=theme.SMALL, tone="dim")
        self._build()
        optimization.changed.connect(self._show)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(40)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(theme.GAP)
        left.addWidget(Text("What is being done", bold=True))
        left.addLayout(self._steps)
        left.addStretch(1)
        first = QHBoxLayout()
        first.addWidget(Text("Figures so far", bold=True))
        first.addWidget(self._count)
        first.addStretch(1)
        right.addLayout(first)
        right.addWidget(self._figures)
        right.addStretch(1)
        row.addLayout(left)
        row.addLayout(right, 1)

    def _show(self) -> None:
        if self._optimization.steps != self._shown:
            self._rebuild(self._optimization.steps)
        for index, (mark, text) in enumerate(self._marks):
            done = index < self._optimization.step
            mark.show_state(settled=done, trouble=False)
            tone: Tone = "dim" if index != self._optimization.step else "ink"
            text.set_tone(tone)
        figures = self._optimization.figures
        self._count.setText(f"{len(figures)}, kept even if you stop now" if figures else "")
        self._figures.clear()
        for figure in figures[-_MOST_FIGURES:]:
            self._figures.add(figure.title or figure.what, figure_words(figure.result))

    def _rebuild(self, steps: tuple[str, ...]) -> None:
        self._shown = steps
        self._marks = []
        while (item := self._steps.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for step in steps:
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(theme.GAP)
            mark, text = Mark(), Text(step, size=theme.SMALL)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(text)
            row.addStretch(1)
            self._steps.addWidget(line)
            self._marks.append((mark, text))


def figure_words(result: Mapping[str, Any]) -> str:
    """What an acknowledged result says in a few characters, whatever its kind."""
    match result:
        case {"milliseconds": float(value)}:
            return milliseconds_words(value)
        case {"latency_ms": {"value": float(value)}}:
            return milliseconds_words(value)
        case {"scores": [{"label": label, "value": float(value)}, *_]}:
            return f"{share_of_one(value)} {label}"
        case {"bytes": int(count)}:
            return size_words(count)
        case _:
            return "done"
