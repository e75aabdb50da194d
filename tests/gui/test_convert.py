"""A model that can only be looked at: the bar over the graph, and the dialog that converts it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from gui.dialogs.convert_dialog import ConvertDialog
from gui.panels.text import Text
from gui.window import MainWindow
from gui.wording import model_file_filter

FILES = Path(__file__).parent.parent / "formats" / "files"
JOB_MS = 900_000
LEFT = Qt.MouseButton.LeftButton

Drop = Callable[[QWidget, Path], None]


@pytest.fixture
def opened(
    window: MainWindow,
    qtbot: QtBot,
    drop: Drop,
    tmp_path: Path,
    dialog: Callable[[type[QDialog]], QDialog],
) -> Callable[[str], ConvertDialog]:
    """Drop one of the sample files on the window and press the button on the bar."""

    def open_file(name: str) -> ConvertDialog:
        model = tmp_path / name
        shutil.copy(FILES / name, model)
        drop(window, model)
        qtbot.waitUntil(lambda: window.session.model is not None, timeout=JOB_MS)
        qtbot.mouseClick(window.convert_bar.convert, LEFT)
        found = dialog(ConvertDialog)
        assert isinstance(found, ConvertDialog)
        return found

    return open_file


def words_of(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(Text) if each.isVisible())


def test_that_an_exported_program_is_converted_after_consent_and_opens(
    window: MainWindow,
    qtbot: QtBot,
    opened: Callable[[str], ConvertDialog],
    pytorch_stand_in: Path,
    tmp_path: Path,
) -> None:
    dialog = opened("tiny.pt2")
    assert "nothing in it was run" in words_of(window.convert_bar)
    assert "Convert it first" in window.steps.optimize.toolTip()
    assert window.session.keeper.folder is None
    assert "torch.export.load" in words_of(dialog)
    assert "scratch folder" in words_of(dialog)

    dialog.python.setText(str(pytorch_stand_in))
    assert not dialog.start.isEnabled()
    assert "may run" in dialog.start.toolTip()
    dialog.trust.setFocus()
    qtbot.keyClick(dialog.trust, Qt.Key.Key_Space)
    qtbot.mouseClick(dialog.start, LEFT)

    qtbot.waitUntil(lambda: window.session.model.graph.format == "onnx", timeout=JOB_MS)
    assert window.session.model.path == tmp_path / "tiny.onnx"
    assert not window.convert_bar.isVisible()
    assert [layer.id for layer in window.session.model.graph.layers] == ["conv2d", "relu"]


def test_that_weights_ask_for_the_code_that_builds_the_model(
    window: MainWindow, qtbot: QtBot, opened: Callable[[str], ConvertDialog], tmp_path: Path
) -> None:
    dialog = opened("tiny.pth")
    asked = words_of(dialog)
    assert "Architecture" in asked
    assert "Sizes of the inputs" in asked

    dialog.architecture.setText(str(FILES / "architecture.py"))
    dialog.architecture.editingFinished.emit()
    qtbot.waitUntil(lambda: dialog.builder.currentText() == "Tiny")
    dialog.sizes.setText("1, 3, eight, 8")
    assert "sizes" in dialog.start.toolTip()
    dialog.python.setText(str(tmp_path / "nothing"))
    dialog.sizes.setText("1, 3, 8, 8")
    dialog.trust.click()
    qtbot.mouseClick(dialog.start, LEFT)

    qtbot.waitUntil(lambda: "no Python interpreter" in words_of(dialog), timeout=JOB_MS)
    assert dialog.isVisible()
    dialog.reject()


def test_that_the_file_dialog_offers_every_format() -> None:
    every, *each = model_file_filter().split(";;")
    assert "*.onnx" in every and "*.pt2" in every and "*.safetensors" in every
    assert "PyTorch exported program (*.pt2)" in each
    assert each[-1] == "All (*)"


def test_that_nothing_is_offered_to_choose_for_a_model_that_is_only_drawn(
    window: MainWindow, opened: Callable[[str], ConvertDialog]
) -> None:
    opened("tiny_traced.pt").reject()
    assert not window.layer_panel.choice.isVisible()
    assert not window.layer_panel.plan_facts.isVisible()
