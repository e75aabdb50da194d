"""Choices, their history, and what can be said of a plan before it is measured."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.formats import read_graph
from core.model.graph import ModelGraph
from core.plan.plan import CompressionPlan, Step
from gui.plan_editor import KEEP, PlanEditor


@pytest.fixture
def graph(tiny_model: Path) -> ModelGraph:
    return read_graph(tiny_model)


@pytest.fixture
def editor(qapp, graph: ModelGraph) -> Iterator[PlanEditor]:
    editor = PlanEditor()
    editor.begin(graph, CompressionPlan())
    yield editor


def layer_named(graph: ModelGraph, operator: str) -> str:
    return next(layer.id for layer in graph.layers if layer.operator == operator)


def test_that_a_choice_without_a_selected_layer_is_for_all(editor: PlanEditor) -> None:
    editor.choose("fp16")

    assert editor.plan.steps == (Step(technique="fp16", default=editor.plan.steps[0].default),)
    assert editor.choice_of(None).value == "fp16"


def test_that_a_choice_for_one_layer_leaves_the_others(
    editor: PlanEditor, graph: ModelGraph
) -> None:
    editor.choose("int8")
    editor.select(layer_named(graph, "Gemm"))
    editor.choose(None)

    assert editor.choice_of(editor.selected).value == KEEP
    conv = graph.by_id[graph.layers[0].id]
    assert editor.choice_of(conv).value == "int8"
    assert "1 layer has a choice of their own" in editor.choice_of(None).note


def test_that_the_same_choice_can_be_given_to_all_layers_alike(
    editor: PlanEditor, graph: ModelGraph
) -> None:
    editor.select(layer_named(graph, "Conv"))
    editor.choose("int8")
    editor.apply_to_alike()

    convolutions = [layer for layer in graph.layers if layer.operator == "Conv"]
    assert len(convolutions) == 2
    assert {editor.choice_of(layer).value for layer in convolutions} == {"int8"}


def test_that_undo_and_redo_walk_through_every_change(editor: PlanEditor) -> None:
    editor.choose("int8")
    editor.set_option("per_channel", False)
    editor.choose("fp16")
    history = [editor.plan]
    for _ in range(3):
        editor.undo_stack.undo()
        history.append(editor.plan)

    assert history[-1] == CompressionPlan()
    assert history[2].steps[0].default is not None
    assert history[2].steps[0].default["per_channel"] is True
    for _ in range(3):
        editor.undo_stack.redo()
    assert editor.plan == history[0]


def test_that_choosing_what_is_chosen_makes_no_history(editor: PlanEditor) -> None:
    editor.choose("fp16")
    editor.choose("fp16")

    assert editor.undo_stack.count() == 1


def test_that_a_measured_plan_is_no_longer_edited(editor: PlanEditor) -> None:
    editor.choose("fp16")
    assert editor.is_edited

    editor.settle(editor.plan)

    assert not editor.is_edited


def test_that_the_outlook_counts_layers_predicts_the_file_and_names_problems(
    editor: PlanEditor, graph: ModelGraph, qtbot: QtBot
) -> None:
    editor.set_surroundings(has_images=False, runtimes=["onnxruntime"])
    editor.choose("int8")
    qtbot.waitUntil(lambda: bool(editor.outlook.choices))

    outlook = editor.outlook
    assert outlook.predicted_bytes is not None
    assert outlook.predicted_bytes < graph.file_bytes
    assert sum(count for _, count in outlook.counts) == len(graph.layers)
    assert any(problem.level == "error" and problem.remedy for problem in outlook.problems)


def test_that_a_refused_layer_says_why_it_is_kept(editor: PlanEditor, graph: ModelGraph) -> None:
    editor.choose("int8-weights")
    relu = graph.by_id[layer_named(graph, "Relu")]  # type: ignore[index]  # a LayerId is a str

    chosen = editor.choice_of(relu)

    assert chosen.value == KEEP
    assert chosen.note.endswith(".")
