"""What the window says about data of other tasks than classification."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from gui.dialogs.images_dialog import ImagesDialog
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
