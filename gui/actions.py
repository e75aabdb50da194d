"""Everything that can be done, each as one action with its words and keys; the menu of all."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMenu, QWidget

from gui import theme
from gui.project_keeper import recent_projects

_APPEARANCES: dict[theme.Mode, str] = {
    "system": "As the system",
    "light": "Light",
    "dark": "Dark",
}


class Actions(QObject):
    """The window connects `triggered` of each; panels show some of them as buttons."""

    recent_wanted = Signal(object)
    """Folder of a project."""
    edits_wanted = Signal(object)
    """The QMenu that shall be filled with the edits that can be made now."""

    def __init__(self, window: QWidget, undo_stack: QUndoStack, projects: Path) -> None:
        super().__init__(window)
        self._projects = projects
        self._window = window
        self.open_model = self._action("Open model…", "Ctrl+O", "Open a model of any known format")
        self.open_project = self._action("Open project…", "Ctrl+Shift+O", "Open a project’s folder")
        self.open_sample = self._action("Open the sample", "Ctrl+Shift+S", "A small classifier")
        self.images = self._action("Images…", "Ctrl+I", "Choose images and how they are prepared")
        self.devices = self._action("Devices…", "Ctrl+D", "What can run models here")
        self.target = self._action(
            "Target device…", "Ctrl+Shift+D", "What the model is made for; it need not be here"
        )
        self.advisor = self._action(
            "Advisor…", "Ctrl+Shift+V", "What suits the model on the target device, and why"
        )
        self.goal = self._action("Goal…", "Ctrl+G", "What to optimize for")
        self.optimize = self._action("Optimize", "Ctrl+Return", "Compress, measure and choose")
        self.race = self._action("Optimize from scratch", "", "Try every simple choice again")
        self.map_layers = self._action(
            "Map the layers", "Ctrl+Shift+L", "What compressing each layer gains and costs"
        )
        self.best_plan = self._action(
            "Find the best plan", "Ctrl+Shift+P", "Solve for the best mix of layers from the map"
        )
        self.cancel = self._action("Cancel what runs", "Ctrl+.", "Stop the running job")
        self.compare = self._action("Compare", "Ctrl+M", "Speed and answers of two models")
        self.diff = self._action(
            "Compare structure…", "Ctrl+Shift+M", "What differs inside two models, layer by layer"
        )
        self.benchmark = self._action(
            "Benchmark…", "Ctrl+Alt+B", "Measure a model on this computer or on a board"
        )
        self.profile = self._action(
            "Where the time goes…", "Ctrl+Shift+T", "Time every layer, and see what it ran in"
        )
        self.doctors = self._action(
            "Doctors…", "Ctrl+Shift+H", "Find out why answers are bad, and mend it with one click"
        )
        self.preflight = self._action(
            "Pre-flight for TensorRT…", "Ctrl+Shift+F", "What TensorRT will make of the model"
        )
        self.sweep = self._action(
            "Batch and streams…", "Ctrl+Shift+B", "Answers a second, and how long each takes"
        )
        self.history = self._action("History…", "Ctrl+H", "Every run of this project")
        self.convert = self._action("Convert…", "", "Turn the open model into ONNX or OpenVINO IR")
        self.export = self._action("Export…", "Ctrl+E", "Write a folder that is ready to deploy")
        self.save_model = self._action("Save model as…", "Ctrl+S", "Save it with its edits")
        self.undo = self._standard(undo_stack.createUndoAction(window, "Undo"), "Ctrl+Z")
        self.redo = self._standard(undo_stack.createRedoAction(window, "Redo"), "Ctrl+Shift+Z")
        self.search = self._action("Find layer…", "", "Search the graph (Ctrl+K)")
        self.deselect = self._action("Whole model", "Ctrl+Shift+A", "Select no layer")
        self.layers = self._action("Table of layers", "Ctrl+T", "All layers, to sort and to save")
        self.model_facts = self._action("About the model…", "", "Memory, operators, metadata")
        self.figures = self._action("Figures from a file…", "", "Colour by a CSV or JSON file")
        self.picture = self._action("Save picture…", "", "The graph as SVG or PNG")
        self.keys = self._action("Keys of the graph", "", "What every key does there (F1)")
        self.log = self._action("Log", "Ctrl+L", "What the jobs say")
        self.reset = self._action("Reset layout", "", "Put every panel back in its place")
        self.menu_key = self._action("Menu", "Alt+M", "Open this menu")
        self.quit = self._action("Quit", "Ctrl+Q", "Close Edgewright")

    def _action(self, text: str, keys: str, tip: str) -> QAction:
        action = QAction(text, self._window)
        action.setToolTip(tip)
        return self._standard(action, keys)

    def _standard(self, action: QAction, keys: str) -> QAction:
        if keys:
            action.setShortcut(QKeySequence(keys))
        self._window.addAction(action)
        return action

    def menu(self, docks: Callable[[], list[QAction]]) -> QMenu:
        """The menu behind the name at the top left: everything, with its keys."""
        menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        menu.addActions([self.open_model, self.open_project])
        recent = menu.addMenu("Open recent")
        recent.aboutToShow.connect(lambda: self._fill_recent(recent))
        menu.addAction(self.open_sample)
        menu.addSeparator()
        menu.addActions([self.undo, self.redo])
        edits = menu.addMenu("Edit")
        edits.aboutToShow.connect(lambda: self.edits_wanted.emit(edits))
        menu.addAction(self.save_model)
        menu.addSeparator()
        menu.addActions([self.devices, self.target, self.advisor, self.images, self.goal])
        menu.addActions([self.optimize, self.race, self.map_layers, self.best_plan, self.cancel])
        menu.addSeparator()
        menu.addActions(
            [self.benchmark, self.compare, self.diff, self.profile, self.sweep, self.history]
        )
        menu.addActions([self.doctors, self.preflight])
        menu.addActions([self.convert, self.export])
        menu.addSeparator()
        graph = menu.addMenu("Graph")
        graph.setToolTipsVisible(True)
        graph.addActions([self.search, self.deselect, self.layers, self.model_facts])
        graph.addActions([self.figures, self.picture, self.keys])
        panels = menu.addMenu("Panels")
        panels.addActions(docks())
        panels.addSeparator()
        panels.addAction(self.reset)
        menu.addMenu(self._appearance(menu))
        menu.addSeparator()
        menu.addAction(self.quit)
        return menu

    def _appearance(self, menu: QMenu) -> QMenu:
        appearance = QMenu("Appearance", menu)
        group = QActionGroup(appearance)
        for mode, words in _APPEARANCES.items():
            action = appearance.addAction(words)
            action.setCheckable(True)
            action.setChecked(theme.mode() == mode)
            action.triggered.connect(partial(theme.set_mode, mode))
            group.addAction(action)
        return appearance

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for folder in recent_projects(self._projects):
            self._add_recent(menu, folder)
        if menu.isEmpty():
            menu.addAction("No project yet").setEnabled(False)

    def _add_recent(self, menu: QMenu, folder: Path) -> None:
        action = menu.addAction(folder.name.replace("&", "&&"))
        action.triggered.connect(lambda: self.recent_wanted.emit(folder))
