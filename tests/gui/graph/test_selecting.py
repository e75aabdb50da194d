"""Clicks, keys and the search choose, open and close what the graph shows."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from core.model.graph import ModelGraph
from gui.graph.canvas import GraphCanvas
from gui.graph.frames import close_button
from tests.gui.graph.conftest import first_group, item_of, place_of, scene_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen platform


def test_that_a_click_on_a_box_selects_its_layer(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    layer = graph.layers[1].id

    with qtbot.waitSignal(canvas.layer_selected) as told:
        qtbot.mouseClick(canvas.surface, Qt.MouseButton.LeftButton, pos=place_of(canvas, 1))

    assert told.args == [layer]
    assert canvas.selected == layer


def test_that_a_click_on_the_ground_clears_the_selection(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.select(graph.layers[0].id)

    with qtbot.waitSignal(canvas.selection_cleared):
        qtbot.mouseClick(canvas.surface, Qt.MouseButton.LeftButton, pos=QPoint(30, 300))

    assert canvas.selected is None


def test_that_selecting_from_outside_tells_nobody_and_brings_the_layer_into_view(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    last = len(graph.layers) - 1

    with qtbot.assertNotEmitted(canvas.layer_selected):
        canvas.select(graph.layers[last].id)

    qtbot.waitUntil(lambda: canvas.surface.rect().contains(place_of(canvas, last)))
    assert canvas.selected == graph.layers[last].id


def test_that_a_layer_in_closed_groups_is_revealed(canvas: GraphCanvas, graph: ModelGraph) -> None:
    canvas.set_graph(graph)
    canvas.collapse_all()
    hidden = next(
        index for index in range(len(graph.layers)) if scene_of(canvas).rectangle(index) is None
    )

    canvas.select(graph.layers[hidden].id)

    assert scene_of(canvas).rectangle(hidden) is not None
    assert canvas.selected == graph.layers[hidden].id


def test_that_a_double_click_opens_a_group_and_leaves_it_where_it_is(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.collapse_all()
    group = first_group(canvas)
    before = place_of(canvas, group)

    qtbot.mouseDClick(canvas.surface, Qt.MouseButton.LeftButton, pos=before)

    assert group in scene_of(canvas).expanded
    frame = scene_of(canvas).rectangle(group)
    assert frame is not None
    top = canvas.surface.camera.to_view(QPointF(frame.center().x(), frame.top()))
    half = 21 * canvas.surface.camera.zoom
    assert abs(top.x() - before.x()) <= 2
    assert abs(top.y() - (before.y() - half)) <= 2


def test_that_the_button_in_a_header_closes_the_group(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    group = first_group(canvas)
    frame = scene_of(canvas).rectangle(group)
    assert frame is not None
    button = canvas.surface.camera.to_view(close_button(frame).center()).toPoint()

    qtbot.mouseClick(canvas.surface, Qt.MouseButton.LeftButton, pos=button)

    assert group not in scene_of(canvas).expanded


def test_that_a_double_click_on_a_layer_activates_it(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)

    with qtbot.waitSignal(canvas.layer_activated) as told:
        qtbot.mouseDClick(canvas.surface, Qt.MouseButton.LeftButton, pos=place_of(canvas, 0))

    assert told.args == [graph.layers[0].id]


def test_that_arrow_keys_walk_along_the_lines(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.select(graph.layers[0].id)

    qtbot.keyClick(canvas.surface, Qt.Key.Key_Down)
    following = canvas.selected
    qtbot.keyClick(canvas.surface, Qt.Key.Key_Up)

    assert (0, item_of(graph, following or "")) in graph.edges
    assert canvas.selected == graph.layers[0].id


def test_that_enter_and_backspace_open_and_close_groups(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.collapse_all()
    group = first_group(canvas)
    canvas.reveal(group)

    qtbot.keyClick(canvas.surface, Qt.Key.Key_Return)
    opened = scene_of(canvas).expanded
    canvas.select(graph.layers[int(scene_of(canvas).tree.children_of(group)[0])].id)
    qtbot.keyClick(canvas.surface, Qt.Key.Key_Backspace)

    assert group in opened
    assert group not in scene_of(canvas).expanded


def test_that_search_finds_a_layer_and_goes_there(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    wanted = graph.layers[-1]
    canvas.find()
    field = canvas.chrome.bar.search

    qtbot.keyClicks(field, f"{wanted.operator} {wanted.name}".lower())
    found = field.results()
    with qtbot.waitSignal(canvas.layer_selected) as told:
        qtbot.keyClick(field, Qt.Key.Key_Return)

    assert any(wanted.name in line for line in found)
    assert told.args == [wanted.id]
    assert field.text()


def test_that_search_says_when_nothing_is_found(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    field = canvas.chrome.bar.search

    qtbot.keyClicks(field, "no such layer")
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert field.results() == []
    assert canvas.selected is None
