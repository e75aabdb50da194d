"""Pre-flight in the window: asked by a click, fixes applied by another, taken back by Undo."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.devices.preflight_dialog import PreflightDialog
from gui.devices.preflight_view import FixRow, PreflightView
from gui.window import MainWindow

JOB_MS = 900_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """x (N, 3, H, W) → Relu → Det, which no TensorRT takes, → y."""
    nodes = [
        helper.make_node("Relu", ["x"], ["r"], "relu"),
        helper.make_node("Det", ["r"], ["y"], "det"),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, "H", "W"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])],
    )
    path = tmp_path / "model.onnx"
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot, model: Path) -> PreflightDialog:
    session = window.session
    session.open(model)
    qtbot.waitUntil(lambda: session.model is not None, timeout=JOB_MS)
    window.actions_.preflight.trigger()
    (dialog,) = window.findChildren(PreflightDialog)
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def looked(dialog: PreflightDialog, qtbot: QtBot) -> PreflightView:
    before = dialog.view
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: dialog.view not in (None, before), timeout=JOB_MS)
    qtbot.waitUntil(dialog.start.isEnabled)
    assert dialog.view is not None
    return dialog.view


def row_of(view: PreflightView, label: str) -> FixRow:
    return next(row for row in view.fixes if row.fix.label.startswith(label))


def test_that_fixes_are_applied_by_a_click_and_taken_back_by_undo(
    window: MainWindow, qtbot: QtBot, dialog: PreflightDialog
) -> None:
    view = looked(dialog, qtbot)
    assert not view.report.ready
    assert {finding.rule for finding in view.report.of("stops")} == {"operator"}

    end = row_of(view, "End the model before")
    qtbot.mouseClick(end.apply, LEFT)
    qtbot.waitUntil(lambda: end.apply.text() == "Applied", timeout=JOB_MS)
    fixed = row_of(view, "Fix x at")
    qtbot.mouseClick(fixed.apply, LEFT)
    qtbot.waitUntil(lambda: fixed.apply.text() == "Applied", timeout=JOB_MS)
    again = looked(dialog, qtbot)
    assert again.report.ready
    assert again.report.forms == ()

    window.actions_.undo.trigger()
    window.actions_.undo.trigger()
    qtbot.waitUntil(lambda: window.session.edits.made == ())


def test_that_a_plan_is_offered_and_a_layer_shown(
    window: MainWindow, qtbot: QtBot, dialog: PreflightDialog
) -> None:
    view = looked(dialog, qtbot)
    (show,) = (b for b in view.show_buttons if b.accessibleName() == "Show det in the graph")
    qtbot.mouseClick(show, LEFT)
    selected = window.session.editor.selected
    assert selected is not None
    assert selected.id == "det"

    simplify = row_of(view, "Simplify")
    qtbot.mouseClick(simplify.apply, LEFT)
    assert window.session.editor.plan.steps[0].technique == "simplify"
    assert (simplify.apply.text(), simplify.apply.isEnabled()) == ("Applied", False)
    window.actions_.undo.trigger()
    assert window.session.editor.plan.steps == ()
    assert simplify.apply.isEnabled()


def test_that_sizes_are_proposed_typed_and_checked(qtbot: QtBot, dialog: PreflightDialog) -> None:
    view = looked(dialog, qtbot)
    fields = dialog.form.sizes.fields["x"]
    assert fields[1].placeholderText() == "1×3×224×224"
    proposal = row_of(view, "Take the proposed")
    qtbot.mouseClick(proposal.apply, LEFT)
    assert [field.text() for field in fields] == ["1×3×112×112", "1×3×224×224", "8×3×448×448"]
    assert proposal.apply.text() == "Applied"

    fields[2].clear()
    qtbot.keyClicks(fields[2], "1,3,8,8")
    rules = {finding.rule for finding in looked(dialog, qtbot).report.of("stops")}
    assert rules == {"operator", "shapes"}
    assert dialog.form.sizes.fields["x"][2].text() == "1,3,8,8"


def test_that_the_target_device_comes_first_and_says_its_version(
    window: MainWindow, qtbot: QtBot, dialog: PreflightDialog
) -> None:
    version = dialog.form.version
    assert version.currentText().startswith("11.1.0")
    assert window.project_panel.preflight.isHidden()
    window.session.target.choose("jetson-nano-2gb")
    qtbot.waitUntil(lambda: "Nano" in version.currentText())
    target = dialog.form.target
    assert target is not None
    assert target.profile == "jetson-nano-2gb"
    assert not dialog.form.dla.isEnabled()
    assert not window.project_panel.preflight.isHidden()
    dialog.form.precision.setCurrentIndex(dialog.form.precision.findText("FP32"))
    assert dialog.form.target is not None
    assert dialog.form.target.precision == "f32"


def test_that_it_is_said_where_the_real_parser_is_to_be_had(
    qtbot: QtBot, dialog: PreflightDialog
) -> None:
    view = looked(dialog, qtbot)
    assert view.report.parser is None
    assert "tensorrt-rtx" in view.report.parser_missing
