"""Walks the sample through every screen, light and dark.

`python -m gui.tour OUT_DIR [MODEL ...]`: the graphs of further models are shown closed and open.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QPoint, QSettings
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from core.model.graph import Layer, LayerId
from gui import theme
from gui.app import make_application, make_window
from gui.devices.bench_dialog import BenchDialog
from gui.dialogs.compare_dialog import CompareDialog
from gui.dialogs.export_dialog import ExportDialog
from gui.dialogs.images_dialog import ImagesDialog
from gui.window import MainWindow

_SIZE = (1600, 1000)
_LONGEST_MS = 900_000
_SETTLE_MS = 400
"""Longer than any animation of the window."""
_MODES: tuple[theme.Mode, ...] = ("light", "dark")
_SHADE = QColor(16, 24, 40, 70)


class Tour:
    """Drives one window and photographs it."""

    def __init__(self, window: MainWindow, target: Path, models: Sequence[Path] = ()) -> None:
        self._window = window
        self._target = target
        self._models = models
        self._number = 0

    def walk(self) -> None:
        """All screens, in the order in which a person meets them."""
        self._open()
        self._look_at_steps()
        self._look_inside()
        self._edit()
        self._choose()
        self._optimize()
        self._use_results()
        self._map()
        self._go_wrong()
        for model in self._models:
            self._look_at(model)

    def _open(self) -> None:
        window, session = self._window, self._window.session
        self._picture("empty")
        session.measuring.scan()
        self._wait(lambda: bool(session.devices))
        window.open_sample()
        self._wait(lambda: session.model is not None)
        self._wait(lambda: session.images is not None and bool(session.editor.outlook.counts))
        self._picture("model")

    def _look_at_steps(self) -> None:
        self._dialog("device", self._window.dialogs.show_devices)
        self._dialog("add-device", self._window.dialogs.add_device)
        self._dialog("benchmark", self._window.dialogs.show_benchmark, self._measure)
        self._dialog("images", self._window.dialogs.show_images, _edit_numbers)
        self._dialog("goal", self._window.dialogs.show_goal)

    def _measure(self, dialog: QDialog) -> None:
        assert isinstance(dialog, BenchDialog)
        dialog.start.click()
        self._wait(dialog.start.isEnabled)

    def _look_inside(self) -> None:
        window, canvas = self._window, self._window.graph_area.canvas
        model = window.session.model
        assert model is not None
        heaviest = model.graph.by_id[self._heaviest()]
        canvas.find()
        canvas.chrome.bar.search.insert("conv params>5k")
        self._picture("search")
        canvas.chrome.bar.search.finish()
        window.toggle_layers()
        self._picture("layers")
        window.table_dock.hide()
        self._dialog("model-facts", window.dialogs.show_model_facts)
        self._dialog("tensor", lambda: window.dialogs.show_tensor(heaviest.weights[0]))
        self._dialog("keys", canvas.show_keys)
        self._dialog("picture", window.graph_area.save_picture)

    def _edit(self) -> None:
        window, edits = self._window, self._window.session.edits
        self._dialog("edit", window.edit_desk.set_sizes)
        self._dialog("save", window.edit_desk.show_save)
        self._dialog("convert", window.dialogs.show_convert)
        activation = next(layer for layer in self._layers() if layer.operator == "Relu")
        at_once = [each for each in window.edit_desk.offers(activation.id) if not each.parameters]
        window.edit_desk.start(at_once[0], activation.id)
        self._wait(lambda: bool(edits.made) and not edits.is_busy)
        self._picture("edited-model")
        window.session.editor.undo_stack.undo()
        self._wait(lambda: not edits.made)

    def _layers(self) -> Sequence[Layer]:
        model = self._window.session.model
        assert model is not None
        return model.graph.layers

    def _look_at(self, path: Path) -> None:
        window, canvas = self._window, self._window.graph_area.canvas
        window.session.open(path)
        self._wait(lambda: window.session.opening is None and canvas.surface.view() is not None)
        canvas.collapse_all()
        canvas.fit()
        self._picture(f"{path.stem}-closed")
        canvas.expand_all()
        self._pause(_SETTLE_MS)
        canvas.fit()
        self._picture(f"{path.stem}-open")

    def _choose(self) -> None:
        editor = self._window.session.editor
        editor.select(self._heaviest())
        editor.choose("int8")
        self._wait(lambda: bool(editor.outlook.choices))
        self._picture("layer")
        editor.undo_stack.undo()
        editor.select(None)

    def _heaviest(self) -> LayerId:
        return max(self._layers(), key=lambda layer: layer.operations or 0).id

    def _optimize(self) -> None:
        session = self._window.session
        session.optimize()
        self._wait(lambda: len(session.optimization.figures) >= 3)
        self._picture("optimizing")
        self._wait(lambda: not session.optimization.is_running)
        self._wait(lambda: bool(session.runs.entries))
        self._picture("results")

    def _use_results(self) -> None:
        window, session = self._window, self._window.session
        report = session.results.report
        if report is None:
            return
        session.results.select(report.candidates[-1].id)
        session.editor.select(self._heaviest())
        self._picture("candidate")
        self._dialog("compare", window.dialogs.show_compare, self._compare)
        self._dialog("structure", window.dialogs.show_diff, self._compare_structure)
        self._dialog("export", window.dialogs.show_export, self._export)
        session.editor.choose(None)
        self._picture("edited")
        window.toggle_log()
        self._picture("log")
        window.toggle_log()

    def _map(self) -> None:
        """The map as it is made, by gain, with one layer left out, and the plans found."""
        window, session = self._window, self._window.session
        window.map_dock.show()
        window.map_dock.raise_()
        if session.mapping.reading is None:
            self._picture("map-invitation")
            window.actions_.map_layers.trigger()
            self._wait(lambda: session.mapping.is_running)
            self._wait(lambda: not session.mapping.is_running)
            self._wait(lambda: session.mapping.reading is not None)
        window.graph_area.canvas.choose_colouring("Gain")
        self._picture("map-gain")
        window.graph_area.canvas.choose_colouring("Cost")
        session.mapping.treat([self._heaviest()], wanted=False)
        self._picture("map-kept")
        window.actions_.best_plan.trigger()
        self._wait(lambda: bool(session.mapping.front))
        self._picture("map-front")
        window.map_dock.hide()

    def _go_wrong(self) -> None:
        session = self._window.session
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "broken.onnx"
            broken.write_text("This is no model.\n", encoding="utf-8")
            session.open(broken)
            self._wait(lambda: session.troubles.at("model") is not None)
            empty = Path(folder) / "photos"
            empty.mkdir()
            session.add_images(empty)
            self._wait(lambda: session.troubles.at("images") is not None)
        self._picture("errors")

    def _compare(self, dialog: QDialog) -> None:
        assert isinstance(dialog, CompareDialog)
        dialog.start.click()
        self._wait(dialog.start.isEnabled)

    def _compare_structure(self, _: QDialog) -> None:
        self._wait(lambda: self._window.session.jobs.of_kind("diff") is None)

    def _export(self, dialog: QDialog) -> None:
        assert isinstance(dialog, ExportDialog)
        dialog.choose_folder(self._target / "export")
        dialog.start.click()
        self._wait(dialog.start.isEnabled)

    # cameras

    def _dialog(
        self, name: str, show: Callable[[], None], then: Callable[[QDialog], None] | None = None
    ) -> None:
        show()
        self._wait(lambda: bool(self._open_dialogs()))
        dialog = self._open_dialogs()[-1]
        self._pause(_SETTLE_MS)
        if then is not None:
            then(dialog)
        self._picture(name, dialog)
        dialog.reject()
        self._pause(_SETTLE_MS)

    def _open_dialogs(self) -> list[QDialog]:
        return [each for each in self._window.findChildren(QDialog) if each.isVisible()]

    def _picture(self, name: str, dialog: QWidget | None = None) -> None:
        self._number += 1
        before = theme.mode()
        for mode in _MODES:
            theme.set_mode(mode)
            self._pause(_SETTLE_MS)
            picture = self._window.grab()
            if dialog is not None:
                _lay_over(picture, dialog)
            picture.save(str(self._target / f"{self._number:02}-{name}-{mode}.png"))
        theme.set_mode(before)

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = QDeadlineTimer(_LONGEST_MS)
        while not condition():
            if deadline.hasExpired():
                raise TimeoutError("The window did not get there.")
            self._pause(20)

    def _pause(self, milliseconds: int) -> None:
        deadline = QDeadlineTimer(milliseconds)
        while not deadline.hasExpired():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, deadline)


def _edit_numbers(dialog: QDialog) -> None:
    assert isinstance(dialog, ImagesDialog)
    dialog.edit.click()


def _lay_over(picture: QPixmap, dialog: QWidget) -> None:
    """Put a dialog over the window as a desktop shows it."""
    front = dialog.grab()
    corner = QPoint(
        (picture.width() - front.width()) // 2, max(20, (picture.height() - front.height()) // 3)
    )
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), _SHADE)
    painter.drawPixmap(corner, front)
    painter.setPen(theme.current().line)
    painter.drawRect(front.rect().translated(corner))
    painter.end()


def main(arguments: Sequence[str]) -> int:
    """Save the pictures; returns the exit code."""
    if not arguments:
        sys.stderr.write("Usage: python -m gui.tour OUT_DIR [MODEL ...]\n")
        return 2
    target = Path(arguments[0]).absolute()
    target.mkdir(parents=True, exist_ok=True)
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    make_application()
    with tempfile.TemporaryDirectory(prefix="edgewright-tour-") as folder:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = make_window(settings, Path(folder) / "projects")
        window.resize(*_SIZE)
        window.show()
        Tour(window, target, [Path(each).absolute() for each in arguments[1:]]).walk()
        window.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
