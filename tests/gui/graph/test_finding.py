"""Search, facets and what stands out, as people use them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.model.graph import ModelGraph
from gui.graph.canvas import GraphCanvas

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen platform


def standing_out(canvas: GraphCanvas) -> set[int]:
    """Layers that stand out."""
    view, tree = canvas.surface.view(), canvas.stage.tree
    assert view is not None
    assert tree is not None
    return set() if view.emphasis is None else set(view.emphasis.items[: tree.layers].nonzero()[0])


def of_operator(graph: ModelGraph, operator: str) -> set[int]:
    return {index for index, name in enumerate(graph.operators) if name == operator}


def test_that_hits_stand_out_and_are_counted(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.find()
    field = canvas.chrome.bar.search

    qtbot.keyClicks(field, "op:Conv")

    assert standing_out(canvas) == of_operator(graph, "Conv")
    assert len(field.results()) == len(of_operator(graph, "Conv"))


def test_that_enter_and_f3_go_through_the_hits_and_round(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.find()
    field = canvas.chrome.bar.search
    hits = [graph.layers[index].id for index in sorted(of_operator(graph, "Conv"))]
    qtbot.keyClicks(field, "op:Conv")

    qtbot.keyClick(field, Qt.Key.Key_Return)
    visited = [canvas.selected]
    qtbot.keyClick(field, Qt.Key.Key_F3)
    visited.append(canvas.selected)
    qtbot.keyClick(field, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    visited.append(canvas.selected)
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    visited.append(canvas.selected)

    assert visited == [hits[0], hits[1], hits[0], hits[-1]]


def test_that_a_facet_narrows_the_search(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.find()
    field = canvas.chrome.bar.search
    chips = field.popup.findChildren(QPushButton)
    wanted = next(chip for chip in chips if chip.accessibleName().startswith("Only operator Conv "))

    qtbot.mouseClick(wanted, Qt.MouseButton.LeftButton)

    assert field.text().strip() == "op:Conv"
    assert standing_out(canvas) == of_operator(graph, "Conv")


def test_that_escape_ends_the_search_and_gives_the_keys_back(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.find()
    field = canvas.chrome.bar.search
    qtbot.keyClicks(field, "conv")

    qtbot.keyClick(field, Qt.Key.Key_Escape)

    assert standing_out(canvas) == set()
    assert field.text() == ""
    assert canvas.surface.hasFocus()


def test_that_the_index_of_a_large_model_is_made_beside_the_window(
    canvas: GraphCanvas, large_graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(large_graph)
    qtbot.waitUntil(lambda: canvas.stage.arrangement is not None)
    field = canvas.chrome.bar.search

    canvas.find()
    qtbot.keyClicks(field, "block7.part3")

    qtbot.waitUntil(lambda: field.finder.index is not None)
    qtbot.waitUntil(lambda: any("block7.part3" in line for line in field.results()))


def test_that_a_search_may_ask_for_what_colours_the_graph(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot
) -> None:
    canvas.set_graph(graph)
    canvas.find()
    heavy = max(range(len(graph.layers)), key=lambda index: graph.layers[index].operations or 0)
    most = graph.layers[heavy].operations or 0

    qtbot.keyClicks(canvas.chrome.bar.search, f"operations>{most - 1}")

    assert heavy in standing_out(canvas)
