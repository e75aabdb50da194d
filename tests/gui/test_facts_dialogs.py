"""The dialogs of a stored tensor and of the whole model, opened by clicks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from core.formats import read_graph
from core.model.tensor_facts import facts_of
from gui.dialogs.model_dialog import MemoryPage, ModelDialog
from gui.dialogs.tensor_dialog import TensorDialog
from gui.dialogs.tensor_pictures import (
    ChannelsPage,
    FiltersPage,
    HistogramPage,
    channel_words,
    image_of,
    values_view,
)
from gui.panels.text import Text
from gui.window import MainWindow

JOB_MS = 900_000

FindDialog = Callable[[type[QDialog]], QDialog]


def texts(dialog: QDialog) -> str:
    return "\n".join(each.text() for each in dialog.findChildren(Text) if each.isVisible())


def test_that_a_weight_and_the_model_are_looked_at_from_the_panel(
    window: MainWindow, qtbot: QtBot, dialog: FindDialog, tiny_model: Path
) -> None:
    session = window.session
    session.open(tiny_model)
    qtbot.waitUntil(lambda: session.model is not None, timeout=JOB_MS)
    assert session.model is not None
    graph = session.model.graph
    conv = graph.layers[0]
    session.editor.select(conv.id)
    ports = window.layer_panel.layer_facts.inputs
    qtbot.waitUntil(lambda: len(ports.links) == 2)

    qtbot.mouseClick(ports.links[0], Qt.MouseButton.LeftButton)
    shown = dialog(TensorDialog)
    assert isinstance(shown, TensorDialog)
    qtbot.waitUntil(lambda: shown.pages.count() == 4, timeout=JOB_MS)
    assert "8×3×3×3 float32 · 864 bytes in tiny.onnx" in texts(shown)
    assert "216" in texts(shown)
    for page in ("channels", "filters", "values", "histogram"):
        qtbot.mouseClick(shown.switch.button(page), Qt.MouseButton.LeftButton)
        assert shown.pages.currentWidget().isVisible()
    qtbot.keyClick(shown, Qt.Key.Key_Escape)

    window.facts_menu.section(conv.id)[-1].trigger()
    assert "operator: Conv" in QGuiApplication.clipboard().text()

    session.editor.select(None)
    more = window.layer_panel.model_facts.more
    qtbot.waitUntil(more.isVisible)
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    about = dialog(ModelDialog)
    assert isinstance(about, ModelDialog)
    qtbot.waitUntil(about.memory.peak.isVisible, timeout=JOB_MS)
    assert "At most 16.4 KB at one time" in texts(about)
    qtbot.mouseClick(about.switch.button("File"), Qt.MouseButton.LeftButton)
    assert "Opset of ai.onnx" in texts(about)
    qtbot.mouseClick(about.switch.button("Operators"), Qt.MouseButton.LeftButton)
    qtbot.keyClick(about.operators, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.layer_table.count.text() == "2 of 7")


def test_that_the_peak_leads_to_its_layer(qtbot: QtBot, tiny_model: Path) -> None:
    graph = read_graph(tiny_model)
    page = MemoryPage(graph)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(page.peak.isVisible, timeout=JOB_MS)

    with qtbot.waitSignal(page.layer_wanted) as told:
        qtbot.keyClick(page.peak, Qt.Key.Key_Space)

    assert told.args == [graph.layers[1].id], "8×16×16 floats in and out of the first Relu"
    with qtbot.waitSignal(page.layer_wanted) as told:
        page.chart.pressed.emit(2.4)
    assert told.args == [graph.layers[2].id]


@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (4, 6), (3, 2, 3, 3)])
def test_that_every_tensor_has_pages(qtbot: QtBot, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    facts, pictures = facts_of(array, 0)

    for page in (
        HistogramPage(pictures),
        ChannelsPage(pictures, facts.axis),
        FiltersPage(pictures.tiles),
        values_view(pictures.table),
    ):
        qtbot.addWidget(page)
        page.show()
        assert not page.grab().isNull()


def test_that_the_logarithm_changes_the_bars(qtbot: QtBot) -> None:
    array = np.concatenate([np.zeros(100_000), np.ones(3)])
    _, pictures = facts_of(array, 0)
    page = HistogramPage(pictures)
    qtbot.addWidget(page)
    page.show()
    before = page.grab().toImage()

    page.log.click()

    assert page.grab().toImage() != before


def test_that_a_channel_far_wider_than_the_rest_is_named() -> None:
    low, high = np.full(16, -1.0), np.full(16, 1.0)
    high[5] = 9

    words = channel_words(low, high, 0)

    assert "channel 5" in words and "9.0 times" in words and "per channel" in words
    assert "per channel" not in channel_words(low, np.ones(16), 0)
    assert channel_words(np.zeros(0), np.zeros(0), None) == "It has a single channel."


def test_that_negative_is_blue_and_positive_is_red(qtbot: QtBot) -> None:
    tiles = np.array([[[-1.0, 0.0, 1.0]]], dtype=np.float32)

    left, middle, right = image_of(tiles, 1.0)[0]

    assert left[2] > left[0] and right[0] > right[2]
    assert middle.min() > 200, "zero is the light theme's ground"
