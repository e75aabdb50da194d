"""The right panel tells what a layer is, and its links lead to neighbours and stored tensors."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from core.formats import read_graph
from core.model.graph import Layer, ModelGraph
from core.model.summary import full_name, summarize
from gui.panels.layer_facts_view import LayerFactsView
from gui.panels.links import Link
from gui.panels.model_facts_view import ModelFactsView
from gui.panels.share_bars import BarRow, ShareBars
from gui.panels.text import Text, plain_tip


@pytest.fixture(scope="module")
def graph(tiny_model: Path) -> ModelGraph:
    return read_graph(tiny_model)


def layer(graph: ModelGraph, name: str) -> Layer:
    return next(each for each in graph.layers if full_name(each) == name)


def texts(view: LayerFactsView | ModelFactsView) -> str:
    return "\n".join(each.text() for each in view.findChildren(Text) if each.isVisible())


@pytest.fixture
def view(qtbot: QtBot) -> LayerFactsView:
    made = LayerFactsView()
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_a_layer_is_told_with_ports_attributes_and_operator(
    view: LayerFactsView, graph: ModelGraph, qtbot: QtBot
) -> None:
    view.show_layer(layer(graph, "body.Conv"), graph, 1000, None)
    qtbot.mouseClick(view.sections["Operator"].heading, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: "stem_act" in texts(view))
    said = texts(view)
    assert "1×8×16×16 float32" in said
    assert "pads" in said and "1, 1, 1, 1" in said
    assert "NOTSET (default)" in said
    assert "The convolution operator consumes an input tensor and a filter" in said
    assert "Conv, ai.onnx since 11" in view.sections["Operator"].heading.accessibleName()


def test_that_a_closed_section_stays_closed_for_the_next_layer(
    view: LayerFactsView, graph: ModelGraph, qtbot: QtBot
) -> None:
    view.show_layer(layer(graph, "body.Conv"), graph, 1000, None)
    qtbot.keyClick(view.sections["Attributes"].heading, Qt.Key.Key_Space)

    view.show_layer(layer(graph, "stem.Conv"), graph, 1000, None)

    qtbot.waitUntil(view.inputs.isVisible)
    assert not view.attributes.isVisible()


def test_that_a_neighbour_is_one_press_away(
    view: LayerFactsView, graph: ModelGraph, qtbot: QtBot
) -> None:
    view.show_layer(layer(graph, "body.Conv"), graph, 1000, None)
    [link] = [each for each in view.inputs.links if "Relu" in each.words()]

    with qtbot.waitSignal(view.layer_wanted) as told:
        qtbot.keyClick(link, Qt.Key.Key_Space)

    assert told.args == [layer(graph, "stem.Relu").id]


def test_that_a_stored_tensor_is_one_press_away(
    view: LayerFactsView, graph: ModelGraph, qtbot: QtBot
) -> None:
    view.show_layer(layer(graph, "body.Conv"), graph, 1000, None)
    [link] = [each for each in view.inputs.links if each.words() == "body.weight"]

    with qtbot.waitSignal(view.weight_wanted) as told:
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)

    assert told.args == ["body.weight"]


def test_that_the_whole_model_names_its_heaviest_layers(graph: ModelGraph, qtbot: QtBot) -> None:
    view = ModelFactsView()
    qtbot.addWidget(view)
    view.show()

    view.show_model(graph, summarize(graph))

    qtbot.waitUntil(lambda: "image 1×3×16×16 float32" in texts(view))
    assert "between layers" in texts(view)
    assert view.heaviest.rows[0].key == layer(graph, "stem.Conv").id
    with qtbot.waitSignal(view.layer_wanted) as told:
        qtbot.keyClick(view.heaviest, Qt.Key.Key_Return)
    assert told.args == [view.heaviest.rows[0].key]


def test_that_bars_are_walked_with_the_arrow_keys(qtbot: QtBot) -> None:
    bars = ShareBars("Bars")
    qtbot.addWidget(bars)
    bars.show_rows([BarRow("a", "A", 0.5, "50 %"), BarRow("b", "B", 0.2, "20 %")])
    bars.show()

    qtbot.keyClick(bars, Qt.Key.Key_Down)
    with qtbot.waitSignal(bars.picked) as told:
        qtbot.keyClick(bars, Qt.Key.Key_Space)

    assert told.args == ["b"]
    assert "B 20 %" in bars.accessibleName()


def test_that_a_tip_shows_markup_as_it_is() -> None:
    document = QTextDocument()

    document.setHtml(plain_tip("<b>name</b> & more\nsecond line"))

    assert document.toPlainText().split() == ["<b>name</b>", "&", "more", "second", "line"]


def test_that_a_very_long_name_is_cut_and_can_be_copied_whole(qtbot: QtBot) -> None:
    name = "/".join(f"part{number}" for number in np.arange(60))
    link = Link(name)
    qtbot.addWidget(link)

    assert link.minimumSizeHint().width() < 60
    assert link.words() == link.accessibleName() == name
