"""Tensors, paths, history, bookmarks and menus, by mouse and by keys."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from core.model.graph import LayerId, ModelGraph
from core.model.paths import Paths
from gui.graph.badge import Badge, badges_of_items
from gui.graph.canvas import GraphCanvas
from gui.graph.commands import COMMANDS
from gui.graph.keys_sheet import KeysSheet, rows_of
from gui.graph.memory import Remembered, ViewMemory
from gui.graph.visibility import Visibility, operator_counts

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen platform
ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def open_menu(canvas: GraphCanvas) -> QMenu:
    found = [each for each in canvas.findChildren(QMenu) if each.isVisible()]
    assert len(found) == 1
    return found[0]


def test_that_paths_from_a_start_to_an_end_stand_out(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    last = len(graph.layers) - 1
    canvas.select(graph.layers[1].id)
    canvas.surface.setFocus()

    qtbot.keyClick(canvas.surface, Qt.Key.Key_S)
    canvas.select(graph.layers[last].id)
    qtbot.keyClick(canvas.surface, Qt.Key.Key_P)

    view = canvas.surface.view()
    assert view is not None
    assert view.emphasis is not None
    shown = view.emphasis.items[: len(graph.layers)]
    wanted = Paths(graph).between(1, last)
    assert shown.tolist() == wanted[: len(graph.layers)].tolist()
    assert f"{wanted.sum()} layers" in canvas.chrome.notices.texts()[0]
    qtbot.keyClick(canvas.surface, Qt.Key.Key_Escape)
    view = canvas.surface.view()
    assert view is not None
    assert view.emphasis is None
    assert canvas.selected == graph.layers[last].id


def test_that_it_is_said_when_there_is_no_path(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.select(graph.layers[-1].id)
    canvas.guide.mark_start()
    canvas.select(graph.layers[0].id)

    canvas.guide.trace("paths")

    assert any(text.startswith("There is no path") for text in canvas.chrome.notices.texts())


def test_that_alt_and_arrows_follow_tensors_and_go_back(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.select(graph.layers[0].id)
    canvas.surface.setFocus()
    (consumer,) = Paths(graph).consumers(0).tolist()

    qtbot.keyClick(canvas.surface, Qt.Key.Key_Down, ALT)
    assert canvas.selected == graph.layers[consumer].id
    qtbot.keyClick(canvas.surface, Qt.Key.Key_Left, ALT)
    assert canvas.selected == graph.layers[0].id
    qtbot.keyClick(canvas.surface, Qt.Key.Key_Right, ALT)
    assert canvas.selected == graph.layers[consumer].id


def test_that_several_producers_are_offered_in_a_list(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    paths = Paths(graph)
    joined = next(index for index in range(len(graph.layers)) if len(paths.producers(index)) == 2)
    canvas.select(graph.layers[joined].id)

    canvas.guide.choose_neighbour(before=True)
    menu = next(each for each in canvas.surface.findChildren(QMenu) if each.isVisible())
    menu.actions()[1].trigger()

    assert len(menu.actions()) == 2
    assert canvas.selected == graph.layers[int(paths.producers(joined)[1])].id
    menu.close()


def test_that_bookmarks_come_back_with_the_model(
    graph: ModelGraph, qtbot: QtBot, tmp_path: Path
) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    marked = graph.layers[4].id
    one = GraphCanvas(memory=ViewMemory(settings))
    qtbot.addWidget(one)
    one.resize(900, 600)
    one.show()
    one.set_graph(graph)
    one.select(marked)
    with qtbot.waitActive(one):
        one.activateWindow()
    one.surface.setFocus()
    qtbot.keyClick(one.surface, Qt.Key.Key_B, CTRL)

    two = GraphCanvas(memory=ViewMemory(settings))
    qtbot.addWidget(two)
    two.set_graph(graph)
    menu = QMenu(two)
    two.keeping.fill_bookmarks(menu, two.reveal)
    menu.actions()[0].trigger()

    assert len(menu.actions()) == 1
    assert two.selected == marked


def test_that_names_are_copied_as_they_are(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    layer = graph.layers[2]
    canvas.select(layer.id)
    canvas.surface.setFocus()

    qtbot.keyClick(canvas.surface, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == layer.name
    qtbot.keyClick(canvas.surface, Qt.Key.Key_C, CTRL | SHIFT)
    assert f"operator: {layer.operator}" in QGuiApplication.clipboard().text()


def test_that_an_operator_is_hidden_and_brought_back_with_one_click(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    operator, count = next(each for each in operator_counts(graph) if each[0] != "Conv")
    first = graph.operators.index(operator)
    canvas.select(graph.layers[first].id)
    canvas.surface.setFocus()

    qtbot.keyClick(canvas.surface, Qt.Key.Key_H)
    tree = canvas.stage.tree
    assert tree is not None
    assert [graph.operators[index] for index in tree.hidden] == [operator] * count
    assert canvas.chrome.notices.texts() == [f"{count} {operator} hidden"]

    qtbot.mouseClick(canvas.chrome.notices.button("hidden"), Qt.MouseButton.LeftButton)
    tree = canvas.stage.tree
    assert tree is not None
    assert len(tree.hidden) == 0
    assert canvas.chrome.notices.texts() == []


def test_that_the_show_menu_stays_open_while_operators_are_ticked(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    menu = canvas.menus.operators
    qtbot.mouseClick(canvas.chrome.bar.show_button, Qt.MouseButton.LeftButton)
    entry = next(each for each in menu.actions() if each.text().startswith("Conv\t"))

    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())

    assert menu.isVisible()
    assert canvas.keeping.visibility == Visibility(frozenset({"Conv"}))
    menu.close()


def test_that_a_hidden_layer_that_was_searched_for_is_shown_again(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.set_graph(graph)
    layer = graph.operators.index("Conv")
    canvas.keeping.see(Visibility(frozenset({"Conv"})))

    canvas.reveal(layer)

    assert canvas.keeping.visibility == Visibility()
    assert canvas.selected == graph.layers[layer].id


def test_that_a_right_click_selects_and_offers_what_fits(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    asked: list[LayerId | None] = []

    def section(layer: LayerId | None) -> list:
        asked.append(layer)
        return []

    canvas.add_menu_section(section)
    scene = canvas.surface.scene
    assert scene is not None
    box = scene.rectangle(1)
    assert box is not None
    place = canvas.surface.camera.to_view(box.center()).toPoint()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, place, canvas.surface.mapToGlobal(place)
    )

    QApplication.sendEvent(canvas.surface, event)
    menu = open_menu(canvas)

    assert canvas.selected == graph.layers[1].id
    assert asked == [graph.layers[1].id]
    assert "Mark as start of paths" in texts(menu)
    assert "Paths from the start to here" not in texts(menu)
    menu.close()


def test_that_the_menu_opens_by_keys_and_on_the_ground(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.surface.setFocus()

    qtbot.keyClick(canvas.surface, Qt.Key.Key_F10, SHIFT)
    menu = open_menu(canvas)

    assert {"Expand all", "Save picture…", "Keys"} <= set(texts(menu))
    menu.close()


def test_that_levels_open_by_their_number(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.surface.setFocus()
    qtbot.keyClick(canvas.surface, Qt.Key.Key_E, SHIFT)
    arrangement = canvas.stage.arrangement
    assert arrangement is not None
    assert arrangement.scene.expanded == frozenset()

    qtbot.keyClick(canvas.surface, Qt.Key.Key_1)

    arrangement = canvas.stage.arrangement
    assert arrangement is not None
    tree = arrangement.tree
    assert arrangement.scene.expanded == {
        group for group in range(tree.root + 1, tree.items) if tree.depth[group] == 1
    }


def test_that_a_sheet_shows_every_key(canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot) -> None:
    canvas.set_graph(graph)
    canvas.surface.setFocus()

    qtbot.keyClick(canvas.surface, Qt.Key.Key_F1)
    sheet = canvas.findChildren(KeysSheet)[0]

    assert sheet.isVisible()
    shown = {text for command in COMMANDS for text, _ in rows_of(command.section)}
    assert {command.text for command in COMMANDS} <= shown
    sheet.close()


def test_that_groups_gather_the_badges_inside(canvas: GraphCanvas, graph: ModelGraph) -> None:
    canvas.set_graph(graph)
    tree = canvas.stage.tree
    assert tree is not None
    group = tree.root + 1
    inside = [item for item in range(tree.layers) if group in tree.ancestors(item)][:2]

    found = badges_of_items(tree, {inside[0]: Badge("added"), inside[1]: Badge("removed")})

    assert found[group] == Badge("changed", "2")
    assert found[inside[0]] == Badge("added")
    assert tree.root not in found


def test_that_the_menu_of_the_ground_has_its_place(canvas: GraphCanvas, graph: ModelGraph) -> None:
    canvas.set_graph(graph)

    canvas.menus.pop_up(-1, canvas.mapToGlobal(QPoint(40, 300)))

    menu = open_menu(canvas)
    assert "Bookmarks…" in texts(menu)
    menu.close()


def test_that_everything_inside_a_group_opens_at_once(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.set_graph(graph)
    canvas.collapse_all()
    tree = canvas.stage.tree
    assert tree is not None
    group = int(tree.parent[np.argmax(tree.depth)])
    outermost = (group, *tree.ancestors(group))[-2]
    menu = canvas.menus.context_menu(outermost)

    next(each for each in menu.actions() if each.text() == "Open all inside").trigger()

    arrangement = canvas.stage.arrangement
    assert arrangement is not None
    assert group in arrangement.scene.expanded
    assert all(outermost in (each, *tree.ancestors(each)) for each in arrangement.scene.expanded)


def test_that_hidden_operators_stay_hidden_when_the_model_is_opened_again(
    graph: ModelGraph, qtbot: QtBot, tmp_path: Path
) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    one, two = (GraphCanvas(memory=ViewMemory(settings)) for _ in range(2))
    qtbot.addWidget(one)
    qtbot.addWidget(two)
    one.set_graph(graph)
    one.keeping.see(Visibility(frozenset({"Conv"})))

    two.set_graph(graph)

    tree = two.stage.tree
    assert tree is not None
    assert {graph.operators[index] for index in tree.hidden} == {"Conv"}


def test_that_settings_that_cannot_be_read_are_ignored(graph: ModelGraph, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    memory = ViewMemory(settings)
    memory.save(graph, Remembered(colouring="Size"))
    (key,) = settings.allKeys()

    for nonsense in ("{", "[]", '{"bookmarks": 3}'):
        settings.setValue(key, nonsense)
        assert memory.load(graph) == Remembered()
