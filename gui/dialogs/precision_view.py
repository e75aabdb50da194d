"""What a profile found: bars per precision, conversions, the table of groups, why not faster."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.benchmark.precision_picture import PrecisionPicture
from core.jobs.kinds.profile import ProfileReport
from core.model.graph import ModelGraph
from gui import theme
from gui.dialogs.profile_table import ProfileTable
from gui.panels.scrolled import scrolled
from gui.panels.share_bars import BarRow, ShareBars
from gui.panels.text import Chip, Heading, Text
from gui.wording import counted, milliseconds_words, share_words

_SIDE = 330
_UNKNOWN = "not told"


class PrecisionView(QWidget):
    """Figures on the left, the table of all that ran on the right."""

    layer_picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(10)
        self.headline = Text(size=theme.TITLE, bold=True, overflow="wrap")
        column.addWidget(self.headline)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(self._build_side())
        self.table = ProfileTable()
        self.table.layer_picked.connect(self.layer_picked)
        row.addWidget(self.table, 1)
        column.addLayout(row, 1)

    def _build_side(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        self.time = ShareBars("Time per precision", 92, 92)
        self.operations = ShareBars("Operations per precision", 92, 92)
        self._matrix = QGridLayout()
        self._matrix.setHorizontalSpacing(12)
        self._matrix.setVerticalSpacing(4)
        self.difference = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.why = Text(size=theme.SMALL, overflow="wrap")
        self._why_heading = _headed("Why it is not faster", "measured")
        column.addWidget(_headed("Time per precision", "measured"))
        column.addWidget(self.time)
        column.addWidget(_headed("Operations per precision", "predicted"))
        column.addWidget(self.operations)
        column.addWidget(_headed("Conversions, from → to", "measured"))
        column.addLayout(self._matrix)
        column.addWidget(self._why_heading)
        column.addWidget(self.why)
        column.addWidget(_headed("Against the clean latency", "measured"))
        column.addWidget(self.difference)
        column.addStretch(1)
        return _scrolling(inner)

    def show_report(self, report: ProfileReport, graph: ModelGraph) -> None:
        profile, picture = report.profile, report.picture
        self.headline.setText(_headline(report))
        self.time.show_rows(list(_time_rows(picture)))
        self.operations.show_rows(
            [
                BarRow(
                    share.precision,
                    share.precision or _UNKNOWN,
                    share.operations_share,
                    share_words(share.operations_share, 1) or "none",
                )
                for share in picture.shares
                if share.operations
            ]
        )
        self._show_matrix(picture)
        self.why.setText("\n\n".join(report.why))
        for widget in (self.why, self._why_heading):
            widget.setVisible(bool(report.why))
        self.difference.setText(report.difference)
        self.table.show_profile(profile, graph)

    def _show_matrix(self, picture: PrecisionPicture) -> None:
        """Rows are what was converted from, columns to what; count and time in each cell."""
        while (item := self._matrix.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        sources = list(dict.fromkeys(one.source for one in picture.conversions))
        targets = list(dict.fromkeys(one.target for one in picture.conversions))
        if not sources:
            self._matrix.addWidget(Text("The runtime converted nothing.", size=theme.SMALL), 0, 0)
            return
        self._add_line(0, ["from", *targets], heading=True)
        for number, source in enumerate(sources, 1):
            cells = (_cell(picture, source, target) for target in targets)
            self._add_line(number, [source or _UNKNOWN, *cells])
        self._matrix.setColumnStretch(len(targets) + 1, 1)

    def _add_line(self, number: int, cells: Sequence[str], *, heading: bool = False) -> None:
        for column, words in enumerate(cells):
            text = Text(words, size=theme.SMALL, tone="dim" if heading or not column else "ink")
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            text.setAlignment(side)
            self._matrix.addWidget(text, number, column, side | Qt.AlignmentFlag.AlignTop)


def _headline(report: ProfileReport) -> str:
    profile = report.profile
    shares = [
        f"{share_words(share.time_share, 1)} in {share.precision or _UNKNOWN}"
        for share in report.picture.shares
        if share_words(share.time_share, 1)
    ]
    total = milliseconds_words(profile.counted_ms)
    return f"{profile.label}: {total} in {counted(len(report.groups), 'group')} of layers; " + (
        ", ".join(shares[:3]) + " of the time"
    )


def _time_rows(picture: PrecisionPicture) -> Iterable[BarRow]:
    whole = picture.counted_ms
    for share in picture.shares:
        yield _bar(share.precision or _UNKNOWN, share.milliseconds, whole)
    yield _bar("conversions", picture.conversions_ms, whole)
    if picture.unattributed_ms:
        yield _bar("no layer", picture.unattributed_ms, whole)


def _bar(name: str, milliseconds: float, whole: float) -> BarRow:
    share = share_words(milliseconds, whole)
    figure = f"{milliseconds_words(milliseconds)} · {share}" if share else "0 ms"
    return BarRow(name, name, milliseconds / whole if whole else 0.0, figure)


def _cell(picture: PrecisionPicture, source: str, target: str) -> str:
    if (source, target) not in picture.matrix:
        return "–"
    count, milliseconds = picture.matrix[source, target]
    times = counted(count, "time")
    return f"{milliseconds_words(milliseconds)}\n{'layout, ' if source == target else ''}{times}"


def _headed(title: str, chip: str) -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(Heading(title))
    row.addStretch(1)
    row.addWidget(
        Chip(chip, "good" if chip == "measured" else "plain"), 0, Qt.AlignmentFlag.AlignBottom
    )
    return line


def _scrolling(inner: QWidget) -> QScrollArea:
    scroll = scrolled(inner)
    scroll.setFixedWidth(_SIDE)
    return scroll
