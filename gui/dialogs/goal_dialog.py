"""What to optimize for, and what may not be exceeded on the way."""

from typing import cast

from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.search.report import Aim, Goal
from gui.dialogs.sheet import Sheet
from gui.map.asking import find_best_plan
from gui.panels.inputs import NumberField, Picker
from gui.panels.segments import Segment, Segments
from gui.panels.text import Heading, Text
from gui.session import Session

_MOST_THREADS = 256
_MOST_MINUTES = 24 * 60
_SEARCH = "Then it goes on with the best mix that it has found; large models gain from more"
_AIMS = (
    Segment("latency", "Fastest", "The shortest time for one inference"),
    Segment("size", "Smallest file", "The fewest bytes to ship; the faster one wins a tie"),
    Segment("memory", "Least memory", "The smallest process that runs the model"),
)
_EFFORTS = (
    Segment(
        "thorough",
        "Thorough",
        "Measures every layer and solves for the best mix; many blocks, narrow intervals",
    ),
    Segment(
        "quick",
        "Quick",
        "Races the simple choices in a fraction of the time, with wider intervals",
    ),
)
_BEST = "Use this goal, and put the best plan that the map predicts within it in the editor"
_UNMAPPED = "Map the layers first"
_NO_LIMIT = "no limit"
_METRIC_WIDTH = 250
_ACCURACY = "What the limit is about, in points; everything else that fits is shown beside it"
_MOST_MS = 100_000
_MOST_MB = 1_000_000
_MEGABYTE = 1_000_000


class GoalDialog(Sheet):
    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Goal", "Optimize keeps the best candidate within these limits.", parent, 440
        )
        self._session = session
        self.body.addWidget(Heading("Optimize for"))
        self.aim = Segments("Optimize for")
        self.aim.set_segments(_AIMS)
        self.aim.press(session.goal.aim)
        self.body.addWidget(self.aim)
        self.body.addWidget(Heading("Limits"))
        self.drop = NumberField(0, 100, "points", decimals=1)
        self.drop.setSingleStep(0.5)
        self.drop.setValue(session.goal.max_drop)
        self._add_row("Accuracy may drop by at most", self.drop)
        self._add_accuracy()
        goal = session.goal
        self.max_latency = self._add_limit(
            "One inference may take at most", _MOST_MS, "ms", decimals=2
        )
        self.max_latency.setValue(goal.max_latency_ms or 0)
        self.max_size = self._add_limit("The file may have at most", _MOST_MB, "MB")
        self.max_size.setValue((goal.max_bytes or 0) / _MEGABYTE)
        self.max_memory = self._add_limit("A process may need at most", _MOST_MB, "MB")
        self.max_memory.setValue((goal.max_memory_bytes or 0) / _MEGABYTE)
        self.body.addWidget(Heading("Threads"))
        self.threads = NumberField(0, session.device.threads if session.device else _MOST_THREADS)
        self.threads.setSpecialValueText("as the runtime likes")
        self.threads.setValue(session.threads)
        self._add_row("Processor threads for one inference", self.threads)
        self.body.addWidget(Heading("Effort"))
        self.effort = Segments("Effort")
        self.effort.set_segments(_EFFORTS)
        self.effort.press(session.effort)
        self.body.addWidget(self.effort)
        self.search = NumberField(1, _MOST_MINUTES, "min")
        self.search.setValue(session.search_minutes)
        self.search.setToolTip(_SEARCH)
        self._add_row("The search for the best mix may take", self.search)
        self._offer_search()
        self.effort.picked.connect(self._offer_search)
        self.add_cancel()
        self.best = self.add_button("Find best plan")
        self.best.setEnabled(session.mapping.can_solve)
        self.best.setToolTip(_BEST if session.mapping.reading else _UNMAPPED)
        self.best.clicked.connect(self._find_best)
        self.accept_button = self.add_button("Use this goal", primary=True)
        self.accept_button.clicked.connect(self.accept)
        self.accepted.connect(self._keep)

    def _add_accuracy(self) -> None:
        self.accuracy = Picker()
        self.accuracy.setToolTip(_ACCURACY)
        self._add_row("Accuracy is", self.accuracy)
        self.accuracy.setMinimumWidth(_METRIC_WIDTH)
        self._session.images_changed.connect(self._offer_accuracy)
        self._offer_accuracy()

    def _offer_accuracy(self) -> None:
        """All that the images allow, what fits best first."""
        choice = self._session.accuracy
        self.accuracy.clear()
        for metric in choice.offered:
            self.accuracy.addItem(metric.label, metric.name)
        if not choice.offered:
            self.accuracy.addItem(self._unknown_accuracy())
        self.accuracy.setEnabled(bool(choice.offered))
        self.accuracy.setCurrentIndex(max(0, self.accuracy.findData(choice.in_force)))

    def _unknown_accuracy(self) -> str:
        if self._session.images_path is None:
            return "not checked without images"
        failed = self._session.troubles.at("images") is not None
        return "not checked: see the images" if failed else "being looked at…"

    def _add_limit(self, label: str, most: float, unit: str, decimals: int = 1) -> NumberField:
        """A field that is no limit at 0."""
        field = NumberField(0, most, unit, decimals=decimals)
        field.setSpecialValueText(_NO_LIMIT)
        self._add_row(label, field)
        return field

    def _add_row(self, label: str, editor: QWidget) -> None:
        row = QHBoxLayout()
        row.addWidget(Text(label))
        row.addStretch(1)
        editor.setAccessibleName(label)
        editor.setMinimumWidth(150)
        row.addWidget(editor)
        self.body.addLayout(row)

    def _offer_search(self) -> None:
        """Only a thorough effort searches."""
        self.search.setEnabled(self.effort.pressed() == "thorough")

    def _find_best(self) -> None:
        """Within these limits, from the map: predicted, and put in the editor."""
        self.accept()
        find_best_plan(self._session)

    def _keep(self) -> None:
        goal = Goal(
            aim=cast("Aim", self.aim.pressed()),
            max_drop=self.drop.value(),
            max_latency_ms=self.max_latency.value() or None,
            max_bytes=round(self.max_size.value() * _MEGABYTE) or None,
            max_memory_bytes=round(self.max_memory.value() * _MEGABYTE) or None,
        )
        effort = "quick" if self.effort.pressed() == "quick" else "thorough"
        self._session.set_goal(goal, round(self.threads.value()), effort, self.search.value())
        if self.accuracy.isEnabled():
            first = self.accuracy.currentIndex() == 0
            self._session.accuracy.choose("" if first else self.accuracy.currentData())
