"""Colours that stand for kinds of things; told apart by colour-blind eyes, always beside words.

After Okabe and Ito, “Color universal design” (2008), toned so that none outshines the others.
"""

from PySide6.QtGui import QColor

_COLOURS = (
    "#3f7fd0",
    "#8a5fc9",
    "#d2762c",
    "#6f8193",
    "#2f9e8f",
    "#c9577f",
    "#b08f1e",
    "#5aa0c8",
    "#8c8c8c",
)


def category(index: int) -> QColor:
    """The colour of the category with this number; they repeat after nine."""
    return QColor(_COLOURS[index % len(_COLOURS)])
