"""What the window shows when things are opened, go wrong, and are closed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.dialogs.closing_dialog import ClosingDialog
from gui.dialogs.devices_dialog import DevicesDialog
from gui.dialogs.images_dialog import ImagesDialog
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.window import MainWindow

JOB_MS = 900_000

Drop = Callable[[QWidget, Path], None]
FindDialog = Callable[[type[QDialog]], QDialog]


def shown_troubles(window: MainWindow) -> str:
    cards = [card for card in window.findChildren(TroubleCard) if card.isVisible()]
    return "\n".join(card.accessibleName() for card in cards)


def open_model(window: MainWindow, qtbot: QtBot, drop: Drop, model: Path) -> None:
    drop(window, model)
    qtbot.waitUntil(lambda: window.session.model is not None, timeout=JOB_MS)
    qtbot.waitUntil(lambda: bool(window.job_status.saved.text()), timeout=JOB_MS)


def test_that_the_empty_window_invites_to_open_a_model(window: MainWindow) -> None:
    texts = "\n".join(each.text() for each in window.findChildren(Text) if each.isVisible())

    assert "Drop a model here, or open the sample" in texts
    assert not window.steps.optimize.isEnabled()
    assert "Open a model first" in window.steps.optimize.toolTip()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.onnx", b"", "empty"),
        ("text.onnx", b"this is no model\n", "text"),
        ("cut.onnx", None, ""),
    ],
)
def test_that_a_file_that_is_no_model_gets_a_sentence_with_a_remedy(
    window: MainWindow,
    qtbot: QtBot,
    drop: Drop,
    tmp_path: Path,
    tiny_model: Path,
    name: str,
    content: bytes | None,
    said: str,
) -> None:
    broken = tmp_path / name
    broken.write_bytes(tiny_model.read_bytes()[:200] if content is None else content)

    drop(window, broken)

    qtbot.waitUntil(lambda: shown_troubles(window) != "", timeout=JOB_MS)
    assert name in shown_troubles(window)
    assert said in shown_troubles(window)
    assert "needs attention" in window.steps.steps["Model"].accessibleName()


def test_that_a_broken_file_leaves_the_open_model_alone(
    window: MainWindow, qtbot: QtBot, drop: Drop, tmp_path: Path, tiny_model: Path
) -> None:
    open_model(window, qtbot, drop, tiny_model)
    broken = tmp_path / "broken.onnx"
    broken.write_text("no model")

    drop(window, broken)

    qtbot.waitUntil(lambda: "broken.onnx" in shown_troubles(window), timeout=JOB_MS)
    assert "tiny" in window.project_panel.model.accessibleName()
    assert "settled" in window.steps.steps["Model"].accessibleName()


def test_that_a_folder_without_images_is_refused_beside_the_images(
    window: MainWindow, qtbot: QtBot, drop: Drop, tmp_path: Path, tiny_model: Path
) -> None:
    open_model(window, qtbot, drop, tiny_model)
    (tmp_path / "photos").mkdir()

    drop(window, tmp_path / "photos")

    qtbot.waitUntil(lambda: "photos" in shown_troubles(window), timeout=JOB_MS)
    assert "Cannot be used" in window.project_panel.images.accessibleName()
    assert not window.steps.optimize.isEnabled()


def test_that_images_dropped_before_the_model_are_looked_at_once_it_is_there(
    window: MainWindow, qtbot: QtBot, drop: Drop, tiny_model: Path, tiny_data: Path
) -> None:
    drop(window, tiny_data)
    assert "Waiting for a model" in window.project_panel.images.accessibleName()

    open_model(window, qtbot, drop, tiny_model)

    qtbot.waitUntil(lambda: window.session.images is not None, timeout=JOB_MS)
    assert "24 images of 4 classes" in window.project_panel.images.accessibleName()


def test_that_an_edited_preparation_is_used_and_shown(
    window: MainWindow,
    qtbot: QtBot,
    drop: Drop,
    dialog: FindDialog,
    tiny_model: Path,
    tiny_data: Path,
) -> None:
    open_model(window, qtbot, drop, tiny_model)
    drop(window, tiny_data)
    qtbot.waitUntil(lambda: window.session.images is not None, timeout=JOB_MS)
    qtbot.mouseClick(window.steps.steps["Images"], Qt.MouseButton.LeftButton)
    images = dialog(ImagesDialog)
    assert isinstance(images, ImagesDialog)

    qtbot.mouseClick(images.edit, Qt.MouseButton.LeftButton)
    images.form.fields["mean"].setText("0.1 0.2")
    qtbot.mouseClick(images.use, Qt.MouseButton.LeftButton)
    assert images.isVisible()
    assert "mean needs 1 or 3 numbers" in images.form.problems.text()
    images.form.fields["mean"].setText("0.1 0.2 0.3")
    qtbot.mouseClick(images.use, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: window.session.images is not None, timeout=JOB_MS)
    assert "mean 0.1 0.2 0.3" in window.project_panel.images.accessibleName()


def test_that_the_device_dialog_says_what_the_processor_does(
    window: MainWindow, qtbot: QtBot, dialog: FindDialog
) -> None:
    window.session.measuring.scan()
    qtbot.waitUntil(lambda: window.session.device is not None, timeout=JOB_MS)

    window.actions_.devices.trigger()

    device = window.session.device
    assert device is not None
    shown = dialog(DevicesDialog)
    texts = [text.text() for text in shown.findChildren(Text)]
    assert device.processor in texts
    assert device.boost_detail in texts
    shown.reject()


def test_that_a_choice_can_be_undone_and_is_kept_in_the_project(
    window: MainWindow, qtbot: QtBot, drop: Drop, tiny_model: Path
) -> None:
    open_model(window, qtbot, drop, tiny_model)
    panel = window.layer_panel
    qtbot.waitUntil(lambda: panel.choice.pressed() == "keep")

    qtbot.mouseClick(panel.choice.button("int8"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.choice.pressed() == "int8")
    qtbot.waitUntil(lambda: window.steps.optimize.text() == "Measure my plan")
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    qtbot.waitUntil(lambda: panel.choice.pressed() == "keep")
    assert window.session.editor.plan.steps == ()


def test_that_a_project_opens_with_what_was_settled(
    window: MainWindow, qtbot: QtBot, drop: Drop, tiny_model: Path, tiny_data: Path, tmp_path: Path
) -> None:
    open_model(window, qtbot, drop, tiny_model)
    drop(window, tiny_data)
    qtbot.waitUntil(lambda: window.session.images is not None, timeout=JOB_MS)
    window.session.editor.choose("fp16")
    folder = window.session.keeper.folder
    assert folder is not None
    open_model(window, qtbot, drop, tiny_model)
    qtbot.waitUntil(lambda: window.session.keeper.folder != folder, timeout=JOB_MS)
    assert window.session.editor.plan.steps == ()

    drop(window, folder)

    qtbot.waitUntil(lambda: bool(window.session.editor.plan.steps), timeout=JOB_MS)
    qtbot.waitUntil(lambda: window.session.images is not None, timeout=JOB_MS)
    assert window.session.editor.plan.steps[0].technique == "fp16"


def test_that_light_and_dark_can_be_changed_while_everything_is_shown(
    window: MainWindow, qtbot: QtBot, drop: Drop, tiny_model: Path
) -> None:
    open_model(window, qtbot, drop, tiny_model)
    backgrounds = []
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        picture = window.grab().toImage()
        backgrounds.append(picture.pixelColor(4, picture.height() // 2).lightnessF())
    theme.set_mode("system")

    assert backgrounds[0] > 0.9
    assert backgrounds[1] < 0.2


def test_that_closed_panels_come_back_with_reset_layout(window: MainWindow) -> None:
    for dock in (window.project_dock, window.layer_dock):
        dock.close()
        assert not dock.isVisible()

    window.actions_.reset.trigger()

    assert window.project_dock.isVisible()
    assert window.layer_dock.isVisible()


def test_that_everything_that_can_be_pressed_has_a_name(
    window: MainWindow, qtbot: QtBot, drop: Drop, tiny_model: Path
) -> None:
    open_model(window, qtbot, drop, tiny_model)

    nameless = [
        button
        for button in window.findChildren(QAbstractButton)
        if button.isVisible()
        and not isinstance(button.parent(), QLineEdit)  # the looking glass is a picture
        and not (button.accessibleName() or button.text())
    ]

    assert nameless == []


def test_that_closing_while_optimizing_asks_and_can_stop_the_job(
    window: MainWindow, qtbot: QtBot, drop: Drop, dialog: FindDialog, tiny_model: Path
) -> None:
    window.session.measuring.scan()
    qtbot.waitUntil(lambda: window.session.device is not None, timeout=JOB_MS)
    open_model(window, qtbot, drop, tiny_model)
    qtbot.waitUntil(window.steps.optimize.isEnabled)
    qtbot.mouseClick(window.steps.optimize, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.optimization.is_running)

    window.close()

    assert window.isVisible()
    closing = dialog(ClosingDialog)
    assert isinstance(closing, ClosingDialog)
    qtbot.mouseClick(closing.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=JOB_MS)
    assert not window.session.optimization.is_running


def test_that_the_demonstration_optimizes_the_sample_by_itself(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.open_sample()
    window.optimize_when_ready()
    window.session.measuring.scan()

    qtbot.waitUntil(lambda: window.session.optimization.is_running, timeout=JOB_MS)
    qtbot.waitUntil(window.results_panel.isVisible)
    qtbot.mouseClick(window.job_status.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.session.jobs.running, timeout=JOB_MS)

    assert window.job_status.state.text() == "Ready"
