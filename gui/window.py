"""The main window: the steps bar, and four places around the graph."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStatusBar
from typing_extensions import override

from core.sample import SAMPLE_GOAL, SAMPLE_IMAGES, SAMPLE_MODEL
from gui import theme
from gui.actions import Actions
from gui.closing import ask_before_closing
from gui.dropped import what_is
from gui.edit.desk import EditDesk
from gui.facts_menu import FactsMenu
from gui.map.asking import find_best_plan, map_layers
from gui.map.map_panel import MapPanel
from gui.panels.convert_bar import ConvertBar
from gui.panels.dock import Dock
from gui.panels.graph_area import GraphArea
from gui.panels.job_status import JobStatus
from gui.panels.layer_panel import LayerPanel
from gui.panels.layer_table import LayerTable
from gui.panels.log_panel import LogPanel
from gui.panels.project_panel import ProjectPanel
from gui.panels.results_panel import ResultsPanel
from gui.panels.steps_bar import StepsBar
from gui.panels.steps_state import StepsState
from gui.session import Session
from gui.window_actions import connect_actions
from gui.window_dialogs import Dialogs
from gui.wording import model_file_filter

_LEFT, _RIGHT, _BOTTOM, _LOG = 264, 340, 268, 150
_VERTICAL = Qt.Orientation.Vertical
_LAYOUT_VERSION = 1


class MainWindow(QMainWindow):
    """Connects panels and dialogs to the session; holds no state of its own."""

    def __init__(self, session: Session, settings: QSettings) -> None:
        super().__init__()
        self.session = session
        self._settings = settings
        self.setWindowTitle("Edgewright")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.resize(1600, 1000)
        self.actions_ = Actions(self, session.editor.undo_stack, session.keeper.projects)
        self._build_panels()
        self._build_docks()
        self._build_steps()
        connect_actions(self)
        self._connect_panels()
        self._connect_session()
        self._first_layout = self.saveState(_LAYOUT_VERSION)
        self._restore_layout()
        self.graph_area.canvas.setFocus()

    # building

    def _build_panels(self) -> None:
        self.steps = StepsBar()
        self.project_panel = ProjectPanel(self.session)
        self.graph_area = GraphArea(self.session, self._settings)
        self.edit_desk = EditDesk(self, self.session, self.graph_area.canvas)
        self.convert_bar = ConvertBar(self.session, self.graph_area.canvas)
        self.layer_panel = LayerPanel(self.session)
        self.results_panel = ResultsPanel(self.session)
        self.layer_table = LayerTable(self.session)
        self.map_panel = MapPanel(self.session)
        self.log_panel = LogPanel(self.session.jobs)
        self.job_status = JobStatus(self.session.jobs)
        self.dialogs = Dialogs(self, self.session)

    def _build_docks(self) -> None:
        self.setMenuWidget(self.steps)
        self.setCentralWidget(self.graph_area.canvas)
        self.project_dock = Dock("project", "Project", self.project_panel)
        self.layer_dock = Dock("layer", "Layer", self.layer_panel)
        self.results_dock = Dock("results", "Results", self.results_panel)
        self.table_dock = Dock("layers", "Layers", self.layer_table)
        self.map_dock = Dock("map", "Map", self.map_panel)
        self.log_dock = Dock("log", "Log", self.log_panel)
        area = Qt.DockWidgetArea
        self.addDockWidget(area.LeftDockWidgetArea, self.project_dock)
        self.addDockWidget(area.RightDockWidgetArea, self.layer_dock)
        self.addDockWidget(area.BottomDockWidgetArea, self.results_dock)
        self.splitDockWidget(self.results_dock, self.log_dock, _VERTICAL)
        self.tabifyDockWidget(self.results_dock, self.table_dock)
        self.tabifyDockWidget(self.results_dock, self.map_dock)
        self.log_dock.hide()
        self.table_dock.hide()
        self.map_dock.hide()
        self.results_dock.hide()
        self.resizeDocks(
            [self.project_dock, self.layer_dock], [_LEFT, _RIGHT], Qt.Orientation.Horizontal
        )
        status = QStatusBar()
        status.setSizeGripEnabled(False)
        status.setContentsMargins(0, 0, 0, 0)
        status.addWidget(self.job_status, 1)
        self.setStatusBar(status)

    def _build_steps(self) -> None:
        actions = self.actions_
        others = (actions.map_layers, actions.compare, actions.export)
        self.steps.add_actions(actions.undo, actions.redo, others, actions.optimize)
        docks = (
            self.project_dock, self.layer_dock, self.results_dock, self.map_dock, self.table_dock,
            self.log_dock,
        )  # fmt: skip
        self._steps_state = StepsState(self.steps, actions, self.session)
        self.steps.set_menu(actions.menu(lambda: [dock.toggleViewAction() for dock in docks]))

    def _connect_panels(self) -> None:
        self.steps.step_pressed.connect(self._open_step)
        panel = self.project_panel
        panel.model_wanted.connect(self.choose_model)
        panel.sample_wanted.connect(self.open_sample)
        panel.images_wanted.connect(self.dialogs.show_images)
        panel.device_details_wanted.connect(self.dialogs.show_devices)
        panel.history_wanted.connect(self.dialogs.show_history)
        panel.device_scan_wanted.connect(self.session.measuring.scan)
        panel.device_add_wanted.connect(self.dialogs.add_device)
        panel.target_wanted.connect(self.dialogs.show_target)
        panel.advisor_wanted.connect(self.dialogs.show_advisor)
        panel.preflight_wanted.connect(self.dialogs.show_preflight)
        self.facts_menu = FactsMenu(self.session)
        self.graph_area.canvas.add_menu_section(self.facts_menu.section)
        self.facts_menu.weight_wanted.connect(self.dialogs.show_tensor)
        self.facts_menu.model_facts_wanted.connect(self.dialogs.show_model_facts)
        self.layer_panel.weight_wanted.connect(self.dialogs.show_tensor)
        self.layer_panel.sizes_wanted.connect(self.edit_desk.set_sizes)
        self.layer_panel.model_facts_wanted.connect(self.dialogs.show_model_facts)
        self.graph_area.sample_wanted.connect(self.open_sample)
        self.convert_bar.wanted.connect(self.dialogs.show_convert)
        self.graph_area.model_wanted.connect(self.choose_model)
        self.results_panel.images_that_changed_wanted.connect(self.dialogs.show_changed_images)
        self.results_panel.differences_wanted.connect(self.dialogs.show_diff)
        self.results_panel.profile_wanted.connect(self.dialogs.show_profile)
        self.results_panel.doctors_wanted.connect(self.dialogs.show_doctors)
        self.results_panel.log_wanted.connect(self.toggle_log)
        self.map_panel.map_wanted.connect(lambda: map_layers(self.session))
        self.map_panel.best_wanted.connect(lambda: find_best_plan(self.session))
        self.map_panel.measure_wanted.connect(self.session.measure_plan)
        self.map_panel.log_wanted.connect(self.toggle_log)
        self.job_status.log_wanted.connect(self.toggle_log)
        self.dialogs.log_wanted.connect(self.toggle_log)
        self.dialogs.operator_wanted.connect(self.list_operator)
        self.dialogs.sizes_wanted.connect(self.edit_desk.set_sizes)

    def _connect_session(self) -> None:
        session = self.session
        session.optimization.changed.connect(self._reveal_results)
        session.results.changed.connect(self._reveal_results)
        session.model_changed.connect(self._show_title)
        session.keeper.saved.connect(self.job_status.show_saved)

    # showing

    def _show_title(self) -> None:
        model = self.session.model
        self.setWindowTitle(f"{model.title} – Edgewright" if model else "Edgewright")
        self.actions_.convert.setEnabled(bool(model and model.inspection.conversions))

    def _reveal_results(self) -> None:
        wanted = self.session.optimization.is_running or self.session.results.report is not None
        if wanted and not self.results_dock.isVisible():
            self.results_dock.show()
            self.results_dock.raise_()
            self.resizeDocks([self.results_dock], [_BOTTOM], _VERTICAL)

    def toggle_layers(self) -> None:
        """Show the table of layers in front, or put it away."""
        shown = self.table_dock.isVisible() and not self.table_dock.visibleRegion().isEmpty()
        self.table_dock.setVisible(not shown)
        if not shown:
            self.table_dock.raise_()
            self.resizeDocks([self.table_dock], [_BOTTOM], _VERTICAL)
            self.layer_table.table.setFocus()

    def map_layers(self) -> None:
        """Show the map in front; make it where there is none yet."""
        self.map_dock.show()
        self.map_dock.raise_()
        self.resizeDocks([self.map_dock], [_BOTTOM], _VERTICAL)
        if self.session.mapping.reading is None:
            map_layers(self.session)
        self.map_panel.take_focus()

    def toggle_log(self) -> None:
        self.log_dock.setVisible(not self.log_dock.isVisible())
        self.resizeDocks([self.results_dock, self.log_dock], [_BOTTOM, _LOG], _VERTICAL)

    # opening

    def _open_step(self, name: str) -> None:
        {
            "Model": self.choose_model,
            "Device": self.dialogs.show_devices,
            "Images": self.dialogs.show_images,
            "Goal": self.dialogs.show_goal,
        }[name]()

    def choose_model(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a model", "", model_file_filter())
        if path:
            self.session.open(Path(path))

    def choose_project(self) -> None:
        if path := QFileDialog.getExistingDirectory(self, "Open a project"):
            self.session.open(Path(path))

    def open_sample(self) -> None:
        self.session.open(SAMPLE_MODEL)
        self.session.add_images(SAMPLE_IMAGES)
        self.session.set_goal(SAMPLE_GOAL)

    def optimize_when_ready(self) -> None:
        """Optimize as soon as nothing stands in the way."""
        session = self.session

        def attempt() -> None:
            if session.images is None or session.obstacle:
                return
            session.images_changed.disconnect(attempt)
            session.device_changed.disconnect(attempt)
            session.optimize()

        session.images_changed.connect(attempt)
        session.device_changed.connect(attempt)

    def list_operator(self, operator: str) -> None:
        """Narrow the table of layers to those with an operator."""
        self.table_dock.show()
        self.table_dock.raise_()
        self.layer_table.words.setText(f'op:"{operator}"')

    # dropping

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        match paths:
            case [a, b] if all(path.is_file() and what_is(path) == "model" for path in paths):
                self.dialogs.compare_files((a, b))
            case _:
                for path in paths:
                    self.take(path)
        event.acceptProposedAction()

    def take(self, path: Path) -> None:
        """Something that was dropped: a model, a project, images, or figures per layer."""
        match what_is(path):
            case "images":
                folder = path.is_dir() or path.suffix.lower() == ".zip"
                self.session.add_images(path if folder else path.parent)
            case "figures":
                self.graph_area.load_figures(path)
            case "model" | "project":
                self.session.open(path)

    # layout and closing

    def reset_layout(self) -> None:
        self.restoreState(self._first_layout, _LAYOUT_VERSION)
        self._reveal_results()

    def _restore_layout(self) -> None:
        geometry, state = self._settings.value("geometry"), self._settings.value("layout")
        if isinstance(geometry, QByteArray) and isinstance(state, QByteArray):
            self.restoreGeometry(geometry)
            self.restoreState(state, _LAYOUT_VERSION)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if self.session.optimization.is_running and self.isVisible():
            event.ignore()
            ask_before_closing(self, self.session.jobs)
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("layout", self.saveState(_LAYOUT_VERSION))
        self._settings.setValue("appearance", theme.mode())
        self.session.close()
        event.accept()
