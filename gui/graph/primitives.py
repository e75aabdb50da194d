"""Draws thousands of rectangles or lines in one call, straight from numpy's memory."""

import shiboken6
from numpy import ascontiguousarray, float64
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter

_DOUBLES = 4
"""Both QRectF and QLineF are four doubles."""


def draw_rectangles(painter: QPainter, rectangles: NDArray[float64]) -> None:
    """`rectangles` holds x, y, width and height; shape (n, 4)."""
    if len(rectangles):
        memory = _owned(rectangles)
        first = shiboken6.wrapInstance(memory.ctypes.data, QRectF)
        painter.drawRects(first, len(memory))  # type: ignore[call-overload]  # stub lacks the pointer form


def draw_lines(painter: QPainter, lines: NDArray[float64]) -> None:
    """`lines` holds x1, y1, x2 and y2; shape (n, 4)."""
    if len(lines):
        memory = _owned(lines)
        first = shiboken6.wrapInstance(memory.ctypes.data, QLineF)
        painter.drawLines(first, len(memory))  # type: ignore[call-overload]  # stub lacks the pointer form


def _owned(values: NDArray[float64]) -> NDArray[float64]:
    """Contiguous doubles, four in a row: Qt reads the memory as it lies."""
    return ascontiguousarray(values, float64).reshape(-1, _DOUBLES)
