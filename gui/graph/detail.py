"""How much detail a frame shows: what is drawn at which size, and of how many."""

from core.layout.group_layout import BOX_HEIGHT
from gui.graph.scene import Ints
from gui.graph.view import View

READABLE = 0.42
"""Zoom from which there are words on boxes, and headers on frames."""
SHAPED = 0.4
"""Zoom from which boxes and frames have their rounded shape."""
LEAST_BOX = 2.8
"""Boxes of fewer pixels in height are not drawn where there are many; their groups say more."""
MANY = 5000
CROWDED = 6 * MANY
"""So many at the height of the view are too many without counting those in it."""


def visible_boxes(view: View) -> Ints | None:
    """Rows of the boxes to draw; None when they are too small and too many."""
    small = BOX_HEIGHT * view.camera.zoom < LEAST_BOX
    if small and view.scene.boxes_about(view.area) > CROWDED:
        return None
    if small and len(view.scene.boxes) > MANY:
        rows = view.scene.boxes_in(view.area)
        return rows if len(rows) <= MANY else None
    return view.scene.boxes_in(view.area)
