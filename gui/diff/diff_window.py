"""The window of differences: two graphs, what differs in them, and how far their tensors part."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.diff.report import NumericDiff, StructureDiff, TensorDifference
from core.jobs.events import Failed
from core.jobs.kinds.diff import DiffRequest
from core.model.graph import LayerId
from core.model.summary import full_name
from gui import theme
from gui.diff.changes_view import ChangesView
from gui.diff.diff_head import DiffHead
from gui.diff.linked_graphs import LinkedGraphs
from gui.diff.numbers_view import NumbersView
from gui.diff.opened import OpenDiff, Row, open_diff, open_numbers
from gui.diff.subjects import Subject, start_of, subjects_of
from gui.jobs import Prepare, RunningJob, job_launch
from gui.panels.job_status import progress_words
from gui.panels.segments import Segment, Segments
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of

_LAYERS, _TENSORS = "layers", "tensors"
_INVITATION = (
    "Choose two models above: A as it was before, B as it is after.\n"
    "Two files can also be dropped onto the main window together."
)
_SIZE = (1440, 880)
_PANEL = 430


class DiffWindow(QDialog):
    """Any two of the open model, its candidates, and files. Stays open beside the main window."""

    log_wanted = Signal()

    def __init__(
        self, session: Session, parent: QWidget, files: tuple[Path, Path] | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Differences")
        self.resize(*_SIZE)
        self._session = session
        self._shown: OpenDiff | None = None
        self._numbers: NumericDiff | None = None
        self._job: RunningJob | None = None
        self._subjects = subjects_of(session)
        start = start_of(session, self._subjects)
        if files is not None:
            first = len(self._subjects)
            self._subjects += [Subject(path.name, path) for path in files]
            start = (first, first + 1)
        self._build(start)
        self._connect()
        if len(self._subjects) > 1:
            self.compare()

    # building

    def _build(self, start: tuple[int, int]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = DiffHead(self._subjects, start)
        column.addWidget(self.head)
        self.trouble = TroubleCard()
        card = QVBoxLayout()
        card.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        card.addWidget(self.trouble)
        column.addLayout(card)
        self.graphs = LinkedGraphs()
        self.changes = ChangesView()
        self.numbers = NumbersView()
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setChildrenCollapsible(False)
        body.addWidget(self.graphs)
        body.addWidget(self._build_panel())
        body.setStretchFactor(0, 1)
        body.setSizes([_SIZE[0] - _PANEL, _PANEL])
        column.addWidget(body, 1)

    def _build_panel(self) -> QWidget:
        panel = QWidget()
        panel.setProperty("surface", "panel")
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, theme.GAP, 0, 0)
        self.tabs = Segments("What to list")
        self.tabs.set_segments(
            [
                Segment(_LAYERS, "Layers", "What the two files say"),
                Segment(_TENSORS, "Tensors", "How far the numbers inside part on the same inputs"),
            ]
        )
        self.tabs.press(_LAYERS)
        row = QHBoxLayout()
        row.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        row.addWidget(self.tabs)
        column.addLayout(row)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.changes)
        self._pages.addWidget(self.numbers)
        column.addWidget(self._pages, 1)
        return panel

    def _connect(self) -> None:
        self.head.compare_wanted.connect(self.compare)
        self.head.merged_wanted.connect(self.graphs.show_merged)
        self.tabs.picked.connect(lambda value: self._pages.setCurrentIndex(value == _TENSORS))
        self.trouble.log_wanted.connect(self.log_wanted)
        self.trouble.dismissed.connect(lambda: self.trouble.show_trouble(None))
        self.graphs.picked.connect(self._pick_layer)
        self.changes.picked.connect(self._pick_row)
        self.numbers.table.picked.connect(self._pick_tensor)
        self.numbers.images_wanted.connect(lambda: self._run_on(data=self._session.images_path))
        self.numbers.file_wanted.connect(lambda path: self._run_on(inputs=path))
        self.numbers.random_wanted.connect(lambda: self._run_on(random=True))
        self.numbers.cancel_wanted.connect(self._stop)
        self.finished.connect(self._stop)
        self._show_ready()

    def _show_ready(self) -> None:
        self.numbers.show_start(has_images=self._session.images_path is not None)
        self.numbers.setEnabled(self._shown is not None)
        if len(self._subjects) < 2:
            self.graphs.show_hint(_INVITATION)

    # comparing

    def compare(self) -> None:
        """Read both models and list what differs."""
        chosen = self.head.chosen()
        if chosen is None:
            return
        a, b = chosen
        request = DiffRequest(a=a.model, b=b.model, graphs=True)
        job = self._start(request, open_diff)
        self.graphs.show_hint("Reading both models…")
        job.finished.connect(lambda shown: self._show(shown, (a.label, b.label)))
        job.start()

    def _run_on(
        self, data: Path | None = None, inputs: Path | None = None, *, random: bool = False
    ) -> None:
        chosen = self.head.chosen()
        if chosen is None:
            return
        images = self._session.images
        contract = images.examination.contract if images else self._session.contract
        request = DiffRequest(
            a=chosen[0].model,
            b=chosen[1].model,
            data=data,
            contract=contract if data is not None else None,
            inputs=inputs,
            random=random,
        )
        job = self._start(request, open_numbers)
        self.numbers.show_progress("Starting…", 0.0)
        job.told.connect(self._show_progress)
        job.finished.connect(self._show_numbers)
        job.start()

    def _start(self, request: DiffRequest, prepare: Prepare) -> RunningJob:
        self._stop()
        self.trouble.show_trouble(None)
        launch = job_launch("diff", request, scratch_folder("diff"))
        job = self._session.jobs.add("diff", "Comparing the insides of two models", launch, prepare)
        job.failed.connect(self._fail)
        job.cancelled.connect(self._show_ready)
        job.ended.connect(lambda: self._end(job))
        self._job = job
        self.head.start.setEnabled(False)
        return job

    def _show_progress(self) -> None:
        if self._job is not None:
            progress = self._job.progress
            fraction = progress.fraction if progress else 0.0
            self.numbers.show_progress(progress_words(self._job), fraction)

    def _fail(self, failed: Failed) -> None:
        self.graphs.show_hint(_INVITATION)
        self.trouble.show_trouble(trouble_of(failed))
        self._show_ready()

    def _end(self, job: RunningJob) -> None:
        if job is self._job:
            self._job = None
            self.head.start.setEnabled(True)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    # showing

    def _show(self, shown: OpenDiff, names: tuple[str, str]) -> None:
        self._shown, self._numbers = shown, None
        self.setWindowTitle(f"Differences – {names[0]} and {names[1]}")
        self.head.summary.setText(summary_words(shown))
        self.graphs.show_diff(shown, names)
        self.changes.show_rows(shown.rows, shown.report.structure)
        self._show_ready()

    def _show_numbers(self, numbers: NumericDiff) -> None:
        self._numbers = numbers
        self.numbers.show_numbers(numbers)

    # selecting

    def _pick_row(self, row: Row) -> None:
        self.graphs.select(row.a, row.b)
        self._show_details(row)

    def _pick_tensor(self, tensor: TensorDifference) -> None:
        self._select_pair("a", tensor.layer)

    def _pick_layer(self, side: str, layer: str) -> None:
        self._select_pair(side, layer)
        if self._numbers is not None and side == "a":
            self.numbers.table.select_layer(layer)

    def _select_pair(self, side: str, layer: str) -> None:
        """Select a layer of one side in both, in the list and in the details."""
        if self._shown is None:
            return
        other = self._partner(side, LayerId(layer))
        a, b = (LayerId(layer), other) if side == "a" else (other, LayerId(layer))
        self.graphs.select(a, b)
        row = self.changes.table.select_layer(side, layer)
        if row is not None:
            self._show_details(row)
            return
        graph = self._shown.a if side == "a" else self._shown.b
        found = graph.layers[graph.index_of[LayerId(layer)]]
        self.changes.details.show_alike(full_name(found), found.operator)

    def _show_details(self, row: Row) -> None:
        self.changes.details.show_row(row, self._numbers)

    def _partner(self, side: str, layer: LayerId) -> LayerId | None:
        """The same layer in the other model."""
        assert self._shown is not None
        one, other = self._shown.a, self._shown.b
        here, there = (0, 1) if side == "a" else (1, 0)
        if side == "b":
            one, other = other, one
        found = self._shown.pairs[self._shown.pairs[:, here] == one.index_of[layer]]
        return other.layers[int(found[0, there])].id if len(found) else None


def summary_words(shown: OpenDiff) -> str:
    """The counts, and what differs beside the layers."""
    diff = shown.report.structure
    if diff.same:
        return "The models are alike."
    parts = [
        f"+ {len(diff.added)} added",
        f"− {len(diff.removed)} removed",
        f"~ {len(diff.changed)} changed, {len(diff.precision_changes)} of them compute in another "
        "precision",
        f"{diff.alike} alike",
    ]
    return " · ".join([*parts, *_beside(diff)])


def _beside(diff: StructureDiff) -> list[str]:
    told = [f"{each.what}: {each.before} → {each.after}" for each in diff.interface]
    if diff.metadata:
        told.append(f"{len(diff.metadata)} differences in the file’s own facts")
    return told + list(diff.notes)
