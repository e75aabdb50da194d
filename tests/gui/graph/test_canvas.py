"""The canvas as people use it: with mouse, wheel, keys and search."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QThreadPool
from PySide6.QtGui import QHelpEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from core.layout import read_layout, write_initial_layout
from core.model.graph import LayerId, ModelGraph
from gui import theme
from gui.graph.canvas import GraphCanvas
from gui.graph.colouring import Colouring
from gui.graph.frames import close_button
from gui.graph.scene import Scene

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen platform


def scene_of(canvas: GraphCanvas) -> Scene:
    scene = canvas.surface.scene
    assert scene is not None
    return scene


def place_of(canvas: GraphCanvas, item: int) -> QPoint:
    """The middle of a box on the surface."""
    rectangle = scene_of(canvas).rectangle(item)
    assert rectangle is not None
    return canvas.surface.camera.to_view(rectangle.center()).toPoint()


def item_of(graph: ModelGraph, layer: str) -> int:
    return [each.id for each in graph.layers].index(LayerId(layer))


def picture(canvas: GraphCanvas, qtbot: QtBot) -> QImage:
    """Of the graph, once no box waits for being painted any more."""
    taken: list[QImage] = []

    def is_complete() -> bool:
        taken.append(canvas.surface.grab().toImage())
        return len(taken) > 1 and taken[-1] == taken[-2]

    qtbot.waitUntil(is_complete)
    return taken[-1]


def first_group(canvas: GraphCanvas) -> int:
    return scene_of(canvas).tree.root + 1


def test_that_an_empty_canvas_invites_to_open_the_sample(canvas: GraphCanvas, qtbot: QtBot) -> None:
    buttons = {button.text(): button for button in canvas.chrome.empty.findChildren(QPushButton)}

    assert canvas.chrome.empty.isVisible()
    with qtbot.waitSignal(canvas.open_sample_requested):
        qtbot.mouseClick(buttons["Open the sample"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(canvas.open_model_requested):
        qtbot.mouseClick(buttons["Open a model…"], Qt.MouseButton.LeftButton)


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
