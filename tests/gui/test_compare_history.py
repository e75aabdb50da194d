"""The history of a project: runs listed, named, set side by side and deleted, by clicks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from core.project.notes import RunNote, read_note
from core.project.project import Project
from gui.dialogs.compare_dialog import CompareDialog
from gui.dialogs.history_dialog import HistoryDialog
from gui.panels.text import Text
from gui.window import MainWindow
from tests.gui.made_runs import add_run, report

JOB_MS = 900_000

FindDialog = Callable[[type[QDialog]], QDialog]


@pytest.fixture
def project(tmp_path: Path, tiny_model: Path) -> Path:
    """Two runs with other numbers of threads, and one that was not finished."""
    folder = tmp_path / "projects" / "tiny"
    with Project.create(folder) as made:
        made.adopt_model(tiny_model)
    add_run(folder, "0001-optimize", report("Half precision", 2.0, 2), tiny_model)
    add_run(folder, "0002-optimize", report("INT8", 1.0, 4), tiny_model)
    add_run(folder, "0003-optimize", None, tiny_model)
    return folder


@pytest.fixture
def history(window: MainWindow, qtbot: QtBot, dialog: FindDialog, project: Path) -> HistoryDialog:
    """Opened from the panel."""
    window.session.open(project)
    link = window.project_panel.history
    qtbot.waitUntil(
        lambda: link.isVisible() and len(window.session.runs.entries) == 3, timeout=JOB_MS
    )
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    shown = dialog(HistoryDialog)
    assert isinstance(shown, HistoryDialog)
    qtbot.waitUntil(lambda: shown.table.rowCount() == 3)
    return shown


def press(shown: HistoryDialog, qtbot: QtBot, row: int, *, also: bool = False) -> None:
    """Click a row; `also` keeps the others selected."""
    place = shown.table.visualItemRect(shown.table.item(row, 1)).center()
    keys = Qt.KeyboardModifier.ControlModifier if also else Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(shown.table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def words(shown: HistoryDialog) -> str:
    return "\n".join(
        each.text() if isinstance(each, Text) else QLabel.text(each)
        for each in shown.findChildren(QLabel)
        if each.isVisible()
    )


def column(shown: HistoryDialog, number: int) -> list[str]:
    return [shown.table.item(row, number).text() for row in range(shown.table.rowCount())]


def test_that_every_run_is_listed_with_plan_goal_and_latency(history: HistoryDialog) -> None:
    assert column(history, 1) == ["Optimization 3", "Optimization 2", "Optimization 1"]
    assert column(history, 2)[1] == "fastest, lose at most 1 point"
    assert column(history, 3) == ["not finished", "INT8", "Half precision"]
    assert column(history, 4) == ["", "1.00 ms", "2.00 ms"]


def test_that_a_run_is_named_and_its_note_is_kept(
    history: HistoryDialog, qtbot: QtBot, project: Path
) -> None:
    press(history, qtbot, 1)
    qtbot.mouseClick(history.name, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(history.name, "Before the holidays")
    qtbot.keyClick(history.name, Qt.Key.Key_Tab)

    qtbot.waitUntil(lambda: column(history, 1)[1] == "Before the holidays")

    assert read_note(project / "runs" / "0002-optimize") == RunNote("Before the holidays", "")
    assert len(history.table.chosen) == 1


def test_that_two_runs_stand_side_by_side_with_what_else_differs(
    history: HistoryDialog, qtbot: QtBot, dialog: FindDialog
) -> None:
    press(history, qtbot, 1)
    press(history, qtbot, 2, also=True)

    said = words(history)
    assert "1.00 ms (0.95 to 1.05)" in said
    assert "Not the same threads: 2 and 4." in said
    assert "not in turns" in said

    qtbot.mouseClick(history.measure, Qt.MouseButton.LeftButton)
    compare = dialog(CompareDialog)
    assert isinstance(compare, CompareDialog)
    chosen = [picker.currentText() for picker in compare.pickers]
    assert chosen[0].startswith("Half precision")
    assert chosen[1].startswith("INT8")
    compare.reject()


def test_that_a_run_is_deleted_only_after_a_question(
    history: HistoryDialog, qtbot: QtBot, project: Path, window: MainWindow
) -> None:
    press(history, qtbot, 1)
    assert window.session.results.run == "0002-optimize"

    qtbot.mouseClick(history.delete, Qt.MouseButton.LeftButton)
    assert "cannot be undone" in words(history)
    assert (project / "runs" / "0002-optimize").exists()
    qtbot.mouseClick(history.confirm, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: column(history, 1) == ["Optimization 3", "Optimization 1"])
    assert not (project / "runs" / "0002-optimize").exists()
    assert not (project / ".removed").exists()
    assert window.session.results.run == "0001-optimize"
