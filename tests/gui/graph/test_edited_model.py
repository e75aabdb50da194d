"""The drawing of a model that is edited: what a person looked at stays where it was."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF

from core.model.graph import ModelGraph
from gui.graph.canvas import GraphCanvas


def without_last(graph: ModelGraph) -> ModelGraph:
    return replace(graph, layers=tuple(graph.layers)[:-1])


def open_paths(canvas: GraphCanvas) -> set[tuple[str, ...]]:
    arrangement = canvas.stage.arrangement
    assert arrangement is not None
    return {arrangement.tree.path(group) for group in arrangement.scene.expanded}


def middle_layer(canvas: GraphCanvas) -> tuple[str, QPointF]:
    arrangement, view = canvas.stage.arrangement, canvas.surface.view()
    assert arrangement is not None and view is not None
    boxes = [item for item in arrangement.scene.boxes.items if item < arrangement.tree.layers]
    item = int(boxes[len(boxes) // 2])
    rectangle = arrangement.scene.rectangle(item)
    assert rectangle is not None
    return arrangement.graph.layers[item].id, view.camera.to_view(rectangle.center())


def test_that_the_view_and_the_open_groups_stay_when_a_model_is_edited(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.set_graph(graph)
    canvas.expand_all()
    camera = canvas.surface.camera
    canvas.surface.jump(camera.moved(0, 200))
    canvas.choose_colouring("Size")
    opened, zoom = open_paths(canvas), canvas.surface.camera.zoom
    name, place = middle_layer(canvas)

    canvas.follow(without_last(graph))

    assert open_paths(canvas) == opened
    assert canvas.surface.camera.zoom == pytest.approx(zoom)
    after_name, after = middle_layer(canvas)
    assert after_name == name
    assert (after - place).manhattanLength() < 40
    assert canvas.colours.chosen is not None and canvas.colours.chosen.title == "Size"


def test_that_another_model_is_looked_at_from_its_start(
    canvas: GraphCanvas, graph: ModelGraph
) -> None:
    canvas.set_graph(graph)
    start = canvas.surface.camera
    canvas.surface.jump(start.moved(300, 900))
    canvas.set_graph(without_last(graph))
    assert canvas.stage.is_untouched
