"""Two graphs side by side that move, zoom and select together, and both in one."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.model.graph import LayerId
from gui import theme
from gui.diff.opened import OpenDiff
from gui.graph.camera import Camera
from gui.graph.canvas import GraphCanvas
from gui.graph.scene import Scene
from gui.panels.text import Chip, Text

_MOST_ANCHORS = 1500
"""Pairs of boxes that tell which place in A is which in B."""
_NEAREST = 3
"""Anchors that a place goes by."""
Anchors = NDArray[np.float64]
"""Middles of boxes that show the same: x and y in A, x and y in B; shape (n, 4)."""


class LinkedGraphs(QStackedWidget):
    """Shows one comparison, side by side or merged."""

    picked = Signal(str, str)
    """Which side (“a” or “b”) and which LayerId a person selected."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.merged = GraphCanvas(), GraphCanvas(), GraphCanvas()
        self._shown: OpenDiff | None = None
        self._merging = self._merged_shown = False
        self._ghosts: Mapping[LayerId, LayerId] = {}
        """Ids of the merged graph to those of A, for layers that only A has."""
        self._following = False
        self._places: tuple[Scene, Scene, Anchors] | None = None
        self._chips = (Chip("A"), Chip("B", "accent"))
        self._names = (Text(bold=True, overflow="cut"), Text(bold=True, overflow="cut"))
        self._build()
        self._connect()

    def _build(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        for canvas, chip, name in zip((self.a, self.b), self._chips, self._names, strict=True):
            splitter.addWidget(_under(chip, name, canvas))
        self._side_by_side = splitter
        self._hint = Text(tone="dim", overflow="wrap")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for page in (self._hint, splitter, self.merged):
            self.addWidget(page)
        self.a.setAccessibleName("Graph of model A")
        self.b.setAccessibleName("Graph of model B")
        self.merged.setAccessibleName("Graph of both models")

    def _connect(self) -> None:
        self.a.layer_selected.connect(lambda layer: self.picked.emit("a", layer))
        self.b.layer_selected.connect(lambda layer: self.picked.emit("b", layer))
        self.merged.layer_selected.connect(self._tell_merged)
        self.a.surface.camera_changed.connect(lambda: self._follow(self.a, self.b))
        self.b.surface.camera_changed.connect(lambda: self._follow(self.b, self.a))

    def show_hint(self, text: str) -> None:
        """Words instead of graphs, until there are some."""
        self._hint.setText(text)
        if self._shown is None:
            self.setCurrentWidget(self._hint)

    def show_diff(self, shown: OpenDiff, names: tuple[str, str]) -> None:
        self._shown = shown
        self._places = None
        self._merged_shown = False
        self._ghosts = {new: old for old, new in shown.merged_ids.items()}
        for text, name in zip(self._names, names, strict=True):
            text.setText(name)
        self.a.set_graph(shown.a)
        self.b.set_graph(shown.b)
        self.a.set_badges(shown.badges_a)
        self.b.set_badges(shown.badges_b)
        self.show_merged(self._merging)
        QTimer.singleShot(0, self, self._look_at_start)  # once the two halves have their widths

    def _look_at_start(self) -> None:
        for canvas in (self.b, self.a):
            canvas.stage.look_at_start()

    def show_merged(self, merged: bool) -> None:
        """One graph instead of two; it is laid out when it is first asked for."""
        self._merging = merged
        if self._shown is None:
            return
        self.setCurrentWidget(self.merged if merged else self._side_by_side)
        if merged and not self._merged_shown:
            self._merged_shown = True
            self.merged.set_graph(self._shown.merged)
            self.merged.set_badges(self._shown.badges_merged)

    def select(self, a: LayerId | None, b: LayerId | None) -> None:
        """Ring a layer in every graph that has it, and bring it into view."""
        self._following = True
        try:
            self.a.select(a)
            self.b.select(b)
        finally:
            self._following = False
        if a is not None and b is None:
            self._show_place(self.a, self.b, a)
        if b is not None and a is None:
            self._show_place(self.b, self.a, b)
        known = self._shown.merged_ids if self._shown else {}
        if self._merged_shown:
            self.merged.select(b if b is not None else known.get(a) if a is not None else None)

    def _tell_merged(self, layer: str) -> None:
        ghost = self._ghosts.get(LayerId(layer))
        if ghost is not None:
            self.picked.emit("a", ghost)
        else:
            self.picked.emit("b", layer)

    # moving together

    def _follow(self, leader: GraphCanvas, follower: GraphCanvas) -> None:
        """Bring what corresponds to the middle of one view to the middle of the other.

        Only where a person moves the leader: views that open find their own beginning.
        """
        if not (leader.underMouse() or leader.surface.hasFocus()):
            return
        one, other = leader.surface.scene, follower.surface.scene
        if self._following or one is None or other is None or self._shown is None:
            return
        camera = leader.surface.camera
        middle = camera.to_scene(QPointF(leader.width() / 2, leader.height() / 2))
        there = self._counterpart(middle, leader is self.a)
        half = QPointF(follower.width() / 2, follower.height() / 2)
        corner = there - half / camera.zoom
        self._following = True
        try:
            follower.surface.jump(Camera(corner.x(), corner.y(), camera.zoom))
        finally:
            self._following = False

    def _show_place(self, leader: GraphCanvas, follower: GraphCanvas, layer: LayerId) -> None:
        """Where a layer would be that only the leader's model has."""
        scene = leader.surface.scene
        if scene is None or follower.surface.scene is None or self._shown is None:
            return
        graph = self._shown.a if leader is self.a else self._shown.b
        box = scene.rectangle(graph.index_of[layer])
        if box is not None:
            there = self._counterpart(box.center(), leader is self.a)
            surface = follower.surface
            surface.fly(surface.camera.centred(there, surface.margin))

    def _counterpart(self, point: QPointF, of_a: bool) -> QPointF:
        """The place in the other drawing that lies to its boxes as `point` does to these."""
        scene_a, scene_b = self.a.surface.scene, self.b.surface.scene
        assert scene_a is not None and scene_b is not None
        if self._places is None or self._places[:2] != (scene_a, scene_b):
            self._places = (scene_a, scene_b, self._anchors(scene_a, scene_b))
        anchors = self._places[2]
        here, there = (anchors[:, :2], anchors[:, 2:]) if of_a else (anchors[:, 2:], anchors[:, :2])
        if not len(here):
            return point
        away = np.hypot(here[:, 0] - point.x(), here[:, 1] - point.y())
        near = np.argsort(away)[:_NEAREST]
        shift = np.average(there[near] - here[near], axis=0, weights=1 / (away[near] ** 2 + 1))
        return QPointF(point.x() + float(shift[0]), point.y() + float(shift[1]))

    def _anchors(self, one: Scene, other: Scene) -> Anchors:
        """Boxes that show the same layer or the same closed group."""
        assert self._shown is not None
        partner = np.full(len(self._shown.a.layers), -1, np.int64)
        partner[self._shown.pairs[:, 0]] = self._shown.pairs[:, 1]
        groups = {other.tree.path(g): g for g in range(other.tree.root, other.tree.items)}
        items = one.boxes.items
        found: list[tuple[float, ...]] = []
        for item in items[:: max(1, len(items) // _MOST_ANCHORS)].tolist():
            if item < one.tree.layers:
                match = int(partner[item])
            else:
                match = groups.get(one.tree.path(item), -1) if one.tree.is_group(item) else -1
            here = one.rectangle(item)
            there = other.rectangle(match) if match >= 0 else None
            if here is not None and there is not None:
                a, b = here.center(), there.center()
                found.append((a.x(), a.y(), b.x(), b.y()))
        return np.array(found, np.float64).reshape(-1, 4)


def _under(chip: Chip, name: Text, canvas: GraphCanvas) -> QWidget:
    side = QWidget()
    column = QVBoxLayout(side)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    head = QHBoxLayout()
    head.setContentsMargins(theme.PADDING, 6, theme.PADDING, 6)
    head.setSpacing(theme.GAP)
    head.addWidget(chip)
    head.addWidget(name, 1)
    column.addLayout(head)
    column.addWidget(canvas, 1)
    return side
