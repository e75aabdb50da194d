"""What to optimize for, and how much accuracy may be lost on the way."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.search.report import Goal
from gui.dialogs.sheet import Sheet
from gui.panels.inputs import NumberField
from gui.panels.segments import Segment, Segments
from gui.panels.text import Heading, Text
from gui.session import Session

_MOST_THREADS = 256
_AIMS = (
    Segment("latency", "Fastest", "The shortest time for one inference"),
    Segment("size", "Smallest file", "The fewest bytes to ship; the faster one wins a tie"),
)
_EFFORTS = (
    Segment("thorough", "Thorough", "Many blocks: narrow intervals"),
    Segment("quick", "Quick", "A fraction of the time, with wider intervals; to try things out"),
)


class GoalDialog(Sheet):
    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Goal", "Optimize keeps the best candidate within this limit.", parent, 440
        )
        self._session = session
        self.body.addWidget(Heading("Optimize for"))
        self.aim = Segments("Optimize for")
        self.aim.set_segments(_AIMS)
        self.aim.press(session.goal.aim)
        self.body.addWidget(self.aim)
        self.body.addWidget(Heading("Limit"))
        self.drop = NumberField(0, 100, "points", decimals=1)
        self.drop.setSingleStep(0.5)
        self.drop.setValue(session.goal.max_drop)
        self._add_row("Accuracy may drop by at most", self.drop)
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
        self.add_cancel()
        self.accept_button = self.add_button("Use this goal", primary=True)
        self.accept_button.clicked.connect(self.accept)
        self.accepted.connect(self._keep)

    def _add_row(self, label: str, editor: QWidget) -> None:
        row = QHBoxLayout()
        row.addWidget(Text(label))
        row.addStretch(1)
        editor.setAccessibleName(label)
        editor.setMinimumWidth(150)
        row.addWidget(editor)
        self.body.addLayout(row)

    def _keep(self) -> None:
        aim = "size" if self.aim.pressed() == "size" else "latency"
        goal = Goal(aim=aim, max_drop=self.drop.value())
        effort = "quick" if self.effort.pressed() == "quick" else "thorough"
        self._session.set_goal(goal, round(self.threads.value()), effort)
