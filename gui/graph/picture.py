"""Saves the drawing as a file: SVG as vectors, PNG in any size; needs no window."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSaveFile, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from core.errors import InputError
from gui import theme
from gui.graph.badge_painter import paint_badges
from gui.graph.camera import Camera
from gui.graph.detail import READABLE, SHAPED
from gui.graph.edges import Edges
from gui.graph.frames import paint_frames, seen_frames
from gui.graph.headers import Headers
from gui.graph.labels import Labels
from gui.graph.nodes import DIMMED, Nodes, paint_face
from gui.graph.view import View

MARGIN = 24.0
"""Around the drawing, in its own units."""
MOST_PIXELS = 100_000_000
LONGEST_SIDE = 32_000
"""Qt paints no larger picture; most programs open none."""
MOST_VECTOR_BOXES = 20_000
"""Of more, an SVG would have hundreds of megabytes and no program would open it."""
TELL_EVERY = 200
FORMATS = (".svg", ".png")

Told = Callable[[float], None]
"""Hears the share that is done; what it raises stops the work."""


@dataclass(frozen=True)
class Picture:
    """What is to be saved: a view whose camera and size are those of the picture."""

    view: View
    boxes: int

    @property
    def size(self) -> QSize:
        """In pixels."""
        return QSizeF(self.view.size).toSize()


def picture_of(view: View, area: QRectF, scale: float) -> Picture:
    """A picture of `area` of the drawing, `scale` pixels per unit."""
    size = QSizeF(round(area.width() * scale), round(area.height() * scale))
    placed = replace(view, camera=Camera(area.x(), area.y(), scale), size=size, inset=0.0)
    return Picture(placed, len(view.scene.boxes_in(area)))


def whole_area(view: View) -> QRectF:
    """All of the drawing."""
    return view.scene.bounds.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)


def obstacle(picture: Picture, suffix: str) -> str:
    """Why this picture cannot be saved in a format; empty when it can."""
    size = picture.size
    if suffix == ".svg":
        if picture.boxes <= MOST_VECTOR_BOXES:
            return ""
        return (
            f"It has {picture.boxes:,} boxes; an SVG takes at most {MOST_VECTOR_BOXES:,}. Close "
            "some groups, save what is seen, or save a PNG."
        )
    longest = max(size.width(), size.height())
    if longest <= LONGEST_SIDE and size.width() * size.height() <= MOST_PIXELS:
        return ""
    return (
        f"It would have {size.width():,} × {size.height():,} pixels; at most {LONGEST_SIDE:,} each "
        f"way and {MOST_PIXELS // 1_000_000} million in all. Choose a smaller scale."
    )


def save_picture(picture: Picture, labels: Labels, path: Path, told: Told) -> None:
    """Write the file whole or not at all; call it on any thread. Raises InputError."""
    suffix = path.suffix.lower()
    why = obstacle(picture, suffix)
    if suffix not in FORMATS:
        why = f"“{path.name}” ends neither in .svg nor in .png."
    if why:
        raise InputError("The picture cannot be saved.", why, "Change what is saved, or how.")
    file = QSaveFile(str(path))
    if not file.open(QSaveFile.OpenModeFlag.WriteOnly):
        raise _unwritable(path, file)
    try:
        (_write_svg if suffix == ".svg" else _write_png)(picture, labels, file, told)
    except BaseException:
        file.cancelWriting()
        raise
    if not file.commit():
        raise _unwritable(path, file)


def _write_svg(picture: Picture, labels: Labels, file: QSaveFile, told: Told) -> None:
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(file)
    generator.setSize(picture.size)
    generator.setViewBox(QRectF(QPointF(), picture.view.size))
    generator.setTitle("Graph of a model")
    generator.setResolution(96)
    _paint_on(generator, picture, labels, told)


def _write_png(picture: Picture, labels: Labels, file: QSaveFile, told: Told) -> None:
    image = QImage(picture.size, QImage.Format.Format_RGB32)
    if image.isNull():
        raise InputError(
            "The picture cannot be saved.",
            "There is not enough memory for a picture of this size.",
            "Choose a smaller scale.",
        )
    _paint_on(image, picture, labels, told)
    QImageWriter(file, QByteArray(b"PNG")).write(image)


def _paint_on(device: QImage | QSvgGenerator, picture: Picture, labels: Labels, told: Told) -> None:
    painter = QPainter(device)
    try:
        paint_drawing(painter, picture.view, labels, told)
    finally:
        painter.end()


def paint_drawing(painter: QPainter, view: View, labels: Labels, told: Told) -> None:
    """The drawing as on the screen, but every box in full and nothing kept between frames."""
    painter.fillRect(QRectF(QPointF(), view.size), theme.current().background)
    frames = seen_frames(view)
    paint_frames(painter, view, frames, banded=False)
    Edges(view.scene.lines).paint(painter, view)
    nodes = Nodes(labels)
    rows = view.scene.boxes_in(view.area)
    if view.camera.zoom < SHAPED:
        nodes.paint(painter, view, rows)
    else:
        for done, row in enumerate(rows.tolist()):
            if done % TELL_EVERY == 0:
                told(done / len(rows))
            _paint_box(painter, view, nodes, row)
    Headers(labels, keeps=False).paint(painter, view, frames)
    paint_badges(painter, view)
    told(1.0)


def _paint_box(painter: QPainter, view: View, nodes: Nodes, row: int) -> None:
    boxes, camera = view.scene.boxes, view.camera
    steps_back = view.emphasis is not None and not view.emphasis.items[int(boxes.items[row])]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(DIMMED if steps_back else 1.0)
    painter.translate(camera.to_view(boxes.rectangle(row).topLeft()))
    painter.scale(camera.zoom, camera.zoom)
    paint_face(painter, nodes.face(view, row), words=camera.zoom >= READABLE)
    painter.restore()


def _unwritable(path: Path, file: QSaveFile) -> InputError:
    return InputError(
        f"“{path.name}” could not be written.", f"{file.errorString()}.", "Choose another place."
    )
