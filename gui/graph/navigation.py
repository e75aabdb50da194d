"""Which box comes next when a person walks through the graph by keys."""

from typing import Literal

import numpy as np
from PySide6.QtCore import QRectF

from core.model.columns import distinct
from gui.graph.scene import Scene

Direction = Literal["up", "down", "left", "right"]


def neighbour(scene: Scene, item: int, direction: Direction) -> int | None:
    """Up and down follow the lines, left and right go to the next box beside this one."""
    if direction in ("up", "down"):
        return _along_line(scene, item, downwards=direction == "down")
    return _beside(scene, item, rightwards=direction == "right")


def first_box(scene: Scene) -> int | None:
    """The topmost box."""
    return int(scene.boxes.items[0]) if len(scene.boxes) else None


def _along_line(scene: Scene, item: int, *, downwards: bool) -> int | None:
    """Of the boxes that a line joins to this one, the nearest sideways, then up or down."""
    tree = scene.tree
    here, there = tree.sources, tree.targets
    if not downwards:
        here, there = there, here
    joined = distinct(scene.shown[there[scene.shown[here] == item]])
    rectangle = scene.rectangle(item)
    joined = joined[joined != item]
    if rectangle is None or not len(joined):
        return None
    rows = np.array([scene.box_row(int(other)) for other in joined])
    axis = scene.boxes.axis[rows]
    sideways = np.abs(axis - rectangle.center().x())
    away = np.abs(scene.boxes.y[rows] - rectangle.y())
    return int(joined[np.lexsort((away, sideways))[0]])


def _beside(scene: Scene, item: int, *, rightwards: bool) -> int | None:
    rectangle = scene.rectangle(item)
    if rectangle is None:
        return None
    reach = scene.bounds.width() + 1
    left = rectangle.right() if rightwards else rectangle.left() - reach
    rows = scene.boxes_in(QRectF(left, rectangle.y(), reach, rectangle.height()))
    rows = rows[scene.boxes.items[rows] != item]
    if not len(rows):
        return None
    distance = np.abs(scene.boxes.x[rows] - rectangle.x())
    return int(scene.boxes.items[rows[distance.argmin()]])
