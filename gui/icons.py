"""Icons from resources/icons, drawn in the theme's colours."""

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui import theme


def icon(name: str, tone: str = "dim") -> QIcon:
    """The icon in the colour that `tone` names in the theme, fainter where disabled."""
    return _icon(name, getattr(theme.current(), tone).name(), theme.current().line.name())


@cache
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    made = QIcon()
    for size in (16, 32):
        made.addPixmap(_pixmap(name, colour, size))
        made.addPixmap(_pixmap(name, disabled, size), QIcon.Mode.Disabled)
    return made


def draw(painter: QPainter, name: str, area: QRectF, colour: QColor) -> None:
    """Draw the icon into `area`."""
    _renderer(name, colour.name()).render(painter, area)


def _pixmap(name: str, colour: str, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _renderer(name, colour).render(painter)
    painter.end()
    return pixmap


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    source = (resources.files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
