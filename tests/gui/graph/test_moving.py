"""The view moves and zooms, and keeps its place when the window or the drawing changes."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.model.graph import ModelGraph
from gui.graph.canvas import GraphCanvas
from tests.gui.graph.conftest import first_group, place_of, scene_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen platform


def test_that_keys_zoom_and_fit(canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot) -> None:
    canvas.set_graph(graph)
    canvas.surface.setFocus()
    start = canvas.surface.camera.zoom

    qtbot.keyClick(canvas.surface, Qt.Key.Key_Plus)
    larger = canvas.surface.camera.zoom
    qtbot.keyClick(canvas.surface, Qt.Key.Key_0)
    assert canvas.surface.camera.zoom == pytest.approx(1.0)
    qtbot.keyClick(canvas.surface, Qt.Key.Key_F)

    assert larger > start
    bounds = scene_of(canvas).bounds
    view = canvas.surface.view
    qtbot.waitUntil(lambda: view() is not None and view().area.contains(bounds))


def test_that_the_wheel_zooms_where_the_mouse_is(canvas: GraphCanvas, graph: ModelGraph) -> None:
    canvas.set_graph(graph)
    place = QPointF(place_of(canvas, 1))
    under = canvas.surface.camera.to_scene(place)
    start = canvas.surface.camera.zoom
    event = QWheelEvent(
        place,
        canvas.surface.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )

    QApplication.sendEvent(canvas.surface, event)

    assert canvas.surface.camera.zoom > start
    after = canvas.surface.camera.to_scene(place)
    assert (after - under).manhattanLength() < 0.01


def test_that_dragging_moves_the_graph_and_selects_nothing(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    start = place_of(canvas, 1)

    with qtbot.assertNotEmitted(canvas.layer_selected):
        qtbot.mousePress(canvas.surface, Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(canvas.surface, start + QPoint(20, 8))
        qtbot.mouseMove(canvas.surface, start + QPoint(60, 40))
        qtbot.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 40))

    moved = place_of(canvas, 1) - start
    assert (moved - QPoint(60, 40)).manhattanLength() <= 2


def test_that_a_resized_window_shows_the_start_until_a_person_moves(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    spine = QPointF(scene_of(canvas).spine, 0)

    canvas.resize(700, 500)
    assert canvas.surface.camera.to_view(spine).x() == pytest.approx(350, abs=1)
    canvas.surface.zoom_by(1.5)
    zoom = canvas.surface.camera.zoom
    canvas.resize(900, 600)

    assert canvas.surface.camera.zoom == zoom
    assert canvas.surface.camera.to_view(spine).x() == pytest.approx(450, abs=1)


def test_that_the_graph_keeps_its_room_in_a_small_window(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.set_graph(graph)
    assert canvas.chrome.minimap.isVisible()
    assert canvas.chrome.legend.isVisible()

    canvas.resize(320, 300)

    assert not canvas.chrome.minimap.isVisible()
    assert not canvas.chrome.legend.isVisible()


def test_that_the_switch_becomes_a_menu_where_there_is_little_room(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    bar = canvas.chrome.bar
    assert bar.colourings.isVisible()

    canvas.resize(300, 500)

    qtbot.waitUntil(lambda: not bar.colourings.isVisible())
    assert bar.colouring_menu.isVisible()
    entry = next(each for each in bar.colouring_menu.menu().actions() if each.text() == "Size")
    entry.trigger()
    assert canvas.colouring is not None
    assert canvas.colouring.title == "Size"


def test_that_opening_everything_keeps_what_is_in_the_middle(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.set_graph(graph)
    canvas.collapse_all()
    canvas.actual_size()
    view = canvas.surface.view()
    assert view is not None
    middle = scene_of(canvas).nearest_box(view.area)
    assert middle is not None
    before = place_of(canvas, middle)

    canvas.expand_all()
    canvas.collapse_all()

    assert (place_of(canvas, middle) - before).manhattanLength() <= 60


def test_that_the_map_moves_the_view(canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot) -> None:
    canvas.set_graph(graph)
    canvas.actual_size()
    before = canvas.surface.camera.y
    low = QPoint(canvas.chrome.minimap.width() // 2, canvas.chrome.minimap.height() - 12)

    qtbot.mouseClick(canvas.chrome.minimap, Qt.MouseButton.LeftButton, pos=low)

    assert canvas.surface.camera.y > before


def test_that_the_path_names_the_groups_around_the_view(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.set_graph(graph)
    group = first_group(canvas)
    frame = scene_of(canvas).rectangle(group)
    assert frame is not None

    canvas.surface.jump(canvas.surface.camera.centred(frame.center(), canvas.surface.margin))

    assert canvas.chrome.bar.crumbs.names()[0] == graph.name
    assert len(canvas.chrome.bar.crumbs.names()) > 1
