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
from gui.session import Session
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


def test_that_the_limit_can_be_about_another_metric_while_it_fits_the_images(
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
    assert session.accuracy.kept == ""

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
    for start, kind in ((lambda: map_layers(session), "map"), (session.optimize, "optimize")):
        start()
        qtbot.waitUntil(lambda kind=kind: asked_metric(session, kind) == "map50", timeout=JOB_MS)
        session.jobs.cancel_all()
        qtbot.waitUntil(lambda: not session.obstacle, timeout=JOB_MS)

    bare = shutil.copytree(squares / "images", tmp_path / "bare")
    drop(window, bare)
    qtbot.waitUntil(lambda: session.accuracy.in_force == "ap50-original", timeout=JOB_MS)
    assert session.accuracy.metric == ""
    assert "AP 50 against the original" in window.project_panel.images.accessibleName()
    drop(window, squares)
    qtbot.waitUntil(lambda: session.accuracy.metric == "map50", timeout=JOB_MS)

    folder = session.keeper.folder
    assert folder is not None
    drop(window, detector)
    qtbot.waitUntil(lambda: session.keeper.folder not in (None, folder), timeout=JOB_MS)
    session.accuracy.choose("")
    session.open(folder)
    qtbot.waitUntil(lambda: session.accuracy.metric == "map50", timeout=JOB_MS)
    qtbot.mouseClick(goal_step, Qt.MouseButton.LeftButton)
    again = dialog(GoalDialog)
    assert isinstance(again, GoalDialog)
    assert again.accuracy.currentText() == "mAP 50"
    again.reject()


def asked_metric(session: Session, kind: str) -> str | None:
    """What the project's last job of a kind was asked to judge by; None while there is none."""
    assert session.keeper.folder is not None
    asked = sorted(session.keeper.folder.glob(f"runs/*-{kind}*/request.json"))
    return json.loads(asked[-1].read_text())["request"]["metric"] if asked else None


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
