"""Pictures that are made as there is time, and rectangles that are painted as whole numbers."""

from math import inf

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from gui.graph.primitives import draw_rectangles, draw_straight
from gui.graph.sprites import Spending, Sprites

pytestmark = pytest.mark.usefixtures("light")


def canvas_of() -> QImage:
    image = QImage(120, 90, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    return image


def picture(_: float) -> QPixmap:
    return QPixmap(4, 4)


def frame(sprites: Sprites, *, at_rest: bool) -> None:
    """Begin one, as the painter of the graph does."""
    image = canvas_of()
    painter = QPainter(image)
    sprites.at_rest = at_rest
    sprites.begin(painter)
    painter.end()


def test_that_what_a_moving_frame_leaves_out_is_made_at_rest() -> None:
    sprites = Sprites(Spending(moving=0.0, at_rest=inf), 10)

    frame(sprites, at_rest=False)
    assert sprites.get("name", 1.0, picture) is None
    assert sprites.stale

    frame(sprites, at_rest=True)
    assert sprites.get("name", 1.0, picture) is not None
    assert not sprites.stale


def test_that_an_old_picture_serves_until_there_is_time_for_a_sharp_one() -> None:
    sprites = Sprites(Spending(moving=0.0, at_rest=inf), 10)
    frame(sprites, at_rest=True)
    old = sprites.get("name", 1.0, picture)

    frame(sprites, at_rest=False)
    assert sprites.get("name", 2.0, picture, sharp=False) is old
    assert not sprites.stale
    assert sprites.get("name", 2.0, picture) is old
    assert sprites.stale

    frame(sprites, at_rest=True)
    fresh = sprites.get("name", 2.0, picture)
    assert fresh is not None
    assert fresh.zoom == 2.0


def test_that_rectangles_cover_the_pixels_that_qt_would_fill() -> None:
    random = np.random.default_rng(3)
    rectangles = np.concatenate(
        [random.uniform(-20, 100, (300, 2)), random.uniform(1, 9, (300, 2))], axis=1
    )
    for ours, theirs in zip(rectangles[:, np.newaxis], rectangles.tolist(), strict=True):
        images = canvas_of(), canvas_of()
        for image, of_qt in zip(images, (False, True), strict=True):
            painter = QPainter(image)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("black"))
            if of_qt:
                painter.drawRect(QRectF(*theirs))
            else:
                draw_rectangles(painter, ours)
            painter.end()
        assert images[0] == images[1], theirs


def test_that_straight_lines_are_one_pixel_wide_and_reach_both_ends() -> None:
    image = canvas_of()
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("black"))
    draw_straight(painter, np.array([[10.5, 40.2, 10.5, 20.7], [30.5, 50.9, 60.5, 50.9]]))
    painter.end()

    black = QColor("black").rgb()
    dark = {(x, y) for x in range(120) for y in range(90) if image.pixel(x, y) == black}
    upright = {(10, y) for y in range(20, 41)}
    level = {(x, 50) for x in range(30, 61)}
    assert dark == upright | level
