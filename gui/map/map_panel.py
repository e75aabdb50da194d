"""The map's place below the graph: make it, read it, change the plan with it, find the best."""

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from gui import theme
from gui.later import later
from gui.loading import CHARTS, once_loaded
from gui.map.map_start import MapStart
from gui.map.map_table import MapTable
from gui.map.marks import marks_of
from gui.map.prediction_strip import PredictionStrip
from gui.map.words import drop_words, latency_words
from gui.panels.inputs import Picker
from gui.panels.text import Text
from gui.session import Session
from gui.wording import counted

if TYPE_CHECKING:
    from gui.panels.tradeoff_plot import TradeoffPlot

_PLOT_SHARE, _PLOT_LEAST, _PLOT_MOST = 0.21, 220, 380


class MapPanel(QStackedWidget):
    """An invitation, then progress, then the table."""

    map_wanted = Signal()
    best_wanted = Signal()
    measure_wanted = Signal()
    log_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._mapping = session.mapping
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(150)
        self._build_start()
        self._build_map()
        self._connect()
        self._show()

    # building

    def _build_start(self) -> None:
        self.start = MapStart(self._session)
        self.start.map_wanted.connect(self.map_wanted)
        self.start.log_wanted.connect(self.log_wanted)
        self.addWidget(self.start)

    def _build_map(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 2, 0, 4)
        column.setSpacing(2)
        self.strip = PredictionStrip(self._session)
        self.strip.measure_wanted.connect(self.measure_wanted)
        column.addWidget(self.strip)
        column.addWidget(_rule())
        column.addLayout(self._build_tools())
        self.remark = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        self.remark.setContentsMargins(14, 0, 14, 0)
        column.addWidget(self.remark)
        self.table = MapTable()
        self.plot: TradeoffPlot | None = None
        below = self._below = QHBoxLayout()
        below.setContentsMargins(14, 0, 8, 0)
        below.setSpacing(theme.GAP)
        below.addWidget(self.table, 1)
        column.addLayout(below, 1)
        self._map_page = page
        self.addWidget(page)

    def _build_tools(self) -> QHBoxLayout:
        self.option = Picker()
        self.option.setAccessibleName("Treatment that the figures are of")
        self.runtime = Picker()
        self.runtime.setAccessibleName("Runtime that the figures are of")
        self.narrow = QLineEdit()
        self.narrow.setPlaceholderText("Narrow: conv kept slower …")
        self.narrow.setAccessibleName("Show only layers that fit these words")
        self.narrow.setClearButtonEnabled(True)
        self.narrow.setMaximumWidth(220)
        self.counted = Text(size=theme.SMALL, tone="dim")
        self.best = QPushButton("Find best plan")
        self.front = QPushButton("Plans found ▾")
        self.front.setMenu(QMenu(self.front))
        self.again = QPushButton("Map again")
        self.again.setProperty("look", "link")
        self.copy = QPushButton("Copy as CSV")
        self.copy.setProperty("look", "link")
        row = QHBoxLayout()
        row.setContentsMargins(14, 2, 14, 2)
        row.setSpacing(theme.GAP)
        row.addWidget(self.option)
        row.addWidget(Text("on", size=theme.SMALL, tone="dim"))
        row.addWidget(self.runtime)
        row.addWidget(self.narrow, 1)
        row.addWidget(self.counted)
        row.addStretch(1)
        for button in (self.copy, self.again, self.front, self.best):
            row.addWidget(button)
        return row

    def _connect(self) -> None:
        session, mapping = self._session, self._mapping
        self.option.activated.connect(lambda: mapping.show_option(self.option.currentData()))
        self.runtime.activated.connect(lambda: mapping.run_on(self.runtime.currentData()))
        self.narrow.textChanged.connect(self._narrow)
        self.best.clicked.connect(self.best_wanted)
        self.again.clicked.connect(self.map_wanted)
        self.copy.clicked.connect(self.table.copy_all)
        self.table.toggled.connect(lambda layers, wanted: mapping.treat(layers, wanted=wanted))
        self.table.layer_picked.connect(session.editor.select)
        show, rows = later(self, self._show), later(self, self._show_rows)
        for signal in (
            mapping.changed,
            mapping.front_changed,
            session.model_changed,
            session.images_changed,
            session.device_changed,
            session.optimization.changed,
            session.troubles.changed,
            session.jobs.changed,
            session.edits.changed,
        ):
            signal.connect(show)
        mapping.predicted.connect(rows)
        marks = later(self, self._show_marks)
        mapping.predicted.connect(marks)
        mapping.front_changed.connect(marks)
        session.results.changed.connect(later(self, self._show_plot))
        session.results.candidate_selected.connect(later(self, self._show_plot))
        session.editor.selected_changed.connect(self._show_selection)

    def take_focus(self) -> None:
        """To what is worked with: the table, or the button that makes the map."""
        waiting = self.currentWidget() is self.start
        (self.start.start if waiting else self.table).setFocus()

    # showing

    def _show(self) -> None:
        waiting = self._mapping.reading is None or self._mapping.is_running
        self.setCurrentWidget(self.start if waiting else self._map_page)
        if waiting:
            self.start.show_state()
        else:
            self._show_tools()
            self._show_rows()
            once_loaded(CHARTS, self._show_plot)

    def _show_plot(self) -> None:
        """Beside the table: what was measured, what is predicted."""
        results = self._session.results
        if self._mapping.reading is None or CHARTS not in sys.modules:
            return
        if self.plot is None:
            self._place_plot()
        if self.plot is not None:
            candidate = results.candidate
            self.plot.show_report(results.report, candidate.id if candidate else None)
            self._show_marks()

    def _place_plot(self) -> None:
        from gui.panels.tradeoff_plot import TradeoffPlot

        self.plot = TradeoffPlot()
        self._fit_plot()
        self.plot.candidate_picked.connect(self._session.results.select)
        self.plot.solution_picked.connect(self._mapping.use)
        self._below.addWidget(self.plot)

    def _fit_plot(self) -> None:
        """What the table does not need."""
        if self.plot is not None:
            width = round(_PLOT_SHARE * self.width())
            self.plot.setFixedWidth(min(max(width, _PLOT_LEAST), _PLOT_MOST))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_plot()

    def _show_marks(self) -> None:
        """At once: what is predicted moves with the plan."""
        if self.plot is not None:
            report, aim = self._session.results.report, self._session.goal.aim
            self.plot.show_marks(marks_of(self._mapping, report, aim))

    def _show_tools(self) -> None:
        mapping = self._mapping
        assert mapping.reading is not None
        _fill(self.option, [(one.id, one.label) for one in mapping.options])
        _choose(self.option, mapping.option.id if mapping.option else "")
        runtimes = list(mapping.reading.map.runtimes)
        _fill(self.runtime, [(label, label) for label in runtimes])
        _choose(self.runtime, mapping.label)
        self.best.setEnabled(mapping.can_solve)
        self.best.setText("Looking…" if mapping.is_solving else "Find best plan")
        self.best.setToolTip("Solve for the best mix of layers within the goal’s limits")
        self.again.setEnabled(not self._session.obstacle)
        self.again.setToolTip(self._session.obstacle or "Measure everything anew")
        self._show_front()
        self._show_remark()

    def _show_front(self) -> None:
        menu, front = self.front.menu(), self._mapping.front
        self.front.setVisible(bool(front))
        self.front.setToolTip("The best for the goal first, the most accurate last; all predicted")
        menu.clear()
        for solution in front:
            prediction = solution.prediction
            parts = [solution.plan.name.replace("&", "&&")]
            if solution.plan.runtime is not None:
                parts.append(solution.plan.runtime.runtime)
            if prediction.latency_ms is not None:
                parts.append(latency_words(prediction.latency_ms)[0])
            if prediction.drop_points is not None:
                parts.append(drop_words(prediction.drop_points)[0])
            action = menu.addAction(" · ".join(parts))
            action.triggered.connect(lambda _=False, one=solution: self._mapping.use(one))

    def _show_remark(self) -> None:
        """What is wrong with the map, or with what was asked of it."""
        mapping, trouble = self._mapping, self._session.troubles.at("map")
        assert mapping.reading is not None
        said: list[str] = []
        if trouble is not None:
            said.append(f"{trouble.what} {trouble.why} {trouble.remedy}")
        if self._session.edits.made:
            said.append("The map is of the file, without your unsaved edits.")
        if mapping.reading.map.loss is None:
            said.append("Mapped without images: what layers cost in accuracy is not known.")
        said.extend(mapping.reading.map.notes)
        self.remark.setText("\n".join(said))
        self.remark.setVisible(bool(said))

    def _show_rows(self) -> None:
        mapping, model = self._mapping, self._session.model
        if mapping.reading is None or model is None:
            return
        options = mapping.reading.map.options
        words = {layer: options[name].label for layer, name in mapping.treated.items()}
        self.table.source.show(model.graph, mapping.worths(), words, "Keep")
        self._show_count()
        if self._session.editor.selected is not None:  # else several rows may be selected here
            self._show_selection()

    def _narrow(self, words: str) -> None:
        self.table.narrow(words)
        self._show_count()
        self._show_selection()

    def _show_count(self) -> None:
        shown, all_ = self.table.model().rowCount(), self.table.source.rowCount()
        self.counted.setText(f"{shown:,} of {all_:,}" if shown < all_ else counted(all_, "layer"))

    def _show_selection(self) -> None:
        selected = self._session.editor.selected
        chosen = self.table.selectionModel().selectedRows()
        here = {self.table.row_at(index.row()).layer.id for index in chosen}
        if selected is None or selected.id not in here:
            self.table.select_layer(selected.id if selected else None)


def _fill(picker: Picker, items: list[tuple[str, str]]) -> None:
    """Only where they differ: an open list must not lose its place."""
    if [picker.itemData(place) for place in range(picker.count())] != [id for id, _ in items]:
        picker.clear()
        for id, label in items:
            picker.addItem(label, id)


def _choose(picker: Picker, id: str) -> None:
    picker.setCurrentIndex(picker.findData(id))


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("rule", "true")
    line.setFixedHeight(1)
    return line
