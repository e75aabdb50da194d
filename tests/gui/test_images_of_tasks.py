"""What the window says about data of other tasks than classification."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from gui.dialogs.goal_dialog import GoalDialog
from gui.dialogs.images_dialog import ImagesDialog
from gui.map.asking import map_layers
from gui.window import MainWindow

JOB_MS = 900_000
Drop = Callable[..., None]
FindDialog = Callable[[type[QDialog]], QDialog]


@pytest.fixture
def open_both(window: MainWindow, qtbot: QtBot, drop: Drop) -> Callable[[Path, Path], None]:
    def open_files(model: Path, data: Path) -> None:
        drop(window, model)
        qtbot.waitUntil(lambda: window.session.model is not None, timeout=JOB_MS)
        drop(window, data)
        qtbot.waitUntil(lambda: window.session.images is not None, timeout=JOB_MS)

    return open_files


def test_that_boxes_are_found_and_their_judge_is_named(
    window: MainWindow,
    qtbot: QtBot,
    dialog: FindDialog,
    open_both: Callable[[Path, Path], None],
    detector: Path,
    squares: Path,
) -> None:
    open_both(detector, squares)
    said = window.project_panel.images.accessibleName()
    assert "16 images with boxes of 3 classes (YOLO)" in said
    assert "judged by mAP 50-95" in said
    qtbot.mouseClick(window.steps.steps["Images"], Qt.MouseButton.LeftButton)
    images = dialog(ImagesDialog)
    assert isinstance(images, ImagesDialog)
    offered = [images.preparation.itemText(i) for i in range(images.preparation.count())]
    assert "YOLO, letterboxed" in offered
    images.reject()


def test_that_the_limit_can_be_about_another_metric_until_other_images_come(
    window: MainWindow,
    qtbot: QtBot,
    dialog: FindDialog,
    drop: Drop,
    open_both: Callable[[Path, Path], None],
    detector: Path,
    squares: Path,
    tmp_path: Path,
) -> None:
    session, goal_step = window.session, window.steps.steps["Goal"]
    qtbot.mouseClick(goal_step, Qt.MouseButton.LeftButton)
    unchecked = dialog(GoalDialog)
    assert isinstance(unchecked, GoalDialog)
    assert not unchecked.accuracy.isEnabled()
    assert "without images" in unchecked.accuracy.currentText()
    unchecked.accept()
    assert session.accuracy.metric == ""

    open_both(detector, squares)
    goal_step.setFocus()
    qtbot.keyClick(goal_step, Qt.Key.Key_Space)
    goal = dialog(GoalDialog)
    assert isinstance(goal, GoalDialog)
    offered = [goal.accuracy.itemText(i) for i in range(goal.accuracy.count())]
    assert offered[:2] == ["mAP 50-95", "mAP 50"]
    goal.accuracy.setFocus()
    qtbot.keyClick(goal.accuracy, Qt.Key.Key_Down)
    qtbot.mouseClick(goal.accept_button, Qt.MouseButton.LeftButton)
    assert session.accuracy.metric == "map50"
    assert "Judged by mAP 50, as chosen" in window.project_panel.images.accessibleName()

    session.measuring.scan()
    qtbot.waitUntil(lambda: session.device is not None, timeout=JOB_MS)
    map_layers(session)
    qtbot.waitUntil(lambda: session.mapping.job is not None, timeout=JOB_MS)
    folder = session.keeper.folder
    assert folder is not None
    qtbot.waitUntil(lambda: any(folder.glob("runs/*-map*/request.json")), timeout=JOB_MS)
    session.mapping.pause()
    (asked,) = folder.glob("runs/*-map*/request.json")
    assert json.loads(asked.read_text())["request"]["metric"] == "map50"
    qtbot.waitUntil(lambda: session.mapping.job is None, timeout=JOB_MS)

    drop(window, shutil.copytree(squares / "images", tmp_path / "bare"))
    qtbot.waitUntil(lambda: not session.accuracy.metric, timeout=JOB_MS)
    assert "AP 50 against the original" in window.project_panel.images.accessibleName()


def test_that_dropped_tensors_are_taken_as_they_are(
    window: MainWindow,
    qtbot: QtBot,
    dialog: FindDialog,
    open_both: Callable[[Path, Path], None],
    two_inputs: Path,
    words: Path,
) -> None:
    open_both(two_inputs, words)
    said = window.project_panel.images.accessibleName()
    assert "16 inputs without labels (.npz)" in said
    assert "Judged by cosine similarity to the original" in said
    assert window.session.troubles.at("images") is None
    qtbot.mouseClick(window.steps.steps["Images"], Qt.MouseButton.LeftButton)
    images = dialog(ImagesDialog)
    assert isinstance(images, ImagesDialog)
    assert not images.preparation.isVisible()
    images.reject()
