"""The drawing as a file, figures from a file, and layers that are folded into others."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from core.errors import InputError
from core.formats import read_graph
from core.model.figures import read_layer_figures
from core.model.graph import LayerId, ModelGraph
from gui.dialogs.picture_dialog import PictureDialog
from gui.figures_file import FiguresFile, colourings_from
from gui.graph.canvas import GraphCanvas
from gui.graph.labels import Labels
from gui.graph.picture import (
    LONGEST_SIDE,
    Picture,
    obstacle,
    picture_of,
    save_picture,
    whole_area,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen platform


def whole(canvas: GraphCanvas, scale: float = 1.0) -> tuple[Picture, Labels]:
    view, arrangement = canvas.surface.view(), canvas.stage.arrangement
    assert view is not None
    assert arrangement is not None
    return (
        picture_of(view, whole_area(view), scale),
        Labels(arrangement.graph, arrangement.tree),
    )


def ignore(share: float) -> None:
    assert 0 <= share <= 1


def test_that_an_svg_holds_every_name_that_is_drawn(
    canvas: GraphCanvas, graph: ModelGraph, tmp_path: Path
) -> None:
    canvas.set_graph(graph)
    picture, labels = whole(canvas)
    target = tmp_path / "graph.svg"

    save_picture(picture, labels, target, ignore)

    root = ElementTree.fromstring(target.read_text(encoding="utf-8"))
    words = " ".join(root.itertext())
    boxes = picture.view.scene.boxes.items.tolist()
    assert all(labels.name(item) in words for item in boxes)


def test_that_a_png_has_the_size_that_was_told(
    canvas: GraphCanvas, graph: ModelGraph, tmp_path: Path
) -> None:
    canvas.set_graph(graph)
    picture, labels = whole(canvas, 0.5)
    target = tmp_path / "graph.png"

    save_picture(picture, labels, target, ignore)

    image = QImage(str(target))
    assert image.size() == picture.size
    colours = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, 400, 3)}
    assert len(colours) > 10


def test_that_a_picture_that_would_be_too_large_is_refused_in_words(
    canvas: GraphCanvas, graph: ModelGraph, tmp_path: Path
) -> None:
    canvas.set_graph(graph)
    view = canvas.surface.view()
    assert view is not None
    huge = picture_of(view, QRectF(0, 0, LONGEST_SIDE, 10), 2.0)

    assert "Choose a smaller scale" in obstacle(huge, ".png")
    with pytest.raises(InputError, match="64,000 × 20 pixels"):
        save_picture(huge, whole(canvas)[1], tmp_path / "huge.png", ignore)
    assert list(tmp_path.iterdir()) == []


def test_that_nothing_is_left_of_a_picture_that_was_stopped(
    canvas: GraphCanvas, graph: ModelGraph, tmp_path: Path
) -> None:
    canvas.set_graph(graph)
    picture, labels = whole(canvas)

    def stop(share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        save_picture(picture, labels, tmp_path / "graph.svg", stop)
    assert list(tmp_path.iterdir()) == []


def test_that_the_dialog_saves_what_is_chosen(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot, tmp_path: Path
) -> None:
    canvas.set_graph(graph)
    dialog = PictureDialog(canvas, "model")
    dialog.open()
    dialog.format.button(".png").click()
    dialog.scale.button("0.5").click()
    size = dialog.picture().size

    with qtbot.waitSignal(dialog.saved):
        dialog.write(tmp_path / "model.png")

    assert QImage(str(tmp_path / "model.png")).size() == size


def test_that_figures_from_a_file_colour_the_graph(
    canvas: GraphCanvas, graph: ModelGraph, qtbot: QtBot, tmp_path: Path
) -> None:
    canvas.set_graph(graph)
    rows = "\n".join(f"{layer.id},{index},{index % 3}" for index, layer in enumerate(graph.layers))
    path = tmp_path / "figures.csv"
    path.write_text(f"layer,latency (ms),rank\n{rows}\n", encoding="utf-8")
    reader = FiguresFile()

    with qtbot.waitSignal(reader.read) as told:
        reader.load(path, graph)
    colourings, words = told.args
    for colouring in colourings:
        canvas.add_colouring(colouring)
    canvas.choose_colouring("Latency (file)")

    assert [each.title for each in colourings] == ["Latency (file)", "Rank"]
    assert [each.combine for each in colourings] == ["sum", "max"]
    assert f"{len(graph.layers)} layers got figures" in words
    assert canvas.chrome.legend.notes()[0] == "Latency (file) · ms per layer"


def test_that_a_file_without_figures_is_told(
    graph: ModelGraph, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("name,time\nnobody,1\n", encoding="utf-8")
    reader = FiguresFile()

    with qtbot.waitSignal(reader.failed) as told:
        reader.load(path, graph)

    assert "does not fit this model" in told.args[0].what
    with pytest.raises(InputError):
        colourings_from(read_layer_figures(path, graph))


@pytest.fixture(scope="session")
def quantized_graph(tmp_path_factory: pytest.TempPathFactory) -> ModelGraph:
    """Add → Q → DQ → Relu."""
    import onnx
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Add", ["x", "x"], ["a"], "add"),
        helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"], "q"),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"], "dq"),
        helper.make_node("Relu", ["d"], ["y"], "relu"),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "xy"]
    constants = [
        helper.make_tensor("s", TensorProto.FLOAT, [], [0.1]),
        helper.make_tensor("z", TensorProto.INT8, [], [0]),
    ]
    made = helper.make_graph(nodes, "quantized", ends[:1], ends[1:], constants)
    path = tmp_path_factory.mktemp("quantized") / "model.onnx"
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)]), path)
    return read_graph(path)


def test_that_quantization_is_folded_until_it_is_asked_for(
    canvas: GraphCanvas, quantized_graph: ModelGraph
) -> None:
    canvas.set_graph(quantized_graph)
    tree = canvas.stage.tree
    assert tree is not None
    assert tree.hidden.tolist() == [1, 2]
    assert canvas.chrome.notices.texts() == ["2 Q/DQ folded into their layers"]

    canvas.chrome.notices.button("folded").click()

    tree = canvas.stage.tree
    assert tree is not None
    assert tree.hidden.tolist() == []
    assert canvas.chrome.notices.texts() == []


def test_that_selecting_a_folded_layer_rings_what_it_belongs_to(
    canvas: GraphCanvas, quantized_graph: ModelGraph
) -> None:
    canvas.set_graph(quantized_graph)

    canvas.select(LayerId("q"))
    of_quantize = canvas.selected
    canvas.select(LayerId("dq"))

    assert of_quantize == "add"
    assert canvas.selected == "relu"
