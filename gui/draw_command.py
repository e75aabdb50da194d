"""`edgewright draw`: a model's graph as a picture, without a display."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from core.commands.base import Answer, Command
from core.commands.inspect import read_model_graph
from core.errors import InputError
from core.jobs.runner import Listener
from core.model.figures import read_layer_figures
from core.model.graph import ModelGraph

if TYPE_CHECKING:
    from core.layout import Drawing, Tree
    from gui.graph.colouring import Colouring
    from gui.graph.picture import Picture


class DrawAnswer(BaseModel):
    """What was drawn."""

    model_config = ConfigDict(frozen=True)

    file: str
    width: int
    """Pixels; of an SVG at its natural size."""
    height: int
    boxes: int
    layers: int


class DrawCommand(Command):
    """Belongs to the window's side, because Qt paints the picture."""

    name: ClassVar[str] = "draw"
    summary: ClassVar[str] = "Draw a model's graph into an SVG or PNG file."
    outcome_type: ClassVar[type[BaseModel]] = DrawAnswer

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=".svg or .png")
        parser.add_argument(
            "--expand",
            type=_depth,
            default=None,
            metavar="all|N",
            help="open all groups, or N levels; without it as many as the window opens at first",
        )
        parser.add_argument(
            "--colour",
            default="operator",
            metavar="NAME",
            help="operator (default), size, operations, parameters, or a column of --figures",
        )
        parser.add_argument(
            "--figures", type=Path, metavar="FILE", help="figures per layer, CSV or JSON"
        )
        parser.add_argument(
            "--scale", type=_scale, default=1.0, metavar="N", help="of a PNG (default: 1)"
        )
        parser.add_argument("--dark", action="store_true", help="light on dark")

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        from gui.graph.labels import Labels
        from gui.graph.picture import save_picture

        graph = read_model_graph(arguments.model, listen)
        _start_painting(dark=arguments.dark)
        tree, drawing = _laid_out(graph, arguments.expand)
        colouring = _colouring(graph, arguments.colour, arguments.figures)
        picture = _picture(graph, tree, drawing, colouring, _scale_of(arguments))
        path: Path = arguments.out.absolute()
        save_picture(picture, Labels(graph, tree), path, lambda _: None)
        size = picture.size
        answer = DrawAnswer(
            file=str(path),
            width=size.width(),
            height=size.height(),
            boxes=picture.boxes,
            layers=len(graph.layers),
        )
        words = f"{path}: {picture.boxes:,} boxes, {size.width():,} × {size.height():,} pixels"
        return Answer(answer, words)


def _depth(text: str) -> int:
    """Levels to open; a very large number for all."""
    if text == "all":
        return 1_000_000
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"“{text}” is neither “all” nor a whole number")
    return int(text)


def _scale(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.01 <= value <= 10:
        raise argparse.ArgumentTypeError(f"“{text}” does not lie between 0.01 and 10")
    return value


def _scale_of(arguments: argparse.Namespace) -> float:
    """An SVG has no pixels: it is drawn as it is."""
    return 1.0 if arguments.out.suffix.lower() == ".svg" else float(arguments.scale)


def _start_painting(*, dark: bool) -> None:
    """Qt without a screen; fonts and colours as in the window."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from PySide6.QtGui import QGuiApplication
    except ImportError as error:
        raise InputError(
            "The graph cannot be drawn.",
            f"A system library that Qt needs is missing ({error}).",
            "Install it; starting “edgewright” without a command names the packages.",
        ) from error
    from gui import theme

    application = QGuiApplication.instance() or QGuiApplication(["edgewright"])
    application.setApplicationName("edgewright")
    _kept.append(application)
    theme.install("dark" if dark else "light")


_kept: list[object] = []
"""Qt's application must live as long as anything is painted."""


def _laid_out(graph: ModelGraph, depth: int | None) -> "tuple[Tree, Drawing]":
    from core.layout import arrange, first_layout

    layout = first_layout(graph)
    if depth is None:
        return layout.tree, layout.drawing
    tree = layout.tree
    groups = range(tree.root + 1, tree.items)
    opened = frozenset(group for group in groups if tree.depth[group] <= depth)
    return tree, arrange(tree, opened)


def _colouring(graph: ModelGraph, wanted: str, figures: Path | None) -> "Colouring":
    from gui.figures_file import colourings_from
    from gui.graph.colouring import colourings_of

    known = list(colourings_of(graph))
    if figures is not None:
        known = [*colourings_from(read_layer_figures(figures, graph)), *known]
    for colouring in known:
        if colouring.title.casefold().removesuffix(" (file)") == wanted.casefold():
            return colouring
    titles = ", ".join(each.title.casefold() for each in known)
    raise InputError(
        f"The graph cannot be coloured by “{wanted}”.", f"Known are: {titles}.", "Choose one."
    )


def _picture(
    graph: ModelGraph, tree: "Tree", drawing: "Drawing", colouring: "Colouring", scale: float
) -> "Picture":
    from PySide6.QtCore import QSizeF

    from gui.graph.camera import Camera
    from gui.graph.picture import picture_of, whole_area
    from gui.graph.scene import Scene
    from gui.graph.shading import Shading
    from gui.graph.view import View

    scene = Scene(tree, drawing)
    shading = Shading(graph, tree, colouring)
    shading.look_at(scene.boxes.items)
    view = View(scene, shading, Camera(), QSizeF(1, 1))
    return picture_of(view, whole_area(view), scale)
