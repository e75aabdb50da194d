"""Doctors in the window: asked by a click, remedies applied by another, taken back by Undo."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from core.data.contract import PreprocessingContract
from gui.dialogs.diagnosis_view import RemedyRow
from gui.dialogs.doctor_dialog import DoctorDialog
from gui.window import MainWindow
from tests.doctors.ill_models import colour_model, overflowing_model, write_images

JOB_MS = 900_000
LEFT = Qt.MouseButton.LeftButton
SWAPPED = PreprocessingContract(
    width=16, height=16, resize="stretch", colour="BGR", mean=(0.5,), std=(0.5,)
)


@pytest.fixture(scope="module")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_images(tmp_path_factory.mktemp("coloured"))


def opened(
    window: MainWindow, qtbot: QtBot, model: Path, images: Path | None, which: str
) -> DoctorDialog:
    """The dialog over an open model, with one doctor chosen."""
    session = window.session
    session.open(model)
    qtbot.waitUntil(lambda: session.model is not None, timeout=JOB_MS)
    if images is not None:
        session.contract = SWAPPED
        session.add_images(images)
        qtbot.waitUntil(lambda: session.images is not None, timeout=JOB_MS)
    window.actions_.doctors.trigger()
    (dialog,) = window.findChildren(DoctorDialog)
    qtbot.waitUntil(dialog.isVisible)
    for name, box in dialog.boxes.items():
        if name != which:
            qtbot.mouseClick(box, LEFT)
    return dialog


def examined(dialog: DoctorDialog, qtbot: QtBot) -> list[RemedyRow]:
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: bool(dialog.views), timeout=JOB_MS)
    qtbot.waitUntil(dialog.start.isEnabled)
    (view,) = dialog.views
    return view.remedies


def test_that_one_click_prepares_images_in_the_better_way_and_undo_takes_it_back(
    window: MainWindow, qtbot: QtBot, coloured: Path, tmp_path: Path
) -> None:
    dialog = opened(window, qtbot, colour_model(tmp_path / "m.onnx"), coloured, "preprocessing")
    (row,) = examined(dialog, qtbot)

    qtbot.mouseClick(row.apply, LEFT)

    contract = window.session.contract
    assert contract is not None
    assert contract == row.remedy.contract
    assert contract.colour == "RGB"
    assert (row.apply.text(), row.apply.isEnabled()) == ("Applied", False)
    window.actions_.undo.trigger()
    assert window.session.contract == SWAPPED
    assert (row.apply.text(), row.apply.isEnabled()) == ("Apply", True)


def test_that_one_click_keeps_the_overflowing_layers_and_shows_the_first_in_the_graph(
    window: MainWindow, qtbot: QtBot, coloured: Path, tmp_path: Path
) -> None:
    dialog = opened(window, qtbot, overflowing_model(tmp_path / "m.onnx"), coloured, "overflow")
    row = examined(dialog, qtbot)[0]
    before = window.session.editor.plan
    (view,) = dialog.views

    (show,) = (b for b in view.show_buttons if b.accessibleName() == "Show huge in the graph")
    qtbot.mouseClick(show, LEFT)
    qtbot.mouseClick(row.apply, LEFT)

    editor = window.session.editor
    assert editor.selected is not None
    assert editor.selected.id == "huge"
    assert editor.plan == row.remedy.plan
    assert editor.plan.choice(editor.selected.id) is None
    assert row.apply.text() == "Applied"
    window.actions_.undo.trigger()
    assert editor.plan == before
    assert row.apply.isEnabled()


def test_that_without_images_the_dialog_says_what_is_missing(
    window: MainWindow, qtbot: QtBot, tiny_model: Path
) -> None:
    dialog = opened(window, qtbot, tiny_model, None, "accuracy")

    assert dialog.obstacle.isVisible()
    assert "Add images" in dialog.obstacle.text()
    assert not dialog.start.isEnabled()


def test_that_cancelling_leaves_the_dialog_ready_and_no_doctor_means_nothing_to_ask(
    window: MainWindow, qtbot: QtBot, tiny_model: Path, tiny_data: Path
) -> None:
    dialog = opened(window, qtbot, tiny_model, tiny_data, "accuracy")
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: not dialog.start.isEnabled())

    qtbot.mouseClick(dialog.cancel, LEFT)
    qtbot.waitUntil(dialog.start.isEnabled, timeout=JOB_MS)

    assert dialog.views == []
    qtbot.mouseClick(dialog.boxes["accuracy"], LEFT)
    assert not dialog.start.isEnabled()


def test_that_the_menu_offers_the_doctors_with_a_key_of_their_own(window: MainWindow) -> None:
    action = window.actions_.doctors
    keys = [each.shortcut().toString() for each in window.findChildren(QAction)]

    assert action.shortcut().toString() == "Ctrl+Shift+H"
    assert keys.count("Ctrl+Shift+H") == 1
