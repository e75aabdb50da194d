"""What grows higher than its place: it scrolls, up and down only."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


def scrolled(content: QWidget | None = None) -> QScrollArea:
    """As wide as its place; without content until some is set."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if content is not None:
        area.setWidget(content)
    return area


def scrolled_column(*widgets: QWidget, spacing: int = 0) -> QScrollArea:
    """One below the other on a panel's ground, together at the top."""
    page = QWidget()
    page.setProperty("surface", "panel")
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 6, 0)
    column.setSpacing(spacing)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return scrolled(page)
