"""The table of layers: every row, in any order, one selection with the graph."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from core.formats import read_graph
from core.model.graph import ModelGraph
from core.model.layer_table import Known
from gui.panels.layer_rows import LayerRows, LayerTableModel
from gui.panels.layer_table import LayerTable
from gui.session import Session
from gui.window import MainWindow

JOB_MS = 900_000


@pytest.fixture(scope="module")
def graph(tiny_model: Path) -> ModelGraph:
    return read_graph(tiny_model)


def names(rows: LayerTableModel) -> list[str]:
    return [rows.index(row, 0).data() for row in range(rows.rowCount())]


def test_that_the_model_keeps_the_rules_of_models_while_it_changes(graph: ModelGraph) -> None:
    rows = LayerTableModel()
    tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)

    rows.show_graph(graph, Known())
    held = [rows.index(row, 1) for row in (0, 5)]
    rows.show_places(np.array([5, 2, 1]))
    rows.show_known(Known(latency={graph.layers[0].id: 1.0}))
    rows.show_graph(None, Known())

    assert tester.failureReportingMode() == QAbstractItemModelTester.FailureReportingMode.Fatal
    assert rows.rowCount() == 0 and len(held) == 2
    assert rows.rowCount(QModelIndex()) == 0


def test_that_a_row_says_what_the_layer_is(graph: ModelGraph) -> None:
    rows = LayerTableModel()
    first = graph.layers[0]

    rows.show_graph(graph, Known(latency={first.id: 1.25}, choice={first.id: "INT8"}))

    titles = [column.title for column in rows.shown.columns]
    shown = [rows.index(0, section).data() for section in range(rows.columnCount())]
    told = dict(zip(titles, shown, strict=True))
    assert told["Operator"] == "Conv" and told["Output"] == "1×8×16×16"
    assert told["Parameters"] == "224" and told["Size"] == "896 bytes"
    assert told["Latency"] == "1.25 ms" and told["Choice"] == "INT8"
    assert "Sensitivity" not in told


def test_that_saved_text_cannot_become_a_formula(graph: ModelGraph) -> None:
    known = Known(choice={graph.layers[0].id: "=1+1"})
    rows = LayerTableModel()
    rows.show_graph(graph, known)

    lines = rows.shown.comma_separated().splitlines()

    assert lines[0].startswith("id,name,scope,operator,shape")
    assert len(lines) == 1 + len(graph.layers)
    assert lines[1].endswith(",'=1+1")
    assert ",224,896," in lines[1]


@pytest.mark.parametrize("rows", [[], [0], [2, 4]])
def test_that_copied_rows_come_with_titles(graph: ModelGraph, rows: list[int]) -> None:
    model = LayerTableModel()
    model.show_graph(graph, Known())

    lines = model.shown.lines(rows).split("\n")

    assert lines[0].split("\t")[0] == "Layer"
    assert [line.split("\t")[2] for line in lines[1:]] == [graph.operators[row] for row in rows]


def test_that_an_empty_table_can_be_shown(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session(tmp_path)
    table = LayerTable(session)
    qtbot.addWidget(table)

    assert LayerRows().comma_separated().strip() == "id"
    assert table.count.text() == "0 layers"
    assert not table.save_button.isEnabled()
    session.close()


def test_that_graph_table_and_panel_select_the_same_layer(
    window: MainWindow, qtbot: QtBot, tiny_model: Path, tmp_path: Path
) -> None:
    session, table = window.session, window.layer_table
    session.open(tiny_model)
    qtbot.waitUntil(lambda: session.model is not None, timeout=JOB_MS)
    canvas = window.graph_area.canvas
    window.actions_.layers.trigger()
    assert session.model is not None
    graph = session.model.graph
    gemm = next(layer for layer in graph.layers if layer.operator == "Gemm")

    session.editor.select(gemm.id)
    assert table.table.currentIndex().row() == graph.index_of[gemm.id]
    qtbot.waitUntil(lambda: canvas.selected == gemm.id)

    qtbot.keyClick(table.table, Qt.Key.Key_Up)
    before = graph.layers[graph.index_of[gemm.id] - 1]
    assert session.editor.selected is before
    qtbot.waitUntil(lambda: canvas.selected == before.id)
    qtbot.waitUntil(lambda: window.layer_panel.title.text() == before.name)

    operators = [column.name for column in table.rows.shown.columns].index("operator")
    table.table.horizontalHeader().sectionClicked.emit(operators)
    qtbot.waitUntil(lambda: names(table.rows)[-1].endswith("Relu"))
    assert table.table.currentIndex().row() == table.rows.shown.row_of(graph.index_of[before.id])

    qtbot.keyClicks(table.words, "op:conv")
    qtbot.waitUntil(lambda: table.count.text() == "2 of 7")
    assert not table.table.currentIndex().isValid()
    assert session.editor.selected is before, "what is not shown stays selected elsewhere"

    table.table.selectAll()
    table.copy()
    clipboard = QGuiApplication.clipboard()
    qtbot.waitUntil(lambda: clipboard.text().count("\n") == 2)
    table.save(tmp_path / "layers.csv")
    qtbot.waitUntil(lambda: table.count.text() == "Saved layers.csv")
    assert (tmp_path / "layers.csv").read_text(encoding="utf-8").count("Conv") >= 2
