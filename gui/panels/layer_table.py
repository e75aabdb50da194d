"""All layers as a table: sort it, narrow it with words, copy rows, save it; linked to the graph."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.jobs.events import Failed
from core.jobs.folders import write_atomically
from core.model.columns import Ints
from core.model.graph import ModelGraph
from core.model.graph_index import GraphIndex
from core.model.layer_table import Known, columns_for, rows_in_order
from core.model.query import HINT, parse_query
from gui import theme
from gui.colourings import by_latency
from gui.jobs import Errand
from gui.later import later
from gui.panels.layer_rows import LayerTableModel, Sorting
from gui.panels.text import Text
from gui.plan_editor import technique_words
from gui.session import Session

_ROW = 26
_WIDTHS = {"name": 230, "scope": 210, "operator": 120, "shape": 150}
_WIDTH = 100
_PATIENCE_MS = 120
"""How long to wait for the next key before looking."""


class LayerTable(QWidget):
    """Selecting a row selects the layer everywhere, and the other way round."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._index: GraphIndex | None = None
        self._sorting: Sorting | None = None
        self._newest: object = None
        self._told = False
        self.rows = LayerTableModel()
        self.rows.setParent(self)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._build_strip()
        self._build_table()
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 4, 8, 4)
        column.setSpacing(6)
        column.addLayout(self._strip)
        column.addWidget(self.table, 1)
        self._connect()

    def _build_strip(self) -> None:
        self.words = QLineEdit()
        self.words.setPlaceholderText("Narrow: conv params>1M …")
        self.words.setToolTip(HINT)
        self.words.setAccessibleName("Show only layers that fit these words")
        self.words.setClearButtonEnabled(True)
        self.words.setMaximumWidth(320)
        self.count = Text(size=theme.SMALL, tone="dim")
        self.save_button = QPushButton("Save as CSV…")
        self.save_button.setProperty("look", "link")
        self.save_button.clicked.connect(self._ask_where)
        self._strip = QHBoxLayout()
        self._strip.setSpacing(theme.GAP)
        self._strip.addWidget(self.words, 1)
        self._strip.addWidget(self.count)
        self._strip.addStretch(1)
        self._strip.addWidget(self.save_button)

    def _build_table(self) -> None:
        self.table = table = QTableView()
        table.setModel(self.rows)
        table.setAccessibleName("Layers")
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setShowGrid(False)
        table.setFont(theme.font(theme.SMALL))
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(_ROW)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSectionsMovable(True)
        header.setToolTip("Press to sort; press again to turn around, once more for running order")

    def _connect(self) -> None:
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_PATIENCE_MS)
        self._typing.timeout.connect(self._arrange)
        self.words.textChanged.connect(self._typing.start)
        self.table.horizontalHeader().sectionClicked.connect(self._sort)
        self.table.selectionModel().currentRowChanged.connect(self._tell)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)
        session = self._session
        session.model_changed.connect(self._show_model)
        session.editor.selected_changed.connect(self._show_selection)
        refresh = later(self, self._show_known)
        for signal in (
            session.editor.outlook_changed,
            session.results.changed,
            session.results.candidate_selected,
        ):
            signal.connect(refresh)
        self._fill(self._known())

    # showing

    @property
    def _graph(self) -> ModelGraph | None:
        return self._session.model.graph if self._session.model else None

    def _show_model(self) -> None:
        if self._graph is self.rows.shown.graph:
            return
        self._index = self._sorting = self._newest = None
        self.words.clear()
        self._fill(self._known())

    def _show_known(self) -> None:
        known = self._known()
        if self.rows.shown.columns == columns_for(known) or self._graph is None:
            self.rows.show_known(known)
        else:
            self._fill(known)
            self._arrange()

    def _fill(self, known: Known) -> None:
        self.rows.show_graph(self._graph, known)
        for section, column in enumerate(self.rows.shown.columns):
            self.table.setColumnWidth(section, _WIDTHS.get(column.name, _WIDTH))
        self.rows.show_sorting(self._sorting)
        self._show_count()
        self._show_selection()

    def _known(self) -> Known:
        graph, results = self._graph, self._session.results
        if graph is None:
            return Known()
        latency = by_latency(graph, results.executed)
        choices = self._session.editor.outlook.choices
        executed = results.executed
        return Known(
            latency=latency.values if latency else {},
            sensitivity=results.sensitivity,
            choice={layer: technique_words(name) for layer, name in choices.items()},
            precision={layer: it.precision for layer, it in executed.items() if it.precision},
        )

    def _show_count(self) -> None:
        shown, all_ = len(self.rows.shown.places), len(self._graph.layers) if self._graph else 0
        self.count.set_tone("dim")
        self.count.setText(f"{shown:,} of {all_:,}" if shown < all_ else f"{all_:,} layers")
        self.save_button.setEnabled(shown > 0)

    # sorting and narrowing

    def _sort(self, section: int) -> None:
        """Numbers begin with the largest, texts with A."""
        column = self.rows.shown.columns[section]
        first = column.form not in ("text", "shape")
        if self._sorting is None or self._sorting.column is not column:
            self._sorting = Sorting(column, first)
        elif self._sorting.falling == first:
            self._sorting = Sorting(column, not first)
        else:
            self._sorting = None
        self.rows.show_sorting(self._sorting)
        self._arrange()

    def _arrange(self) -> None:
        """Find the rows beside the window's thread; the newest wish wins."""
        graph = self._graph
        if graph is None:
            return
        words, sorting, known = self.words.text(), self._sorting, self.rows.shown.known

        def work() -> Ints:
            among = None
            if words.strip():
                self._index = index = self._index or GraphIndex.of(graph)
                among = index.find(parse_query(words))
            column, falling = sorting or (None, False)
            return rows_in_order(graph, known, column, falling=falling, among=among)

        errand = Errand(work)
        self._newest = errand
        errand.done.connect(lambda rows: self._take(errand, rows))
        errand.start()

    def _take(self, errand: object, rows: Ints) -> None:
        if errand is self._newest:
            self.rows.show_places(rows)
            self._show_count()
            self.table.scrollToTop()
            self._show_selection()

    # selection

    def _tell(self, current: QModelIndex) -> None:
        if current.isValid() and not self._told:
            self._session.editor.select(self.rows.shown.layer(current.row()).id)

    def _show_selection(self) -> None:
        selected, graph = self._session.editor.selected, self._graph
        self._told = True
        row = -1
        if selected is not None and graph is not None and graph is self.rows.shown.graph:
            row = self.rows.shown.row_of(graph.index_of[selected.id])
        if row < 0:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        else:
            index = self.rows.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag
            if row != self.table.currentIndex().row():
                self.table.selectionModel().setCurrentIndex(
                    index, flags.ClearAndSelect | flags.Rows
                )
            self.table.scrollTo(index)
        self._told = False

    # out of the program

    def copy(self) -> None:
        """The selected rows to the clipboard, with their titles."""
        rows = np.unique([index.row() for index in self.table.selectionModel().selectedRows()])
        shown = self.rows.shown
        errand = Errand(lambda: shown.lines(rows.tolist()))
        errand.done.connect(lambda text: QGuiApplication.clipboard().setText(text))
        errand.start()

    def save(self, path: Path) -> None:
        """Write the shown rows as comma-separated values."""
        shown = self.rows.shown
        errand = Errand(lambda: write_atomically(path, shown.comma_separated().encode()))
        errand.done.connect(lambda _: self.count.setText(f"Saved {path.name}"))
        errand.failed.connect(self._fail)
        errand.start()

    def _ask_where(self) -> None:
        name = f"{self._session.model.title} layers.csv" if self._session.model else ""
        path, _ = QFileDialog.getSaveFileName(self, "Save the layers", name, "CSV (*.csv)")
        if path:
            self.save(Path(path))

    def _fail(self, failed: Failed) -> None:
        self.count.set_tone("bad")
        self.count.setText(f"{failed.what} {failed.why}")
