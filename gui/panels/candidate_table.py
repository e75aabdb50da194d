"""The table of candidates: latency, ratio, accuracy, file, and a chip for what stands behind."""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)
from typing_extensions import override

from core.search.report import Candidate, OptimizationReport
from gui import theme
from gui.wording import milliseconds_words, size_words

Index = QModelIndex | QPersistentModelIndex

_COLUMNS = ("Candidate", "Latency", "vs. original", "Accuracy", "File", "")
_RATIO = 2
_NAME_WIDTH = 240
_STANDING = Qt.ItemDataRole.UserRole
_NOT_KNOWN = "not known"
_TOP = QModelIndex()

CHIPS = {
    "chosen": ("measured", "good"),
    "baseline": ("measured", "good"),
    "within limit": ("measured", "good"),
    "over limit": ("over limit", "warn"),
    "left out": ("left out", "faint"),
    "failed": ("failed", "bad"),
}
"""Standing to the words and the tone of its chip."""


class CandidateModel(QAbstractTableModel):
    """One row per candidate, in the report's order."""

    def __init__(self) -> None:
        super().__init__()
        self._report: OptimizationReport | None = None
        self._cells: list[tuple[str, ...]] = []

    def show_report(self, report: OptimizationReport | None) -> None:
        self.beginResetModel()
        self._report = report
        candidates = report.candidates if report else ()
        self._cells = [cells(candidate) for candidate in candidates]
        self.endResetModel()

    def candidate(self, row: int) -> Candidate:
        assert self._report is not None
        return self._report.candidates[row]

    def row_of(self, candidate_id: str) -> int:
        candidates = self._report.candidates if self._report else ()
        return next((i for i, each in enumerate(candidates) if each.id == candidate_id), -1)

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._cells)

    @override
    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        candidate = self.candidate(index.row())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._cells[index.row()][index.column()]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return f"{self._cells[index.row()][index.column()]}\n{candidate.reason}".strip()
            case _ if role == _STANDING:
                return candidate.standing
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def cells(candidate: Candidate) -> tuple[str, ...]:
    """What the row of a candidate says, column by column."""
    star = "★ " if candidate.standing == "chosen" else ""
    size = _NOT_KNOWN if candidate.file_bytes is None else size_words(candidate.file_bytes)
    return (
        star + candidate.label,
        _latency(candidate),
        candidate.against_original.words if candidate.against_original else _reference(candidate),
        _accuracy(candidate),
        size,
        CHIPS[candidate.standing][0],
    )


def _latency(candidate: Candidate) -> str:
    if candidate.benchmark is not None:
        return milliseconds_words(candidate.benchmark.latency_ms.value)
    if candidate.screened_ms is not None:
        return f"≈ {milliseconds_words(candidate.screened_ms)}"
    return _NOT_KNOWN


def _reference(candidate: Candidate) -> str:
    return "1.0" if candidate.standing == "baseline" else ""


def _accuracy(candidate: Candidate) -> str:
    if candidate.accuracy is None or not candidate.accuracy.scores:
        return "not checked" if candidate.benchmark else ""
    value = candidate.accuracy.scores[0].words
    drop = candidate.accuracy.drop
    if drop is None:
        return value
    gain = round(-drop.value, 1) + 0.0  # without the sign of a negative zero
    return f"{value} ({gain:+.1f})".replace("-", "−").replace("+0.0", "0.0")


class _Row(QStyledItemDelegate):
    """Paints hairlines, the tinted row of the chosen one, and the chips."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + 18, 29)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        standing = index.data(_STANDING)
        area: QRect = option.rect  # type: ignore[attr-defined]  # missing from PySide6's stubs
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]  # the same
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.mix(colours.accent, colours.panel, 0.12))
        elif standing == "chosen":
            painter.fillRect(area, theme.mix(colours.good, colours.panel, 0.09))
        painter.setPen(colours.line)
        painter.drawLine(area.topLeft(), area.topRight())
        text = str(index.data())
        if index.column() == len(_COLUMNS) - 1:
            _paint_chip(painter, area, text, CHIPS[standing][1])
        else:
            weight = QFont.Weight.DemiBold if standing == "chosen" else QFont.Weight.Normal
            painter.setFont(theme.font(theme.SMALL, weight))
            out = standing in ("left out", "failed") or text == _NOT_KNOWN
            painter.setPen(colours.dim if out else colours.ink)
            inner = area.adjusted(8, 0, -8, 0)
            shown = QFontMetrics(painter.font()).elidedText(
                text, Qt.TextElideMode.ElideRight, inner.width()
            )
            painter.drawText(inner, _alignment(index.column()), shown)
        painter.restore()


def _paint_chip(painter: QPainter, area: QRect, text: str, tone: str) -> None:
    colours = theme.current()
    colour = getattr(colours, tone)
    painter.setFont(theme.font(theme.TINY))
    width = QFontMetrics(painter.font()).horizontalAdvance(text) + 16
    pill = QRectF(area.right() - 8 - width, area.center().y() - 8, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.mix(colour, colours.panel, 0.18))
    painter.drawRoundedRect(pill, 9, 9)
    painter.setPen(colours.dim if tone == "faint" else colour)
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)


class CandidateTable(QTableView):
    """Selecting a row selects the candidate."""

    candidate_picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.rows = CandidateModel()
        self.setModel(self.rows)
        self.setItemDelegate(_Row(self))
        self.setAccessibleName("Candidates")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(29)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, _NAME_WIDTH)
        header.setSectionResizeMode(_RATIO, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(60)
        self.selectionModel().currentRowChanged.connect(self._tell)
        theme.changed.connect(self.viewport().update)

    def show_report(self, report: OptimizationReport | None) -> None:
        self.rows.show_report(report)

    def select(self, candidate_id: str | None) -> None:
        row = self.rows.row_of(candidate_id) if candidate_id else -1
        if row < 0:
            self.clearSelection()
        elif row != self.currentIndex().row():
            self.selectRow(row)
            QTimer.singleShot(0, self, self._reveal)  # the table may be about to be laid out

    def _reveal(self) -> None:
        self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid():
            self.candidate_picked.emit(self.rows.candidate(current.row()).id)
