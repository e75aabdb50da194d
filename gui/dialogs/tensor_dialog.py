"""A stored tensor: where it lies, statistics over its numbers, and pictures of them."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.jobs.events import Failed
from core.jobs.kinds.tensor import TensorReport, TensorRequest, read_pictures
from core.model.graph import Layer, Weight
from core.model.tensor_facts import MOST_DISTINCT, TensorFacts, TensorPictures, output_axis
from gui import theme
from gui.dialogs.sheet import Sheet
from gui.dialogs.tensor_pictures import ChannelsPage, FiltersPage, HistogramPage, values_view
from gui.jobs import RunningJob, job_launch
from gui.opened import OpenModel
from gui.panels.job_status import progress_words
from gui.panels.segments import Segment, Segments
from gui.panels.text import Facts, Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of
from gui.wording import figure_words, shape_words, share_words, size_words

_SIZE = (860, 560)
_FACTS_WIDTH = 250
_PAGES = {
    "histogram": "Histogram",
    "channels": "Channels",
    "filters": "Picture",
    "values": "Values",
}


@dataclass(frozen=True)
class _Found:
    report: TensorReport
    pictures: TensorPictures


def _found(outcome: BaseModel, folder: Path) -> _Found:
    """Reads the pictures; off the window's thread."""
    assert isinstance(outcome, TensorReport)
    return _Found(outcome, read_pictures(folder / outcome.arrays))


class TensorDialog(Sheet):
    """Reads the tensor in a worker as soon as it is shown."""

    def __init__(
        self,
        session: Session,
        model: OpenModel,
        weight: Weight,
        layer: Layer | None,
        parent: QWidget | None,
    ) -> None:
        """`layer` is one that takes the weight: it says along which axis its channels lie."""
        words = f"{shape_words(weight.shape)} {weight.dtype} · {size_words(weight.bytes)}"
        super().__init__(weight.name, f"{words} in {model.path.name}", parent, _SIZE[0], grows=True)
        self.setMinimumHeight(_SIZE[1])
        self._job: RunningJob | None = None
        self._build()
        self.add_cancel("Close")
        self.finished.connect(self._stop)
        self._read(session, model, weight, layer)

    def _build(self) -> None:
        self._words = Text(size=theme.SMALL, tone="dim")
        self.trouble = TroubleCard()
        self.trouble.dismissed.connect(self.reject)
        self.facts = Facts(name_width=92)
        self.facts.setFixedWidth(_FACTS_WIDTH)
        self.pages = QStackedWidget()
        self.switch = Segments("View")
        self.switch.picked.connect(self._turn)
        right = QVBoxLayout()
        right.addWidget(self.switch)
        right.addWidget(self.pages, 1)
        left = QVBoxLayout()
        left.addWidget(self.facts)
        left.addStretch(1)
        self._found = QWidget()
        row = QHBoxLayout(self._found)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(theme.PADDING)
        row.addLayout(left)
        row.addLayout(right, 1)
        for widget in (self._words, self.trouble):
            self.body.addWidget(widget)
        self.body.addWidget(self._found, 1)
        self._found.hide()

    def _read(
        self, session: Session, model: OpenModel, weight: Weight, layer: Layer | None
    ) -> None:
        rank = len(weight.shape)
        axis = output_axis(layer.operator, layer.attributes, rank) if layer else 0
        request = TensorRequest(model=model.path, weight=weight.name, axis=axis)
        launch = job_launch("tensor", request, scratch_folder("tensor"))
        job = session.jobs.add("tensor", "Reading the tensor", launch, _found)
        job.told.connect(lambda _: self._words.setText(progress_words(job)))
        job.finished.connect(self._show)
        job.failed.connect(self._fail)
        job.cancelled.connect(self.reject)
        job.ended.connect(self._end)
        self._job = job
        self._words.setText("Reading…")
        job.start()

    def _show(self, found: _Found) -> None:
        _fill(self.facts, found.report)
        pictures = found.pictures
        pages = {
            "histogram": HistogramPage(pictures),
            "channels": ChannelsPage(pictures, found.report.facts.axis),
            "filters": FiltersPage(pictures.tiles),
            "values": values_view(pictures.table),
        }
        self.switch.set_segments([Segment(name, _PAGES[name]) for name in pages])
        for page in pages.values():
            self.pages.addWidget(page)
        self._turn("histogram")
        self._found.show()

    def _turn(self, name: str) -> None:
        self.switch.press(name)
        self.pages.setCurrentIndex(list(_PAGES).index(name))

    def _fail(self, failed: Failed) -> None:
        self.trouble.show_trouble(trouble_of(failed))

    def _end(self) -> None:
        self._job = None
        self._words.hide()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()


def _fill(rows: Facts, report: TensorReport) -> None:
    facts = report.facts
    rows.clear()
    for name, value in (
        ("Smallest", facts.minimum),
        ("Largest", facts.maximum),
        ("Mean", facts.mean),
        ("Deviation", facts.deviation),
    ):
        rows.add(name, "none" if value is None else figure_words(value))
    rows.add("Values", f"{facts.elements:,}")
    if facts.looked_at < facts.elements:
        rows.add("", f"Of them {facts.looked_at:,} were looked at, evenly spread.")
    rows.add("Zeros", _counted(facts.zeros, facts))
    rows.add("Different", _distinct(facts))
    for name, count in (("Not numbers", facts.nans), ("Infinite", facts.infinities)):
        if count:
            rows.add(name, _counted(count, facts), "fault", "bad")
    if report.real is not None:
        _fill_real(rows, report)


def _fill_real(rows: Facts, report: TensorReport) -> None:
    real = report.real
    assert real is not None
    if real.scales == 1:
        rows.add("Scale", figure_words(real.smallest_scale))
    else:
        per = f"{real.scales} along axis {real.axis}"
        ends = f"{figure_words(real.smallest_scale)} to {figure_words(real.largest_scale)}"
        rows.add("Scales", f"{per}: {ends}")
    if real.block:
        rows.add("Blocks", f"of {real.block} values")
    if real.minimum is not None and real.maximum is not None:
        rows.add("Stands for", f"{figure_words(real.minimum)} to {figure_words(real.maximum)}")


def _counted(count: int, facts: TensorFacts) -> str:
    share = share_words(count, facts.looked_at)
    return f"{count:,} ({share})" if count and share else f"{count:,}"


def _distinct(facts: TensorFacts) -> str:
    return f"more than {MOST_DISTINCT:,}" if facts.distinct is None else f"{facts.distinct:,}"
