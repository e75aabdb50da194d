"""Editing the open model by mouse and keyboard: made in a worker, undone, refused, saved."""

from collections.abc import Callable
from pathlib import Path

import onnx
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui.edit.edit_sheet import EditSheet
from gui.edit.save_sheet import SaveSheet
from gui.graph.canvas_menus import CanvasMenus
from gui.window import MainWindow

JOB_MS = 900_000
LEFT = Qt.MouseButton.LeftButton

Drop = Callable[[QWidget, Path], None]
FindDialog = Callable[[type[QDialog]], QDialog]


def open_model(window: MainWindow, qtbot: QtBot, drop: Drop, model: Path) -> None:
    drop(window, model)
    qtbot.waitUntil(lambda: window.session.model is not None, timeout=JOB_MS)
    qtbot.waitUntil(lambda: bool(window.job_status.saved.text()), timeout=JOB_MS)


def entries(window: MainWindow, layer: str | None) -> dict[str, Callable[[], None]]:
    """What the context menu of a layer, or of the ground, shows."""
    model = window.session.model
    assert model is not None
    menus = window.findChild(CanvasMenus)
    assert menus is not None
    window.session.editor.select(layer)
    item = (
        -1
        if layer is None
        else next(place for name, place in model.graph.index_of.items() if name == layer)
    )
    menu = menus.context_menu(item)
    return {action.text(): action.trigger for action in menu.actions()}


def field(sheet: QDialog, name: str) -> QLineEdit:
    return next(each for each in sheet.findChildren(QLineEdit) if each.accessibleName() == name)


def wait_for_edits(window: MainWindow, qtbot: QtBot, count: int) -> None:
    edits = window.session.edits
    qtbot.waitUntil(lambda: len(edits.made) == count and not edits.is_busy, timeout=JOB_MS)


def test_that_edits_are_made_undone_and_saved_as_another_model(
    window: MainWindow,
    qtbot: QtBot,
    drop: Drop,
    dialog: FindDialog,
    tiny_model: Path,
    tmp_path: Path,
) -> None:
    open_model(window, qtbot, drop, tiny_model)
    session, chip = window.session, window.edit_desk.chip
    assert not chip.isVisible()
    session.editor.select("stem/Conv")
    window.graph_area.canvas.setFocus()

    qtbot.keyClick(window.graph_area.canvas.surface, Qt.Key.Key_F2)
    sheet = dialog(EditSheet)
    qtbot.keyClicks(field(sheet, "New name"), "trunk/Conv")
    assert field(sheet, "New name").text() == "trunk/Conv"
    qtbot.keyClick(field(sheet, "New name"), Qt.Key.Key_Return)
    wait_for_edits(window, qtbot, 1)
    entries(window, "body/Relu")["Bypass"]()
    wait_for_edits(window, qtbot, 2)

    model = session.model
    assert model is not None
    assert [layer.id for layer in model.graph.layers[:3]] == ["stem/Conv", "stem/Relu", "body/Conv"]
    assert model.graph.layers[3].id == "head/Pool"
    assert "2 edits, not saved" in chip.count.text()
    assert "Save the edited model" in session.obstacle
    with qtbot.waitActive(window):  # offscreen, nobody gives it back after a dialog
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for_edits(window, qtbot, 1)
    assert len(session.model.graph.layers) == 7

    qtbot.mouseClick(chip.save, LEFT)
    save = dialog(SaveSheet)
    assert isinstance(save, SaveSheet)
    save.target.setText(str(tiny_model))
    save.overwrite.setChecked(True)
    qtbot.mouseClick(save.start, LEFT)
    qtbot.waitUntil(save.trouble.isVisible, timeout=JOB_MS)
    assert "never written over its original" in save.trouble.accessibleName()
    save.target.setText(str(tmp_path / "edited.onnx"))
    qtbot.mouseClick(save.start, LEFT)

    opened = tmp_path / "edited.onnx"
    qtbot.waitUntil(lambda: session.model.path == opened, timeout=JOB_MS)
    assert onnx.load(opened).graph.node[0].name == "trunk/Conv"
    assert onnx.load(tiny_model).graph.node[0].name == "stem/Conv"
    assert not chip.isVisible()
    assert session.edits.made == ()


def test_that_a_refused_edit_stays_in_its_form_and_out_of_the_history(
    window: MainWindow, qtbot: QtBot, drop: Drop, dialog: FindDialog, tiny_model: Path
) -> None:
    open_model(window, qtbot, drop, tiny_model)

    entries(window, "body/Conv")["Change attributes…"]()
    sheet = dialog(EditSheet)
    assert isinstance(sheet, EditSheet)
    qtbot.mouseClick(sheet.make, LEFT)
    assert "No attribute was changed" in sheet.trouble.accessibleName()
    group = field(sheet, "group")
    group.selectAll()
    qtbot.keyClicks(group, "many")
    qtbot.mouseClick(sheet.make, LEFT)
    qtbot.waitUntil(lambda: "no value for" in sheet.trouble.accessibleName(), timeout=JOB_MS)
    assert sheet.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)

    entries(window, "stem/Conv")["Bypass"]()
    refused = dialog(EditSheet)
    assert isinstance(refused, EditSheet)
    assert "without it the types do not fit" in refused.trouble.accessibleName()
    refused.reject()
    assert window.session.edits.made == ()
    assert not window.session.editor.undo_stack.canUndo()


def test_that_edits_are_there_again_when_their_project_is_opened(
    window: MainWindow, qtbot: QtBot, drop: Drop, dialog: FindDialog, tiny_model: Path
) -> None:
    open_model(window, qtbot, drop, tiny_model)
    entries(window, "stem/Relu")["Bypass"]()
    wait_for_edits(window, qtbot, 1)
    folder = window.session.keeper.folder
    assert folder is not None
    drop(window, tiny_model)
    qtbot.waitUntil(lambda: window.session.keeper.folder != folder, timeout=JOB_MS)
    wait_for_edits(window, qtbot, 0)

    drop(window, folder)

    wait_for_edits(window, qtbot, 1)
    qtbot.waitUntil(lambda: len(window.session.model.graph.layers) == 6, timeout=JOB_MS)
    assert "1 edit, not saved" in window.edit_desk.chip.count.text()


def test_that_a_window_without_a_model_offers_no_edits(window: MainWindow) -> None:
    assert window.edit_desk.section(None) == ()
    window.edit_desk.show_save()
    assert not window.findChildren(SaveSheet)
