"""The whole way on the sample, by mouse and keyboard, judged by what a person sees."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.model.graph import Layer, LayerId
from gui.dialogs.compare_dialog import CompareDialog
from gui.dialogs.export_dialog import ExportDialog
from gui.dialogs.goal_dialog import GoalDialog
from gui.panels.text import Text
from gui.window import MainWindow

JOB_MS = 900_000

Drop = Callable[[QWidget, Path], None]
FindDialog = Callable[[type[QDialog]], QDialog]


class Person:
    """What somebody at the desk does and sees."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self._window = window
        self._qtbot = qtbot

    def click(self, widget: QWidget) -> None:
        self.wait(lambda: widget.isVisible() and widget.isEnabled())
        self._qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def wait(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=JOB_MS)

    def step(self, name: str) -> str:
        return self._window.steps.steps[name].accessibleName()

    def find_layer(self, name: str) -> None:
        """Ctrl+K, type, Enter."""
        canvas = self._window.graph_area.canvas
        with self._qtbot.waitActive(self._window):
            self._window.activateWindow()
        self._qtbot.keyClick(canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        search = QApplication.focusWidget()
        assert isinstance(search, QLineEdit)
        self._qtbot.keyClicks(search, name)
        self._qtbot.keyClick(search, Qt.Key.Key_Return)

    def rows(self) -> list[list[str]]:
        table = self._window.results_panel.table.rows
        columns = range(table.columnCount())
        return [
            [table.data(table.index(row, column)) for column in columns]
            for row in range(table.rowCount())
        ]

    def texts(self, widget: QWidget) -> str:
        return "\n".join(text.text() for text in widget.findChildren(Text) if text.isVisible())


@pytest.fixture
def person(window: MainWindow, qtbot: QtBot) -> Person:
    return Person(window, qtbot)


def test_that_the_sample_goes_from_a_dropped_file_to_an_exported_folder(
    window: MainWindow,
    person: Person,
    drop: Drop,
    dialog: FindDialog,
    sample_model: Path,
    sample_data: Path,
    tmp_path: Path,
) -> None:
    _open_model(window, person, drop, sample_model)
    _pick_device(window, person)
    _add_images(window, person, drop, sample_data)
    _set_goal(window, person, dialog)
    _optimize(window, person)
    layer = _change_one_layer(window, person)
    _measure_the_change(window, person, layer)
    _compare(window, person, dialog)
    _export(window, person, dialog, tmp_path / "deploy")


def _open_model(window: MainWindow, person: Person, drop: Drop, model: Path) -> None:
    assert "not chosen yet" in person.step("Model")
    assert not window.steps.optimize.isEnabled()
    drop(window, model)
    person.wait(lambda: "settled" in person.step("Model"))
    assert "fashion-mnist" in person.step("Model")
    assert "parameters" in window.project_panel.model.accessibleName()
    assert window.layer_panel.title.text() == "Whole model"


def _pick_device(window: MainWindow, person: Person) -> None:
    window.session.measuring.scan()
    person.wait(lambda: bool(window.session.devices))
    card = window.project_panel.device_card("local")
    person.click(card)
    assert card.chosen
    assert "This computer" in person.step("Device")


def _add_images(window: MainWindow, person: Person, drop: Drop, images: Path) -> None:
    assert "speed only" in person.step("Images")
    drop(window, images)
    person.wait(lambda: "10 classes" in person.step("Images"))
    assert "28×28 grey" in window.project_panel.images.accessibleName()
    assert "lose at most 1 point" in person.step("Goal")


def _set_goal(window: MainWindow, person: Person, dialog: FindDialog) -> None:
    """The smallest file: which candidate is the fastest depends on the machine."""
    person.click(window.steps.steps["Goal"])
    goal = dialog(GoalDialog)
    assert isinstance(goal, GoalDialog)
    person.click(goal.aim.button("size"))
    person.click(goal.effort.button("quick"))
    person.click(goal.accept_button)
    person.wait(lambda: "smallest, lose at most 1 point" in person.step("Goal"))


def _optimize(window: MainWindow, person: Person) -> None:
    assert window.steps.optimize.text() == "Optimize"
    person.click(window.steps.optimize)
    person.wait(window.job_status.cancel.isVisible)
    assert not window.steps.optimize.isEnabled()
    person.wait(window.results_panel.table.isVisible)
    rows = person.rows()
    names = [row[0] for row in rows]
    assert sum(name.startswith("★") for name in names) == 1
    assert any("Original" in name for name in names)
    best = rows[[name.startswith("★") for name in names].index(True)]
    assert best[1].endswith(("ms", "µs"))
    assert "%" in best[3]
    assert best[5] == "measured"
    assert "fastest of the smallest" in person.texts(window.results_panel)


def _change_one_layer(window: MainWindow, person: Person) -> LayerId:
    editor, panel = window.session.editor, window.layer_panel
    person.wait(lambda: bool(editor.outlook.choices))
    layer = _treated_layer(window)
    person.find_layer(layer.name)
    person.wait(lambda: panel.title.text() == layer.name)
    assert editor.selected is layer
    before = panel.choice.pressed()
    assert before not in (None, "keep")
    person.click(panel.choice.button("keep"))
    person.wait(lambda: panel.choice.pressed() == "keep")
    window.actions_.undo.trigger()
    person.wait(lambda: panel.choice.pressed() == before)
    window.actions_.redo.trigger()
    person.wait(lambda: panel.choice.pressed() == "keep")
    return layer.id


def _treated_layer(window: MainWindow) -> Layer:
    """One that the plan compresses and whose name is its own."""
    model, choices = window.session.model, window.session.editor.outlook.choices
    assert model is not None and choices
    names = Counter(layer.name for layer in model.graph.layers)
    layers = model.graph.layers
    return next(layer for layer in layers if layer.id in choices and names[layer.name] == 1)


def _measure_the_change(window: MainWindow, person: Person, layer: LayerId) -> None:
    person.wait(lambda: window.steps.optimize.text() == "Measure my plan")
    runs = len(window.session.runs.entries)
    person.click(window.steps.optimize)
    person.wait(
        lambda: len(window.session.runs.entries) == runs + 1 and window.steps.optimize.isEnabled()
    )
    rows = person.rows()
    assert any("edited" in row[0] for row in rows)
    person.wait(lambda: window.steps.optimize.text() == "Optimize")
    report = window.session.results.report
    assert report is not None
    edited = next(each for each in report.candidates if "edited" in each.label)
    assert edited.plan.choice(layer) is None


def _compare(window: MainWindow, person: Person, dialog: FindDialog) -> None:
    window.actions_.compare.trigger()
    compare = dialog(CompareDialog)
    assert isinstance(compare, CompareDialog)
    person.click(compare.start)
    person.wait(compare.view.isVisible)
    assert compare.pickers[1].currentText() in compare.view.verdict.text()
    assert "images alike" in answers(compare) or "of the answers agree" in answers(compare)
    compare.reject()


def answers(compare: CompareDialog) -> str:
    return compare.view.answers.text()


def _export(window: MainWindow, person: Person, dialog: FindDialog, target: Path) -> None:
    window.actions_.export.trigger()
    export = dialog(ExportDialog)
    assert isinstance(export, ExportDialog)
    export.choose_folder(target)
    person.click(export.start)
    person.wait(export.reveal.isVisible)
    assert "infer.py" in person.texts(export)
    assert (target / "infer.py").is_file()
    assert (target / "SHA256SUMS").is_file()
    assert json.loads((target / "plan.json").read_text(encoding="utf-8"))["steps"] is not None
    export.reject()
