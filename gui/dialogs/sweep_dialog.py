"""Batch × streams of a model: how many inputs a second, and how long each then takes."""

from pydantic import BaseModel
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from core.benchmark.sweep import Sweep
from core.jobs.events import Event, Failed, Progress
from core.jobs.kinds.sweep import SweepRequest
from core.plan.plan import RuntimeChoice
from gui import theme
from gui.dialogs.sheet import Sheet
from gui.dialogs.sweep_table import SweepTable, sentence
from gui.jobs import RunningJob, job_launch
from gui.measurable import measurable, usable_runtimes
from gui.panels.inputs import NumberField, Picker
from gui.panels.job_status import progress_words
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of

_LARGEST = 1024
_LONGEST_MS = 60_000.0


class SweepDialog(Sheet):
    """What to combine above, the heat table below."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Batch and streams",
            "Several inputs at once, or several inferences at the same time, give more answers a "
            "second and make each one slower. All combinations are measured in turns.",
            parent,
            640,
        )
        self._session = session
        self._models = measurable(session)
        self._runtimes = usable_runtimes(self._session)
        self._job: RunningJob | None = None
        self._sweep: Sweep | None = None
        self._build_fields()
        self._build_progress()
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self._trouble.show_trouble(None))
        self.body.addWidget(self._trouble)
        self._build_result()
        self.stop = self.add_cancel("Close")
        self.start = self.add_button("Measure", primary=True)
        self.start.clicked.connect(self._run)
        self._check()
        self.finished.connect(self._stop)

    def _build_fields(self) -> None:
        self.model, self.runtime = Picker(), Picker()
        self.model.addItems([each.label for each in self._models])
        self.runtime.addItems([each.label for each in self._runtimes])
        self.model.currentIndexChanged.connect(self._take_its_runtime)
        self.batches, self.streams = QLineEdit("1, 2, 4, 8"), QLineEdit(self._usual_streams())
        self.limit = NumberField(0, _LONGEST_MS, "ms", 1)
        self.limit.setSpecialValueText("none")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(theme.GAP)
        for place, (name, field) in enumerate(
            (
                ("Model", self.model),
                ("Runtime", self.runtime),
                ("Batches", self.batches),
                ("Streams", self.streams),
                ("Latency at most", self.limit),
            )
        ):
            field.setAccessibleName(name)
            row, column = divmod(place, 2)
            self._grid.addWidget(Text(name, tone="dim"), row, 2 * column)
            self._grid.addWidget(field, row, 2 * column + 1)
        self._grid.setColumnStretch(1, 3)
        self._grid.setColumnStretch(3, 2)
        self.body.addLayout(self._grid)
        self._fault = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        self.body.addWidget(self._fault)
        for field in (self.batches, self.streams):
            field.textChanged.connect(self._check)
        self._take_its_runtime()

    def _usual_streams(self) -> str:
        """Powers of two up to the processors of the device."""
        device = self._session.device
        most = device.threads if device else 2
        counts = [1 << power for power in range(4) if 1 << power <= max(most, 2)]
        return ", ".join(str(count) for count in counts)

    def _take_its_runtime(self) -> None:
        """A candidate is made for one runtime."""
        choice = self._choice_of_model()
        names = [each.name for each in self._runtimes]
        if choice is not None and choice.runtime in names:
            self.runtime.setCurrentIndex(names.index(choice.runtime))

    def _choice_of_model(self) -> RuntimeChoice | None:
        return self._models[self.model.currentIndex()].choice if self._models else None

    def _build_progress(self) -> None:
        self._progress = QWidget()
        column = QVBoxLayout(self._progress)
        column.setContentsMargins(0, 4, 0, 4)
        self._words = Text(size=theme.SMALL, tone="dim")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        column.addWidget(self._words)
        column.addWidget(self._bar)
        self._progress.hide()
        self.body.addWidget(self._progress)

    def _build_result(self) -> None:
        self._result = QWidget()
        column = QVBoxLayout(self._result)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(theme.GAP)
        self.verdict = Text(bold=True, overflow="wrap")
        self.table = SweepTable()
        self.table.currentItemChanged.connect(self._show_cell)
        self.cell = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.warnings = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        for widget in (self.verdict, self.table, self.cell, self.warnings):
            column.addWidget(widget)
        self._result.hide()
        self.body.addWidget(self._result)

    def _check(self) -> None:
        """What is typed must be numbers."""
        faults = [
            f"{field.accessibleName()}: give whole numbers from 1 to {_LARGEST}, such as 1, 2, 4."
            for field in (self.batches, self.streams)
            if not numbers_in(field.text())
        ]
        if not self._models:
            faults.append("Open a model first.")
        self._fault.setText("\n".join(faults))
        self._fault.setVisible(bool(faults))
        self.start.setEnabled(not faults and self._job is None)

    def _run(self) -> None:
        model = self._models[self.model.currentIndex()]
        runtime = self._runtimes[self.runtime.currentIndex()].name
        own = model.choice if model.choice and model.choice.runtime == runtime else None
        request = SweepRequest(
            model=model.model,
            choice=own or RuntimeChoice(runtime=runtime),
            batches=numbers_in(self.batches.text()),
            streams=numbers_in(self.streams.text()),
            latency_limit_ms=self.limit.value() or None,
            label=model.label,
        )
        launch = job_launch("sweep", request, scratch_folder("sweep"))
        job = self._session.jobs.add("sweep", "Sweeping batch and streams", launch, _sweep_of)
        job.told.connect(self._hear)
        job.finished.connect(self._show)
        job.failed.connect(self._fail)
        job.ended.connect(self._end)
        self._job = job
        self._trouble.show_trouble(None)
        self._result.hide()
        self._words.setText("Starting…")
        self._bar.setValue(0)
        self._progress.show()
        self.stop.setText("Cancel")
        self._check()
        self.fit()
        job.start()

    def _hear(self, event: Event) -> None:
        if self._job is not None:
            self._words.setText(progress_words(self._job))
        if isinstance(event, Progress):
            self._bar.setValue(round(1000 * event.fraction))

    def _show(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self.verdict.setText(sweep.words)
        self.table.show_sweep(sweep)
        self.warnings.setText("\n".join(sweep.warnings))
        self.warnings.setVisible(bool(sweep.warnings))
        self._show_cell()
        self._result.show()
        self.table.setFocus()

    def _show_cell(self) -> None:
        cell = self.table.current
        if cell is not None and self._sweep is not None:
            self.cell.setText(sentence(cell, self._sweep))

    def _fail(self, failed: Failed) -> None:
        self._trouble.show_trouble(trouble_of(failed))

    def _end(self) -> None:
        self._job = None
        self._progress.hide()
        self.stop.setText("Close")
        self.start.setText("Measure again")
        self._check()
        self.fit()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()


def numbers_in(text: str) -> tuple[int, ...]:
    """“1, 2, 4” as numbers; empty when something in it is no number from 1 to 1024."""
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if not all(part.isascii() and part.isdecimal() for part in parts):
        return ()
    numbers = tuple(int(part) for part in parts)
    return numbers if all(1 <= number <= _LARGEST for number in numbers) else ()


def _sweep_of(outcome: BaseModel, folder: object) -> Sweep:
    assert isinstance(outcome, Sweep)
    return outcome
