"""What a person looks at, by names: it can be found again when the same model was edited."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Self

from PySide6.QtCore import QPointF

from gui.graph import viewpoints
from gui.graph.arranger import Arrangement
from gui.graph.camera import Camera
from gui.graph.places import Place, item_at, place_of
from gui.graph.view import View


@dataclass(frozen=True)
class Standpoint:
    """Which groups are open, and where the view is; `place` is held at `at` of the view."""

    open_groups: Set[tuple[str, ...]]
    camera: Camera
    place: Place | None = None
    at: QPointF | None = None

    @classmethod
    def of(cls, arrangement: Arrangement, view: View) -> Self:
        tree, scene = arrangement.tree, arrangement.scene
        groups = frozenset(tree.path(group) for group in scene.expanded)
        item = scene.nearest_box(view.area)
        rectangle = None if item is None else scene.rectangle(item)
        if item is None or rectangle is None:
            return cls(groups, view.camera)
        place = place_of(arrangement.graph, tree, item)
        return cls(groups, view.camera, place, view.camera.to_view(viewpoints.top_of(rectangle)))

    def camera_for(self, arrangement: Arrangement) -> Camera:
        """The camera that shows the same part of another state of the model."""
        if self.place is None or self.at is None:
            return self.camera
        item = item_at(arrangement.graph, arrangement.tree, self.place)
        rectangle = None if item is None else arrangement.scene.rectangle(item)
        return viewpoints.holding(self.camera, self.at, rectangle) if rectangle else self.camera
