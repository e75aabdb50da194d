"""Draws the map's points on a plot: hollow, because they are predicted, and moving."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Qt, Signal

from gui import theme
from gui.map.marks import Mark, Marks


class MarksPainter(QObject):
    """Holds what it added to the plot, so that a move takes only that away."""

    picked = Signal(object)
    """The Solution whose point was pressed."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self._items: list[Any] = []
        self.front_dots: pg.ScatterPlotItem | None = None

    def draw(self, marks: Marks) -> None:
        for item in self._items:
            self._plot.removeItem(item)
        self._items, self.front_dots = [], None
        if marks.measured:
            colour = theme.current().dim
            self._add(_dots(marks.measured, "o", 10, pg.mkPen(colour), pg.mkBrush(colour)))
        if marks.front:
            self._draw_front(marks.front)
        if marks.plan is not None:
            middle = sum(mark.x[0] for mark in marks.all) / len(marks.all)
            self._draw_plan(marks.plan, late=marks.plan.x[0] > middle)

    def _draw_front(self, front: Sequence[Mark]) -> None:
        colour = theme.current().accent
        ordered = sorted(front, key=lambda mark: mark.x[0])
        self._add(
            pg.PlotDataItem(
                [mark.x[0] for mark in ordered],
                [mark.y[0] for mark in ordered],
                pen=pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine),
            )
        )
        pen, brush = pg.mkPen(colour, width=1.8), pg.mkBrush(theme.current().panel)
        self.front_dots = dots = _dots(front, "o", 11, pen, brush)
        dots.sigClicked.connect(lambda _, spots: self._pick(front, spots))
        self._add(dots)

    def _pick(self, front: Sequence[Mark], spots: Sequence[pg.SpotItem]) -> None:
        if len(spots):
            self.picked.emit(front[spots[0].index()].solution)

    def _draw_plan(self, plan: Mark, *, late: bool) -> None:
        """`late`: it is at the right, so its label goes to the left."""
        colour = theme.current().ink
        (x, x_low, x_high), (y, y_low, y_high) = plan.x, plan.y
        bars = pg.ErrorBarItem(
            x=np.array([x]),
            y=np.array([y]),
            left=np.array([x - x_low]),
            right=np.array([x_high - x]),
            bottom=np.array([y - y_low]),
            top=np.array([y_high - y]),
            pen=pg.mkPen(colour, width=1, style=Qt.PenStyle.DotLine),
        )
        self._add(bars)
        brush = pg.mkBrush(theme.current().panel)
        self._add(_dots((plan,), "d", 15, pg.mkPen(colour, width=2), brush))
        label = pg.TextItem("your plan, predicted", color=colour, anchor=(1 if late else 0, -0.4))
        label.setFont(theme.font(theme.TINY, 600))
        label.setPos(QPointF(x, y))
        self._add(label)

    def _add(self, item: Any) -> None:
        self._items.append(item)
        self._plot.addItem(item)


def _dots(marks: Sequence[Mark], symbol: str, size: int, pen: Any, brush: Any) -> Any:
    return pg.ScatterPlotItem(
        x=[mark.x[0] for mark in marks],
        y=[mark.y[0] for mark in marks],
        data=[mark.words for mark in marks],
        symbol=symbol,
        size=size,
        pen=pen,
        brush=brush,
        hoverable=True,
        tip=lambda x, y, data: data,
    )
