"""The window of differences: two graphs, the list, the merged view and the tensors."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.diff.diff_window import DiffWindow
from gui.window import MainWindow
from tests.gui.conftest import JOB_MS


@pytest.fixture
def other(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model without its first Relu, with a Tanh after its pool and another Gemm."""
    model = onnx.load(tiny_model)
    nodes = {node.name: node for node in model.graph.node}
    nodes["body/Conv"].input[0] = "stem_out"
    nodes["head/Flatten"].input[0] = "bounded"
    nodes["head/Gemm"].attribute.append(onnx.helper.make_attribute("alpha", 2.0))
    bounded = onnx.helper.make_node("Tanh", ["pooled"], ["bounded"], "head/Tanh")
    kept = [node for node in model.graph.node if node.name != "stem/Relu"]
    kept.insert(4, bounded)
    nodes_after = [type(node).FromString(node.SerializeToString()) for node in kept]
    del model.graph.node[:]
    model.graph.node.extend(nodes_after)
    path = tmp_path / "other.onnx"
    onnx.save(model, path)
    return path


@pytest.fixture
def differences(
    window: MainWindow, qtbot: QtBot, drop: Callable[..., None], tiny_model: Path, other: Path
) -> Callable[[], DiffWindow]:
    """Drops both models onto the main window and waits until what differs is listed."""

    def dropped() -> DiffWindow:
        drop(window, tiny_model, other)
        [shown] = window.findChildren(DiffWindow)
        qtbot.waitUntil(lambda: bool(shown.changes.table.rows.rowCount()), timeout=JOB_MS)
        qtbot.waitUntil(lambda: shown.graphs.a.surface.scene is not None, timeout=JOB_MS)
        qtbot.waitUntil(lambda: shown.graphs.b.surface.scene is not None, timeout=JOB_MS)
        return shown

    return dropped


def titles(shown: DiffWindow) -> set[tuple[str, str]]:
    rows = shown.changes.table.rows
    found = [rows.row(number) for number in range(rows.rowCount())]
    return {(row.kind, row.title) for row in found}


def click(qtbot: QtBot, shown: DiffWindow, title: str) -> None:
    """On the line of a layer in the list."""
    table = shown.changes.table
    rows = table.rows
    number = next(n for n in range(rows.rowCount()) if rows.row(n).title == title)
    place = table.visualRect(rows.index(number, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_that_two_dropped_models_are_compared(differences, qtbot: QtBot) -> None:
    shown = differences()
    assert titles(shown) == {
        ("removed", "stem.Relu"),
        ("added", "head.Tanh"),
        ("changed", "head.Gemm"),
    }
    assert "+ 1 added" in shown.head.summary.text()
    assert "− 1 removed" in shown.head.summary.text()

    click(qtbot, shown, "head.Gemm")
    assert shown.graphs.a.selected == shown.graphs.b.selected == "head/Gemm"
    told = {label.text() for label in shown.changes.details.findChildren(type(shown.head.summary))}
    assert {"attribute alpha", "1", "2"} <= told

    click(qtbot, shown, "stem.Relu")
    assert (shown.graphs.a.selected, shown.graphs.b.selected) == ("stem/Relu", None)

    qtbot.mouseClick(shown.changes.filter.button("added"), Qt.MouseButton.LeftButton)
    assert titles(shown) == {("added", "head.Tanh")}
    qtbot.mouseClick(shown.changes.filter.button("all"), Qt.MouseButton.LeftButton)
    qtbot.keyClicks(shown.changes.search, "gemm")
    assert titles(shown) == {("changed", "head.Gemm")}


def test_that_both_graphs_move_and_select_together(differences, qtbot: QtBot) -> None:
    shown = differences()
    a, b = shown.graphs.a, shown.graphs.b
    a.surface.setFocus()
    qtbot.waitUntil(a.surface.hasFocus)
    qtbot.keyClick(a.surface, Qt.Key.Key_Minus)
    assert a.surface.camera.zoom < 1
    assert b.surface.camera.zoom == a.surface.camera.zoom
    a.layer_selected.emit("body/Conv")
    assert b.selected == "body/Conv"
    assert "the same in both" in {
        label.text().split(" · ")[-1]
        for label in shown.changes.details.findChildren(type(shown.head.summary))
    }


def test_that_the_merged_graph_marks_what_was_added_removed_and_changed(
    differences, qtbot: QtBot
) -> None:
    shown = differences()
    qtbot.mouseClick(shown.head.view.button("merged"), Qt.MouseButton.LeftButton)
    merged = shown.graphs.merged
    qtbot.waitUntil(lambda: merged.surface.scene is not None, timeout=JOB_MS)
    assert shown.graphs.currentWidget() is merged
    click(qtbot, shown, "stem.Relu")
    assert merged.selected == "stem/Relu"
    kinds = {layer: badge.kind for layer, badge in shown._shown.badges_merged.items()}
    assert kinds == {"stem/Relu": "removed", "head/Tanh": "added", "head/Gemm": "changed"}


def test_that_tensors_are_compared_and_a_click_leads_to_the_layer(
    differences, qtbot: QtBot
) -> None:
    shown = differences()
    qtbot.mouseClick(shown.tabs.button("tensors"), Qt.MouseButton.LeftButton)
    assert not shown.numbers.images.isEnabled()
    qtbot.mouseClick(shown.numbers.random, Qt.MouseButton.LeftButton)
    table = shown.numbers.table
    qtbot.waitUntil(lambda: bool(table.rows.rowCount()), timeout=JOB_MS)
    distances = [table.rows.row(number).relative for number in range(table.rows.rowCount())]
    assert distances == sorted(distances, reverse=True)
    worst = table.rows.row(0)
    place = table.visualRect(table.rows.index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown.graphs.a.selected == worst.layer


def test_that_models_that_are_alike_say_so_and_one_that_cannot_be_read_says_why(
    window: MainWindow,
    qtbot: QtBot,
    drop: Callable[..., None],
    tiny_model: Path,
    tmp_path: Path,
) -> None:
    drop(window, tiny_model, tiny_model)
    [alike] = window.findChildren(DiffWindow)
    qtbot.waitUntil(lambda: alike.head.summary.text() == "The models are alike.", timeout=JOB_MS)
    alike.close()
    broken = tmp_path / "broken.onnx"
    broken.write_text("no model")
    drop(window, tiny_model, broken)
    shown = window.findChildren(DiffWindow)[-1]
    qtbot.waitUntil(shown.trouble.isVisible, timeout=JOB_MS)
    assert "It is a text file" in shown.trouble.accessibleName()
