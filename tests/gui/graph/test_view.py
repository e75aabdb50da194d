"""Camera, culling, clipping and search: what decides which part is seen."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from core.layout import arrange, build_tree
from core.model.graph import ModelGraph
from gui.graph.camera import LEAST_ZOOM, MOST_ZOOM, Camera
from gui.graph.edges import clipped_upright, curved
from gui.graph.scene import Scene
from gui.graph.search_index import SearchIndex


def whole_scene(graph: ModelGraph) -> Scene:
    tree = build_tree(graph)
    return Scene(tree, arrange(tree, frozenset(range(tree.root + 1, tree.items))))


def test_that_zooming_keeps_the_point_under_the_mouse() -> None:
    camera, mouse = Camera(10, 20, 0.8), QPointF(300, 200)

    zoomed = camera.zoomed(1.7, mouse)

    assert zoomed.to_scene(mouse) == camera.to_scene(mouse)


@pytest.mark.parametrize(("factor", "limit"), [(1e9, MOST_ZOOM), (1e-9, LEAST_ZOOM)])
def test_that_zoom_has_limits(factor: float, limit: float) -> None:
    assert Camera().zoomed(factor, QPointF()).zoom == limit


def test_that_fitting_shows_all_of_the_target() -> None:
    target, area = QRectF(100, 50, 4000, 300), QRectF(12, 56, 900, 500)

    camera = Camera().fitted(target, area)

    shown = QRectF(camera.to_scene(area.topLeft()), camera.to_scene(area.bottomRight()))
    assert shown.adjusted(-0.01, -0.01, 0.01, 0.01).contains(target)


def test_that_the_graph_cannot_be_lost_from_view() -> None:
    bounds, view = QRectF(0, 0, 500, 2000), QSizeF(800, 600)

    camera = Camera(1e6, -1e6, 1.0).kept(bounds, view)

    assert camera.seen(view).intersects(bounds)


def test_that_culling_finds_exactly_what_touches_the_view(graph: ModelGraph) -> None:
    scene = whole_scene(graph)
    random = np.random.default_rng(3)
    for _ in range(50):
        x, y = random.uniform(-100, 500), random.uniform(-100, scene.bounds.height())
        area = QRectF(float(x), float(y), 300, 240)

        found = {int(scene.boxes.items[row]) for row in scene.boxes_in(area)}

        assert found == {
            int(scene.boxes.items[row])
            for row in range(len(scene.boxes))
            if scene.boxes.rectangle(row).intersects(area)
        }


def test_that_a_point_finds_the_box_before_the_frame_around_it(graph: ModelGraph) -> None:
    scene = whole_scene(graph)
    layer = next(index for index, each in enumerate(graph.layers) if scene.tree.depth[index] > 1)
    box = scene.rectangle(layer)
    group = int(scene.tree.parent[layer])
    frame = scene.rectangle(group)
    assert box is not None
    assert frame is not None

    assert scene.item_at(box.center()) == layer
    assert scene.item_at(frame.topLeft() + QPointF(4, 4)) == group
    assert scene.header_at(frame.topLeft() + QPointF(4, 4)) == group
    assert scene.item_at(QPointF(-50, -50)) is None


def test_that_straight_lines_are_cut_to_the_view_and_slanted_ones_stay() -> None:
    area = QRectF(0, 0, 10, 10)
    segments = np.array([[-10.0, 5, 20, 5], [5, -10, 5, 30], [-10, -10, 20, 20]])

    kept = clipped_upright(segments, area)

    assert kept.tolist() == [[0, 5, 10, 5], [5, 0, 5, 10], [-10, -10, 20, 20]]


def test_that_a_slanted_line_becomes_a_curve_that_begins_and_ends_vertically() -> None:
    pieces = curved(np.array([[0.0, 0, 100, 60], [5, 0, 5, 60]]))

    upright, curve = pieces[:1], pieces[1:]
    assert upright.tolist() == [[5, 0, 5, 60]]
    assert curve[0, :2].tolist() == [0, 0]
    assert curve[-1, 2:].tolist() == [100, 60]
    assert (curve[1:, :2] == curve[:-1, 2:]).all()
    steepness = (curve[:, 3] - curve[:, 1]) / (curve[:, 2] - curve[:, 0])
    assert steepness[0] > 3 * steepness[len(curve) // 2] < steepness[-1]


def test_that_search_wants_every_word_and_ignores_case(graph: ModelGraph) -> None:
    tree = build_tree(graph)
    index = SearchIndex(graph)

    found = index.find("CONV 3×3 dw", tree)

    assert len(found)
    layers = [graph.layers[item] for item in found.items if item < tree.layers]
    assert all(layer.operator == "Conv" and "dw" in layer.detail for layer in layers)
    assert len(index.find("", tree)) == 0
    assert len(index.find("conv nonsense", tree)) == 0


def test_that_search_finds_groups_and_the_ends_of_the_model(graph: ModelGraph) -> None:
    tree = build_tree(graph)
    index = SearchIndex(graph)
    group = tree.root + 1

    assert index.find(" ".join(tree.path(group)), tree).items[0] == group
    found = index.find(graph.inputs[0].name, tree).items.tolist()
    assert tree.layers in found
    assert index.line(tree.layers, tree).endswith("input of the model")
