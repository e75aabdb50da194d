"""The results strip: the plot, the table of candidates, and why the chosen one was chosen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.search.report import Candidate, OptimizationReport
from gui import theme
from gui.jobs import Errand
from gui.later import later
from gui.map.marks import marks_of
from gui.map.prediction_strip import PredictionStrip
from gui.panels.candidate_table import CandidateTable
from gui.panels.candidate_words import facts_of, method_words
from gui.panels.running_view import RunningView
from gui.panels.scrolled import scrolled_column
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.session import Session
from gui.wording import counted

if TYPE_CHECKING:
    from gui.panels.tradeoff_plot import TradeoffPlot

_INVITATION = (
    "Nothing is measured yet. Optimize tries every simple choice on every runtime, measures it "
    "beside the original and keeps the best within your limit."
)


class ResultsPanel(QStackedWidget):
    """Shows the report that the session holds; before the first there is an invitation."""

    images_that_changed_wanted = Signal()
    differences_wanted = Signal()
    """Between the original’s layers and those of the candidate that is looked at."""
    profile_wanted = Signal()
    """Where the time of the candidate that is looked at goes."""
    doctors_wanted = Signal()
    """The candidate that is looked at answers badly, and somebody asks why."""
    log_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._results = session.results
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(150)
        self.plot: TradeoffPlot | None = None
        self._loading: Errand | None = None
        self._build_empty()
        self._build_report()
        self._running = RunningView(session.optimization)
        self.addWidget(self._running)
        session.results.changed.connect(later(self, self._show_report))
        session.results.candidate_selected.connect(later(self, self._show_candidate))
        session.optimization.changed.connect(self._show_state)
        session.troubles.changed.connect(self._show_state)
        session.edits.changed.connect(self._show_stale)
        marks = later(self, self._show_marks)
        session.mapping.predicted.connect(marks)
        session.mapping.front_changed.connect(marks)
        self._show_stale()

    def _build_empty(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 12, 24, 12)
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self.session.troubles.clear("optimize"))
        self._trouble.action_wanted.connect(self.session.optimize)
        self._trouble.log_wanted.connect(self.log_wanted)
        self._invitation = Text(_INVITATION, tone="dim", overflow="wrap")
        self._invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        column.addWidget(self._trouble)
        column.addWidget(self._invitation)
        column.addStretch(1)
        self._empty = page
        self.addWidget(page)

    def _build_report(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.stale = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        self.stale.setContentsMargins(14, 6, 14, 0)
        column.addWidget(self.stale)
        self.prediction = PredictionStrip(self.session)
        self.prediction.measure_wanted.connect(self.session.measure_plan)
        column.addWidget(self.prediction)
        row = QHBoxLayout()
        row.setSpacing(0)
        column.addLayout(row, 1)
        self._plot_side = Section("Latency against accuracy")
        self.table = CandidateTable()
        self.table.candidate_picked.connect(self._results.select)
        table_side = QVBoxLayout()
        table_side.setContentsMargins(14, 6, 14, 8)
        table_side.addWidget(self.table)
        row.addWidget(self._plot_side, 26)
        row.addWidget(_rule())
        row.addLayout(table_side, 56)
        row.addWidget(_rule())
        row.addWidget(self._build_why(), 20)
        self._report = page
        self.addWidget(page)

    def _build_why(self) -> QWidget:
        self._why_side = Section("Why this one")
        self._reason = Text(size=theme.SMALL, overflow="wrap")
        self._more = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.use_plan = QPushButton("Edit this candidate’s choices")
        self.changed_images = QPushButton("Show the images that changed ›")
        self.differences = QPushButton("Show the layers that changed ›")
        self.profile = QPushButton("Show where the time goes ›")
        self.profile.clicked.connect(self.profile_wanted)
        self.doctors = QPushButton("Ask the doctors ›")
        self.doctors.clicked.connect(self.doctors_wanted)
        self.use_plan.clicked.connect(self.session.use_candidate_plan)
        self.changed_images.clicked.connect(self.images_that_changed_wanted)
        self.differences.clicked.connect(self.differences_wanted)
        links = (self.use_plan, self.changed_images, self.differences, self.profile, self.doctors)
        for button in links:
            button.setProperty("look", "link")
        scroll = scrolled_column(self._reason, self._more, *links, spacing=8)
        self._why_side.body.addWidget(scroll, 1)
        return self._why_side

    def _show_report(self) -> None:
        report = self._results.report
        self.table.show_report(report)
        self._show_state()
        if report is not None:
            self._load_plot()
            self._show_plot()
            self._show_candidate()

    def _show_state(self) -> None:
        """The report, unless something runs or went wrong or there is none."""
        trouble = self.session.troubles.at("optimize")
        running = self.session.optimization.is_running
        self._trouble.show_trouble(trouble)
        self._invitation.setVisible(trouble is None)
        if running:
            self._load_plot()
            self.setCurrentWidget(self._running)
        elif trouble is None and self._results.report is not None:
            self.setCurrentWidget(self._report)
        else:
            self.setCurrentWidget(self._empty)

    def _show_stale(self) -> None:
        """Figures are of a file: say so while the model that is drawn is another."""
        count = len(self.session.edits.made)
        self.stale.setText(f"Measured on the file, without your {counted(count, 'unsaved edit')}.")
        self.stale.setVisible(count > 0)

    def _load_plot(self) -> None:
        """Import pyqtgraph on another thread: it costs a third of a second."""
        if self.plot is None and self._loading is None:
            self._loading = Errand(_plot_class)
            self._loading.done.connect(self._place_plot)
            self._loading.start()

    def _place_plot(self, plot_class: "type[TradeoffPlot]") -> None:
        self.plot = plot_class()
        self.plot.candidate_picked.connect(self._results.select)
        self.plot.solution_picked.connect(self.session.mapping.use)
        self._plot_side.body.addWidget(self.plot, 1)
        self._show_plot()

    def _show_plot(self) -> None:
        report = self._results.report
        if report is None or self.plot is None:
            return
        x = "File" if report.goal.aim == "size" else "Latency"
        y = "accuracy" if report.accuracy_checked else "file"
        self._plot_side.title.setText(f"{x} against {y}")
        self._plot_side.remark.setText(f"{report.device.name}, batch 1")
        candidate = self._results.candidate
        self.plot.show_report(report, candidate.id if candidate else None)
        self._show_marks()

    def _show_marks(self) -> None:
        """What the map predicts moves at once with the plan."""
        report = self._results.report
        if report is not None and self.plot is not None:
            self.plot.show_marks(marks_of(self.session.mapping, report, report.goal.aim))

    def _show_candidate(self) -> None:
        report = self._results.report
        candidate = self._results.candidate
        if report is None:
            return
        self.table.select(candidate.id if candidate else None)
        if self.plot is not None:
            self.plot.select(candidate.id if candidate else None)
        answer = self._results.chosen or self._results.original
        chosen = candidate is None or candidate is answer
        title = "Why this one" if report.chosen else "Why the original stays"
        self._why_side.title.setText(title if chosen else "How this one fared")
        if candidate is None or chosen:
            self._reason.setText(" ".join(report.why[:2]))
            self._more.setText("\n\n".join([*report.why[2:], method_words(report)]))
        else:
            self._reason.setText(candidate.reason)
            self._more.setText("\n\n".join(facts_of(candidate)))
        self.use_plan.setVisible(candidate is not None and bool(candidate.plan.steps))
        self.changed_images.setVisible(_can_compare(candidate, report))
        self.differences.setVisible(_was_made(candidate))
        self.doctors.setVisible(_was_made(candidate))


def _plot_class() -> "type[TradeoffPlot]":
    from gui.panels.tradeoff_plot import TradeoffPlot

    return TradeoffPlot


def _can_compare(candidate: Candidate | None, report: OptimizationReport) -> bool:
    """Whether there are images to compare on, and a model other than the original's."""
    return report.accuracy_checked and _was_made(candidate)


def _was_made(candidate: Candidate | None) -> bool:
    """Whether it has a model other than the original's."""
    return candidate is not None and candidate.model is not None and bool(candidate.plan.steps)


class Section(QWidget):
    """A part of the strip: its title, a remark at the right, and what it shows."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = Text(title, bold=True)
        self.remark = Text(size=theme.SMALL, tone="dim")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 8, 14, 8)
        self.body.setSpacing(6)
        first = QHBoxLayout()
        first.addWidget(self.title)
        first.addStretch(1)
        first.addWidget(self.remark)
        self.body.addLayout(first)


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("rule", "true")
    line.setFixedWidth(1)
    return line
