"""The advisor in the window: asked by a click, answered as the question changes, applied by one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.devices.profile_choice import ProfileChoice
from core.search.advisor.advice import Advice, MakeEdit
from gui.devices.advisor_dialog import AdvisorDialog
from gui.window import MainWindow
from tests.search.advisor_models import save_residual

JOB_MS = 900_000
LEFT = Qt.MouseButton.LeftButton
ORIN = "jetson-orin-nano-8gb-super"
DEFAULT_MODES = {ORIN: "25W"}


def opened(
    window: MainWindow, qtbot: QtBot, model: Path | None, device: str | None
) -> AdvisorDialog:
    """The dialog over an open model; with a device its answer is there."""
    session = window.session
    if model is not None:
        session.open(model)
        qtbot.waitUntil(lambda: session.model is not None, timeout=JOB_MS)
    if device is not None:
        session.target.choose(device, DEFAULT_MODES.get(device))
    window.actions_.advisor.trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(AdvisorDialog)))
    (dialog,) = window.findChildren(AdvisorDialog)
    qtbot.waitUntil(dialog.isVisible)
    if model is not None and device is not None:
        qtbot.waitUntil(lambda: answered_about(dialog, device), timeout=JOB_MS)
    return dialog


def wait_for(qtbot: QtBot, dialog: AdvisorDialog, holds: Callable[[Advice], bool]) -> None:
    def answered() -> bool:
        return dialog.view is not None and holds(dialog.view.advice)

    qtbot.waitUntil(answered, timeout=JOB_MS)


def answered_about(dialog: AdvisorDialog, device: str) -> bool:
    return dialog.view is not None and dialog.view.advice.profile == device


def test_that_one_click_uses_a_suggested_plan_and_undo_takes_it_back(
    window: MainWindow, qtbot: QtBot, tiny_model: Path
) -> None:
    dialog = opened(window, qtbot, tiny_model, ORIN)
    assert dialog.view is not None
    card = dialog.view.card("fp16")
    before = window.session.editor.plan

    qtbot.mouseClick(card.apply, LEFT)

    assert window.session.editor.plan == card.suggestion.plan
    assert (card.apply.text(), card.apply.isEnabled()) == ("Applied", False)
    window.actions_.undo.trigger()
    assert window.session.editor.plan == before
    assert card.apply.isEnabled()


def test_that_evidence_is_shown_on_demand_and_what_is_missing_has_no_button(
    window: MainWindow, qtbot: QtBot, tiny_model: Path
) -> None:
    dialog = opened(window, qtbot, tiny_model, ORIN)
    assert dialog.view is not None
    sentences = dialog.view.card("int8").sentences
    assert not any(row.evidence.isVisible() for row in sentences.rows)

    qtbot.mouseClick(sentences.why, LEFT)

    assert all(row.evidence.isVisible() for row in sentences.rows)
    told = [row.evidence.text() for row in sentences.rows]
    assert any("Rule N11" in text and "ultralytics" in text for text in told)
    for card in dialog.view.cards:
        assert card.apply.isVisible() == (card.suggestion.action is not None)
        assert card.suggestion.missing in card.remark.text()
    assert "not in this version" in dialog.view.card("sparsity").remark.text()
    assert dialog.view.width() <= dialog.width()


def test_that_the_answer_follows_the_question(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = opened(window, qtbot, save_residual(tmp_path / "m.onnx"), ORIN)
    form = dialog.form
    assert form.mode.currentData() == "25W"
    assert not form.round_trip.isVisible()

    form.frames.setFocus()
    form.frames.selectAll()
    qtbot.keyClicks(form.frames, "50000")
    qtbot.keyClick(form.frames, Qt.Key.Key_Return)
    wait_for(qtbot, dialog, lambda advice: advice.real_time.chance == "no")
    qtbot.mouseClick(form.aim.button("size"), LEFT)
    wait_for(qtbot, dialog, lambda advice: advice.aim == "size")
    qtbot.mouseClick(form.cloud, LEFT)
    assert form.round_trip.isVisible()
    wait_for(qtbot, dialog, lambda advice: advice.edge_or_cloud is not None)
    qtbot.keyClick(form.mode, Qt.Key.Key_Up)
    wait_for(qtbot, dialog, lambda advice: advice.mode == "15W")


def test_that_another_device_is_chosen_by_a_click_and_undo_goes_back(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = opened(window, qtbot, save_residual(tmp_path / "m.onnx"), "rpi-3b")
    dialog.form.frames.setValue(60)
    wait_for(qtbot, dialog, lambda advice: bool(advice.real_time.larger))
    assert dialog.view is not None
    larger = dialog.view.advice.real_time.larger[0]
    (button,) = (one for one in dialog.view.buttons if one.action_ == larger.action)

    qtbot.mouseClick(button, LEFT)

    assert window.session.target.choice == ProfileChoice(
        profile=larger.profile, mode=larger.action.mode
    )
    qtbot.waitUntil(lambda: answered_about(dialog, larger.profile), timeout=JOB_MS)
    assert dialog.form.device.text() == larger.name
    window.actions_.undo.trigger()
    assert window.session.target.choice == ProfileChoice(profile="rpi-3b")


def test_that_free_sizes_are_fixed_by_a_click_and_a_refused_edit_says_why(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    model = save_residual(tmp_path / "m.onnx", "N")
    dialog = opened(window, qtbot, model, "intel-npu-lnl")
    assert dialog.view is not None
    card = dialog.view.cards[0]
    assert card.suggestion.id == "static-shapes"

    qtbot.mouseClick(card.apply, LEFT)

    wait_for(qtbot, dialog, lambda advice: advice.suggestions[0].id != "static-shapes")
    fixed = ("Set the shape of image to 1, 3, 224, 224",)
    assert window.session.edits.sentences == fixed

    dialog.view.wanted.emit(MakeEdit(edit={"kind": "input-shapes", "shapes": {"absent": [1, 3]}}))
    qtbot.waitUntil(dialog.trouble.isVisible, timeout=JOB_MS)
    assert "absent" in dialog.trouble.accessibleName()
    assert window.session.edits.sentences == fixed


def test_that_without_a_model_the_dialog_says_what_to_do_first(
    window: MainWindow, qtbot: QtBot
) -> None:
    dialog = opened(window, qtbot, None, ORIN)
    qtbot.waitUntil(lambda: dialog.state.text() == "Open a model first.")
    assert dialog.view is None
    keys = [each.shortcut().toString() for each in window.findChildren(QAction)]
    assert window.actions_.advisor.shortcut().toString() == "Ctrl+Shift+V"
    assert keys.count("Ctrl+Shift+V") == 1


def test_that_closing_while_the_answer_is_worked_out_leaves_nothing_behind(
    window: MainWindow, qtbot: QtBot, tiny_model: Path
) -> None:
    dialog = opened(window, qtbot, tiny_model, ORIN)
    dialog.form.frames.setValue(31)
    (close,) = (b for b in dialog.findChildren(QPushButton) if b.text() == "Close")
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.mouseClick(close, LEFT)
