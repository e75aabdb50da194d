"""A quiet chart in the theme's colours: the ground that every plot of the window stands on."""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor
from typing_extensions import override

from gui import theme

Words = Callable[[float], str]
_MOST_STEPS = 1500
"""More than a screen has room for."""


class Chart(pg.PlotWidget):
    """Still: no menus, no dragging. It draws itself anew when the theme changes."""

    pressed = Signal(float)
    """Where on the lower axis a person pressed."""

    def __init__(self, name: str, across: Words, up: Words) -> None:
        super().__init__()
        self._words: dict[str, Words] = {"bottom": across, "left": up}
        self._draw: Callable[[], None] = lambda: None
        self.setAccessibleName(name)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(120)
        theme.changed.connect(self._redraw)
        self._redraw()

    def draw(self, act: Callable[[], None]) -> None:
        """Clear and call `act`, now and whenever the theme changes."""
        self._draw = act
        self._redraw()

    def words_of(self, across: Words | None = None, up: Words | None = None) -> None:
        """Write the ticks in other words from now on."""
        self._words = {
            "bottom": across or self._words["bottom"],
            "left": up or self._words["left"],
        }

    def add_bars(
        self, left: NDArray[np.float64], right: NDArray[np.float64], tops: NDArray[np.float64]
    ) -> None:
        """Bars from zero up, side by side."""
        accent = theme.current().accent
        bars = pg.BarGraphItem(
            x0=left, x1=right, height=tops, brush=pg.mkBrush(accent), pen=pg.mkPen(accent, width=0)
        )
        self.addItem(bars)

    def add_ranges(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        """A vertical stroke from low to high at each place of the lower axis."""
        colours = theme.current()
        middle = (low + high) / 2
        places = np.arange(len(low))
        stroke = pg.ErrorBarItem(
            x=places, y=middle, height=high - low, beam=0, pen=pg.mkPen(colours.accent, width=1.5)
        )
        self.addItem(stroke)
        self.addItem(pg.InfiniteLine(0, angle=0, pen=pg.mkPen(colours.faint, width=1)))

    def add_steps(self, tops: NDArray[np.float64]) -> None:
        """A filled curve, one step per place; of very many places the highest of each few."""
        accent = theme.current().accent
        soft = QColor(accent)
        soft.setAlpha(60)
        few = -(-len(tops) // _MOST_STEPS)
        starts = np.arange(0, len(tops), few)
        self.plot(
            np.append(starts, len(tops)),
            np.maximum.reduceat(tops, starts),
            stepMode="center",
            fillLevel=0,
            brush=pg.mkBrush(soft),
            pen=pg.mkPen(accent, width=1.3),
        )

    def add_line(
        self, x: Sequence[float], y: Sequence[float], tone: str = "accent", *, dashed: bool = False
    ) -> None:
        """A curve in one of the theme's colours; where `y` is not a number it is broken."""
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        pen = pg.mkPen(getattr(theme.current(), tone), width=1.5, style=style)
        self.plot(np.asarray(x, float), np.asarray(y, float), pen=pen, connect="finite")

    def add_flag(self, x: float, y: float, text: str) -> None:
        """A dot with words: what a person should see first."""
        colours = theme.current()
        self.addItem(
            pg.ScatterPlotItem(
                x=[x], y=[y], size=10, brush=pg.mkBrush(colours.warn), pen=pg.mkPen(colours.panel)
            )
        )
        low, high = self.getViewBox().viewRange()[0]
        late = x > (low + high) / 2
        label = pg.TextItem(text, color=colours.ink, anchor=(1.0 if late else 0.0, 1.1))
        label.setFont(theme.font(theme.TINY, 600))
        label.setPos(QPointF(x, y))
        self.addItem(label)

    def show_range(self, x: Sequence[float], y: Sequence[float]) -> None:
        self.getViewBox().setRange(xRange=tuple(x), yRange=tuple(y), padding=0.02)

    @override
    def mousePressEvent(self, ev) -> None:
        box = self.getViewBox()
        place = self.mapToScene(ev.position().toPoint())
        if QRectF(box.sceneBoundingRect()).contains(place):
            self.pressed.emit(float(box.mapSceneToView(place).x()))

    def _redraw(self) -> None:
        self.clear()
        colours = theme.current()
        self.setBackground(colours.panel)
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(colours.line))
            axis.setTextPen(pg.mkPen(colours.dim))
            axis.setTickFont(theme.font(theme.TINY))
            axis.setStyle(tickLength=0, autoExpandTextSpace=True)
            axis.tickStrings = self._ticks(side)
        self.getAxis("left").setGrid(40)
        self._draw()

    def _ticks(self, side: str) -> Callable[..., list[str]]:
        return lambda values, scale, spacing: [self._words[side](value) for value in values]
