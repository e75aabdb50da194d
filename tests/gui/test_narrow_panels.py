"""Panels stay as wide as they are, whatever names and sizes a model has."""

import onnx
import pytest
from onnx import TensorProto, helper
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from gui.edit.edit_sheet import EditSheet
from gui.panels.breaking import breakable, whole
from gui.panels.steps_bar import StepsBar
from gui.panels.text import Text
from gui.window import MainWindow
from gui.wording import brief_shape_words

JOB_MS = 900_000

_FORMULA = "batch*(floor(floor(floor(height/2-1/2)/2)/2)+1)*(floor(floor(width/2-1/2)/2)+1)"
_NAME = "a_name_without_any_place_to_break_" * 6


@pytest.fixture
def wide_model(tmp_path):
    """A model whose names and sizes have no spaces and are longer than any panel is wide."""
    shape = [_FORMULA, 3, "DynamicDimension.0", None]
    given = helper.make_tensor_value_info(_NAME, TensorProto.FLOAT, shape)
    made = helper.make_tensor_value_info("y" * 90, TensorProto.FLOAT, shape)
    node = helper.make_node("Relu", [_NAME], ["y" * 90], name="n" * 120)
    graph = helper.make_graph([node], "wide", [given], [made])
    path = tmp_path / f"{'w' * 60}.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


def _overflow(panel: QScrollArea) -> int:
    page = panel.widget()
    assert page is not None
    return page.width() - panel.viewport().width()


def test_that_no_name_or_size_makes_a_panel_wider(window: MainWindow, qtbot: QtBot, wide_model):
    window.session.open(wide_model)
    qtbot.waitUntil(lambda: window.session.model is not None, timeout=JOB_MS)
    qtbot.waitUntil(lambda: window.layer_panel.title.text() == "Whole model")
    panels = (window.project_panel, window.layer_panel)
    assert [_overflow(panel) for panel in panels] == [0, 0]
    model = window.session.model
    assert model is not None
    window.session.editor.select(model.graph.layers[0].id)
    qtbot.waitUntil(lambda: window.layer_panel.title.text() == "n" * 120)
    assert [_overflow(panel) for panel in panels] == [0, 0]


def test_that_a_short_name_stays_whole_beside_long_words_in_the_bar_of_steps(qtbot: QtBot):
    bar = StepsBar()
    qtbot.addWidget(bar)
    bar.resize(640, bar.height())
    for name, step in bar.steps.items():
        step.show_state("320n" if name == "Model" else _FORMULA, settled=True)
    bar.show()
    detail = bar.steps["Model"].findChildren(Text)[-1]
    qtbot.waitUntil(lambda: bar.steps["Goal"].geometry().right() < bar.width())
    assert detail.width() > detail.fontMetrics().horizontalAdvance("320n")


def test_that_costs_that_free_sizes_hide_are_said_to_be_unknown_and_sizes_can_be_set(
    window: MainWindow, qtbot: QtBot, wide_model
):
    window.session.open(wide_model)
    qtbot.waitUntil(lambda: window.session.model is not None, timeout=JOB_MS)
    facts = window.layer_panel.model_facts
    qtbot.waitUntil(facts.sizes.isVisible)
    said = [each.accessibleName() for each in facts.figures.children() if each.isWidgetType()]
    assert "Operations: not known for 1 of 1 layers: input sizes are free" in said
    facts.sizes.click()
    assert window.findChild(EditSheet) is not None


@pytest.mark.parametrize("text", ["", "short words stay", _NAME, f"output {_FORMULA} float32"])
def test_that_breaking_a_text_takes_nothing_from_it(text: str):
    assert whole(breakable(text)) == text


def test_that_no_part_of_a_long_word_stays_whole():
    parts = breakable("x" * 200).split("\u200b")
    assert max(len(part) for part in parts) <= 14


def test_that_a_formula_is_a_question_mark_in_brief():
    assert brief_shape_words(("batch", 3, _FORMULA)) == "batch×3×?"
