"""What one frame shows: which scene, in which colours, from where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from PySide6.QtCore import QRectF, QSizeF

from gui.graph.badge import Badge
from gui.graph.camera import Camera
from gui.graph.emphasis import Emphasis
from gui.graph.scene import Scene
from gui.graph.shading import Shading


@dataclass(frozen=True)
class View:
    scene: Scene
    shading: Shading
    camera: Camera
    size: QSizeF
    """Of the widget, in its own pixels."""
    settled: bool = True
    """False while the zoom is still changing: what is drawn need not be sharp."""
    emphasis: Emphasis | None = None
    badges: Mapping[int, Badge] = field(default_factory=dict[int, Badge])
    """By item; layers and groups."""
    inset: float = 0.0
    """Height at the top of the widget that others cover."""

    @cached_property
    def area(self) -> QRectF:
        """The part of the drawing that is seen."""
        return self.camera.seen(self.size)
