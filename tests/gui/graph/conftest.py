"""A shown canvas and a large made model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from core.formats import read_graph
from core.model.graph import Layer, LayerId, ModelGraph, Tensor
from gui import theme
from gui.graph.canvas import GraphCanvas
from gui.graph.scene import Scene


@pytest.fixture(autouse=True)
def light(qapp) -> Iterator[None]:
    theme.install("light")
    yield
    theme.set_mode("light")


@pytest.fixture
def canvas(qtbot: QtBot) -> GraphCanvas:
    shown = GraphCanvas()
    qtbot.addWidget(shown)
    shown.resize(1000, 660)
    shown.show()
    return shown


@pytest.fixture(scope="session")
def graph(sample_model: Path) -> ModelGraph:
    """The sample's graph: every layer is visible when it is opened."""
    return read_graph(sample_model)


@pytest.fixture(scope="session")
def large_graph() -> ModelGraph:
    """Six thousand layers in a thousand blocks; opens closed."""
    layers: list[Layer] = []
    last = "image"
    for block in range(1000):
        for part in range(6):
            name = f"block{block}.part{part}"
            layers.append(made_layer(name, (f"block{block}",), (last,)))
            last = name
    return made_graph(layers)


def made_layer(name: str, scope: tuple[str, ...], inputs: tuple[str, ...]) -> Layer:
    return Layer(
        id=LayerId(name),
        name=name,
        operator="Conv",
        domain="",
        scope=scope,
        inputs=inputs,
        outputs=(name,),
        weights=(),
        attributes={},
        parameters=10,
        weight_bytes=40,
        operations=1000,
        output_shape=(1, 8),
        output_dtype="float32",
    )


def made_graph(layers: list[Layer]) -> ModelGraph:
    return ModelGraph(
        name="made",
        format="onnx",
        version="ONNX opset 18",
        producer="tests",
        inputs=(Tensor("image", "float32", (1, 8)),),
        outputs=(Tensor(layers[-1].name, "float32", (1, 8)),),
        layers=tuple(layers),
        tensors={},
        weights={},
        file_bytes=0,
        sha256="",
    )


@pytest.fixture(scope="session")
def hostile_graph() -> ModelGraph:
    """Names that look like HTML, hold every sort of character, or never end."""
    names = [
        "<img src=x onerror=alert(1)>",
        "名前\u202eabc",
        "line\nbreak\ttab",
        "x" * 100_000,
        "&amp",
    ]
    layers: list[Layer] = []
    last = "image"
    for name in names:
        layers.append(made_layer(name, ("<b>bold</b>",), (last,)))
        last = name
    return made_graph(layers)


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


def first_group(canvas: GraphCanvas) -> int:
    return scene_of(canvas).tree.root + 1
