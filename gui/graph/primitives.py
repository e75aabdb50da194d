"""Draws thousands of rectangles or lines in one call, straight from numpy's memory."""

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRect, QRectF
from PySide6.QtGui import QPaintEngine, QPainter

Floats = NDArray[np.float64]

_FOUR = 4
"""QRectF and QLineF are four doubles, QRect is four 32-bit numbers."""


def draw_rectangles(painter: QPainter, rectangles: Floats) -> None:
    """`rectangles` holds x, y, width and height; shape (n, 4)."""
    if not len(rectangles):
        return
    if on_pixels(painter):
        _draw_pixels(painter, rectangles[:, :2], rectangles[:, :2] + rectangles[:, 2:])
        return
    memory = np.ascontiguousarray(rectangles, np.float64).reshape(-1, _FOUR)
    first = shiboken6.wrapInstance(memory.ctypes.data, QRectF)
    painter.drawRects(first, len(memory))  # type: ignore[call-overload]  # stub lacks the pointer form


def draw_lines(painter: QPainter, lines: Floats) -> None:
    """`lines` holds x1, y1, x2 and y2; shape (n, 4)."""
    if len(lines):
        memory = np.ascontiguousarray(lines, np.float64).reshape(-1, _FOUR)
        first = shiboken6.wrapInstance(memory.ctypes.data, QLineF)
        painter.drawLines(first, len(memory))  # type: ignore[call-overload]  # stub lacks the pointer form


def draw_straight(painter: QPainter, lines: Floats) -> None:
    """Upright and level lines of one pixel in the brush's colour, without a pen.

    Only `on_pixels`. Qt needs 4 to 100 times as long for the same as smooth lines.
    """
    if len(lines):
        first, last = lines[:, :2], lines[:, 2:]
        _draw_pixels(
            painter, np.floor(np.minimum(first, last)), np.floor(np.maximum(first, last)) + 1
        )


def on_pixels(painter: QPainter) -> bool:
    """Whether units are pixels: not so in an SVG, nor on a screen with several per unit."""
    raster = painter.paintEngine().type() == QPaintEngine.Type.Raster
    return raster and not painter.deviceTransform().isScaling()


def _draw_pixels(painter: QPainter, left_top: Floats, right_bottom: Floats) -> None:
    """On whole pixels, as Qt would round them; it is faster with whole numbers."""
    memory = np.empty((len(left_top), _FOUR), np.int32)
    memory[:, :2] = np.floor(left_top + 0.5)
    memory[:, 2:] = np.floor(right_bottom + 0.5) - 1
    first = shiboken6.wrapInstance(memory.ctypes.data, QRect)
    painter.drawRects(first, len(memory))  # type: ignore[call-overload]  # stub lacks the pointer form
