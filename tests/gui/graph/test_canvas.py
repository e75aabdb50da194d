"""What the canvas shows: models, layouts, colours, and what goes wrong."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThreadPool
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from core.layout import read_layout, write_initial_layout
from core.model.graph import ModelGraph
from gui import theme
from gui.graph.canvas import GraphCanvas
from gui.graph.colouring import Colouring
from tests.gui.graph.conftest import place_of, scene_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen platform


def picture(canvas: GraphCanvas, qtbot: QtBot) -> QImage:
    """Of the graph, once no box waits for being painted any more."""
    taken: list[QImage] = []

    def is_complete() -> bool:
        taken.append(canvas.surface.grab().toImage())
        return len(taken) > 1 and taken[-1] == taken[-2]

    qtbot.waitUntil(is_complete)
    return taken[-1]


def test_that_an_empty_canvas_invites_to_open_the_sample(canvas: GraphCanvas, qtbot: QtBot) -> None:
    buttons = {button.text(): button for button in canvas.chrome.empty.findChildren(QPushButton)}

    assert canvas.chrome.empty.isVisible()
    with qtbot.waitSignal(canvas.open_sample_requested):
        qtbot.mouseClick(buttons["Open the sample"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(canvas.open_model_requested):
        qtbot.mouseClick(buttons["Open a model…"], Qt.MouseButton.LeftButton)


def test_that_colours_follow_the_colouring_and_its_legend(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    before = picture(canvas, qtbot)

    figures = {layer.id: float(index + 1) for index, layer in enumerate(graph.layers)}
    canvas.set_colouring(Colouring("Latency", "ms per layer", figures))

    assert picture(canvas, qtbot) != before
    assert canvas.chrome.bar.colourings.pressed() == "Latency"
    assert canvas.chrome.legend.words()[-1].endswith("ms")


def test_that_a_person_can_choose_another_colouring(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)

    with qtbot.waitSignal(canvas.colouring_chosen) as told:
        qtbot.mouseClick(canvas.chrome.bar.colourings.button("Size"), Qt.MouseButton.LeftButton)

    assert told.args == ["Size"]
    assert canvas.colouring is not None
    assert canvas.colouring.title == "Size"


def test_that_an_added_colouring_waits_until_it_is_chosen(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.add_colouring(Colouring("Latency", "ms per layer"))
    canvas.set_graph(graph)
    canvas.add_colouring(Colouring("Precision", kind="category", palette=("f32",)))

    assert canvas.colouring is not None
    assert canvas.colouring.title == "Operator"
    canvas.choose_colouring("Precision")
    canvas.remove_colouring("Precision")
    assert canvas.colouring.title == "Operator"


def test_that_light_and_dark_look_different_and_come_back(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    light = picture(canvas, qtbot)

    theme.set_mode("dark")
    dark = picture(canvas, qtbot)
    theme.set_mode("light")

    assert dark.pixelColor(5, 5).lightness() < 60 < light.pixelColor(5, 5).lightness()
    assert picture(canvas, qtbot) == light


def test_that_a_large_model_is_laid_out_beside_the_windows_thread(
    canvas: GraphCanvas, large_graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(large_graph)

    assert canvas.chrome.busy.isVisible()
    assert "6,000 layers" in canvas.chrome.busy.text()
    qtbot.waitUntil(lambda: canvas.surface.scene is not None)
    assert len(scene_of(canvas).boxes) < 1100
    canvas.expand_all()
    qtbot.waitUntil(lambda: len(scene_of(canvas).boxes) > 6000)


def test_that_a_layer_selected_before_the_layout_is_ready_is_shown_after(
    canvas: GraphCanvas, large_graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(large_graph)
    wanted = large_graph.layers[3000].id

    canvas.select(wanted)

    qtbot.waitUntil(lambda: canvas.selected == wanted)


def test_that_another_model_replaces_one_that_is_still_being_laid_out(
    canvas: GraphCanvas, large_graph: ModelGraph, graph: ModelGraph
) -> None:
    canvas.set_graph(large_graph)
    canvas.set_graph(graph)
    QThreadPool.globalInstance().waitForDone()
    QApplication.processEvents()

    assert scene_of(canvas).tree.layers == len(graph.layers)


def test_that_a_saved_layout_is_shown_as_it_was_saved(
    canvas: GraphCanvas, graph: ModelGraph, tmp_path: Path
) -> None:
    write_initial_layout(graph, tmp_path)
    saved = read_layout(tmp_path)

    canvas.set_graph(graph, saved)

    assert scene_of(canvas).drawing is saved.drawing


def test_that_the_layout_of_another_model_is_not_used(
    canvas: GraphCanvas, graph: ModelGraph, large_graph: ModelGraph, tmp_path: Path
) -> None:
    write_initial_layout(large_graph, tmp_path)

    canvas.set_graph(graph, read_layout(tmp_path))

    assert len(scene_of(canvas).boxes) <= len(graph.layers) + 2


def test_that_hostile_names_are_drawn_as_text(
    canvas: GraphCanvas, hostile_graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(hostile_graph)
    place = place_of(canvas, 0)

    canvas.grab()
    tip = QHelpEvent(QHelpEvent.Type.ToolTip, place, canvas.surface.mapToGlobal(place))
    QApplication.sendEvent(canvas.surface, tip)

    assert "&lt;img" in QToolTip.text()
    assert "<img" not in QToolTip.text()


def test_that_a_fault_while_painting_is_reported_once_and_leaves_the_window_alive(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas.set_graph(graph)
    reported: list[Exception] = []
    canvas.surface.failed.disconnect()
    canvas.surface.failed.connect(reported.append)

    def broken(*_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(canvas.surface._painter, "paint", broken)
    canvas.grab()
    canvas.grab()
    assert [str(error) for error in reported] == ["a defect"]

    canvas.set_graph(graph)
    assert not canvas.surface.grab().isNull()


def test_that_every_button_over_the_graph_has_an_accessible_name(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.set_graph(graph)

    for button in canvas.findChildren(QPushButton):
        assert button.accessibleName() or button.text()
    assert canvas.surface.accessibleName()
