"""The figures of a benchmark, where they were measured, and power and heat meanwhile."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.benchmark.results import BenchmarkResult, rate_words
from core.jobs.kinds.bench import BenchReport
from gui import theme
from gui.devices.power_view import PowerView, joules_words
from gui.panels.section import Section
from gui.panels.text import Text
from gui.wording import latency_with_interval, size_words

_COLUMNS = ("Model and runtime", "Latency", "Against the first", "Throughput", "Memory", "Energy")
_ROW = 30
_HEAD = 28
_MOST_ROWS = 8
_UNKNOWN = "not measured"


class BenchView(QWidget):
    """A row a contender; power and heat of the row that is picked."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self.where = Text(bold=True, overflow="wrap")
        self.table = _table()
        self.table.currentCellChanged.connect(lambda *_: self._show_power())
        self.table.horizontalScrollBar().rangeChanged.connect(lambda *_: self._fit_rows())
        self.remarks = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.warnings = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        self.power = PowerView()
        for widget in (self.where, self.table, self.remarks, self.warnings):
            column.addWidget(widget)
        column.addWidget(Section("Power and heat", self.power))
        self._report: BenchReport | None = None

    def show_report(self, report: BenchReport) -> None:
        self._report = report
        labels = report.labels
        self.where.setText(where_words(report.results[0]))
        self._fill(report, labels)
        answers = [f"{labels[each.contender]}: {each.words}" for each in report.on_device]
        ways = [f"{each.label}: {each.words}" for each in report.end_to_end]
        self.remarks.setText("\n".join((*answers, *ways)))
        self.remarks.setVisible(bool(answers or ways))
        failures = [f"{labels[name]}: {why}" for name, why in report.failures.items()]
        told = dict.fromkeys(warning for each in report.results for warning in each.warnings)
        self.warnings.setText("\n".join((*failures, *told)))
        self.warnings.setVisible(bool(failures or told))
        self.table.setCurrentCell(0, 0)
        self._show_power()

    def _fill(self, report: BenchReport, labels: Mapping[str, str]) -> None:
        against = {ratio.a: ratio.words for ratio in report.ratios}
        self.table.setRowCount(len(report.results))
        for row, result in enumerate(report.results):
            words = _row_words(labels[result.contender], result, against)
            for place, text in enumerate(words):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                item.setToolTip(_MEASURED if place else "")
                self.table.setItem(row, place, item)
        self.table.resizeColumnsToContents()
        self._fit_rows()

    def _fit_rows(self) -> None:
        """All rows in sight, and the bar under them where columns are wider than the window."""
        across = self.table.horizontalScrollBar()
        bar = across.sizeHint().height() if across.maximum() > 0 else 0
        rows = min(self.table.rowCount(), _MOST_ROWS)
        self.table.setFixedHeight(_HEAD + rows * _ROW + bar + 4)

    def _show_power(self) -> None:
        row = self.table.currentRow()
        if self._report is not None and 0 <= row < len(self._report.results):
            self.power.show_energy(self._report.results[row].energy)


_MEASURED = "Measured: the median over blocks, with its 95 % interval where one is given"


def where_words(result: BenchmarkResult) -> str:
    """“Measured on Loopback (Intel Xeon), 2 threads, OpenVINO 2026.4”."""
    taken = result.provenance
    name, processor = taken.device.name, taken.device.processor
    parts = [f"Measured on {name}" if processor == name else f"Measured on {name} ({processor})"]
    if taken.threads:
        parts.append(f"{taken.threads} thread{'' if taken.threads == 1 else 's'}")
    return ", ".join(parts)


def _row_words(label: str, result: BenchmarkResult, against: dict[str, str]) -> tuple[str, ...]:
    memory = result.peak_memory_bytes
    return (
        label,
        latency_with_interval(result.latency_ms),
        against.get(result.contender, "the first"),
        f"{rate_words(result.throughput)}/s" if result.throughput else _UNKNOWN,
        size_words(memory) if memory else _UNKNOWN,
        _energy_words(result),
    )


def _energy_words(result: BenchmarkResult) -> str:
    if result.energy is None or result.energy.joules is None:
        return _UNKNOWN
    return joules_words(result.energy.joules.value)


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS))
    table.setHorizontalHeaderLabels(list(_COLUMNS))
    table.setAccessibleName("Figures")
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(_ROW)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    return table
