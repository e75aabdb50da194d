"""Where the camera goes: to the start of a model, to an item, to a whole group."""

from PySide6.QtCore import QPointF, QRectF

from gui.graph.camera import Camera
from gui.graph.scene import Scene

LEAST_ZOOM = 0.75
"""Nothing is brought into view smaller than this, so that it can be read."""


def start_of(scene: Scene, margin: QRectF) -> Camera:
    """All of a small model, else its beginning at a size that can be read."""
    bounds = scene.bounds
    whole = Camera().fitted(bounds, margin)
    if whole.zoom >= LEAST_ZOOM:
        return whole
    around = max(scene.spine - bounds.left(), bounds.right() - scene.spine)
    zoom = min(max(margin.width() / (2 * around), LEAST_ZOOM), 1.0)
    below = bounds.top() + margin.height() / 2 / zoom
    # Where the drawing goes on to the right alone, its left edge is at that of the view.
    across = max(scene.spine, min(bounds.left() + margin.width() / 2 / zoom, bounds.center().x()))
    return Camera(zoom=zoom).centred(QPointF(across, below), margin)


def towards(camera: Camera, target: QRectF, margin: QRectF) -> Camera | None:
    """The camera that shows `target`; None when it is seen well enough already."""
    seen = QRectF(camera.to_view(target.topLeft()), target.size() * camera.zoom)
    too_large = seen.height() > margin.height() or seen.width() > margin.width()
    if margin.contains(seen) or (too_large and margin.intersects(seen)):
        return None
    near = Camera(camera.x, camera.y, max(camera.zoom, LEAST_ZOOM))
    return near.centred(target.center(), margin)


def holding(camera: Camera, place: QPointF, target: QRectF) -> Camera:
    """The camera that shows the top of `target` at `place` of the view."""
    way = camera.to_view(top_of(target)) - place
    return camera.moved(way.x(), way.y())


def top_of(target: QRectF) -> QPointF:
    return QPointF(target.center().x(), target.top())
