"""Latency or size against accuracy, with error bars and the limit."""

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.search.report import Candidate, OptimizationReport
from gui import theme
from gui.map.marks import Marks
from gui.map.marks_painter import MarksPainter
from gui.wording import milliseconds_words, points_words, size_words

Point = tuple[float, float, float, float, float, float]
"""x, its low and high, y, its low and high."""


class TradeoffPlot(QWidget):
    """One point per measured candidate, hollow ones for what is predicted; pressing selects."""

    candidate_picked = Signal(str)
    solution_picked = Signal(object)
    """One of the solver's plans."""

    def __init__(self) -> None:
        super().__init__()
        self._report: OptimizationReport | None = None
        self._selected: str | None = None
        self._drawn: tuple[Candidate, ...] = ()
        self._points: dict[str, Point] = {}
        """Of the candidates that are drawn."""
        self._dots: pg.ScatterPlotItem | None = None
        self.setAccessibleName("Latency against accuracy; the table beside it holds the figures")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        self._plot = pg.PlotWidget()
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box.addWidget(self._plot)
        self._marks = Marks()
        self.marks_painter = MarksPainter(self._plot)
        self.marks_painter.picked.connect(self.solution_picked)
        theme.changed.connect(self._draw)

    def show_report(self, report: OptimizationReport | None, selected: str | None) -> None:
        self._report, self._selected = report, selected
        self._draw()

    def show_marks(self, marks: Marks) -> None:
        """What the map predicts; moves with every edit of the plan."""
        if marks != self._marks:
            before, self._marks = self._marks, marks
            if (before.by_size, before.accuracy) != (marks.by_size, marks.accuracy):
                self._draw()
            else:
                self.marks_painter.draw(marks)
                self._fit()

    def select(self, candidate_id: str | None) -> None:
        self._selected = candidate_id
        if self._dots is not None:
            self._dots.setPen([self._outline(candidate) for candidate in self._drawn])

    def _draw(self) -> None:
        self._plot.clear()
        self._drawn, self._dots, self._points = (), None, {}
        self._style_axes()
        if self._report is not None:
            self._draw_report(self._report)
        self.marks_painter.draw(self._marks)
        self._fit()

    def _draw_report(self, report: OptimizationReport) -> None:
        found = [(each, point_of(each, report)) for each in report.candidates]
        points = self._points = {each.id: point for each, point in found if point is not None}
        self._drawn = tuple(each for each, point in found if point is not None)
        self._draw_limit()
        self._draw_bars(points)
        self._draw_dots(points)

    def _style_axes(self) -> None:
        colours = theme.current()
        self._plot.setBackground(colours.panel)
        report, marks = self._report, self._marks
        by_size = report.goal.aim == "size" if report else marks.by_size
        unchecked = not (report.accuracy_checked if report else marks.accuracy)
        words: dict[str, Callable[[float], str]] = {
            "bottom": _megabytes if by_size else _milliseconds,
            "left": _megabytes if unchecked else _percent if self._report else _change,
        }
        for side, format_value in words.items():
            axis = self._plot.getAxis(side)
            axis.setPen(pg.mkPen(colours.line))
            axis.setTextPen(pg.mkPen(colours.dim))
            axis.setTickFont(theme.font(theme.TINY))
            axis.setStyle(tickLength=0, autoExpandTextSpace=True)
            axis.tickStrings = lambda values, scale, spacing, f=format_value: [
                f(value) for value in values
            ]
        self._plot.getAxis("left").setGrid(40)

    def _draw_limit(self) -> None:
        report = self._report
        assert report is not None
        limit = accuracy_limit(report)
        if limit is None:
            return
        colour = theme.current().warn
        line = pg.InfiniteLine(
            limit,
            angle=0,
            pen=pg.mkPen(colour, width=1.3, style=Qt.PenStyle.DashLine),
            label=f"limit: {points_words(report.goal.max_drop)}",
            labelOpts={"color": colour, "position": 0.55, "anchors": [(0.5, 1), (0.5, 1)]},
        )
        line.label.setFont(theme.font(theme.TINY))
        self._plot.addItem(line)

    def _draw_bars(self, points: dict[str, Point]) -> None:
        """One item per colour: each costs the scene time."""
        colours = {_colour(each).name(): _colour(each) for each in self._drawn}
        for name, colour in colours.items():
            chosen = [points[each.id] for each in self._drawn if _colour(each).name() == name]
            x, x_low, x_high, y, y_low, y_high = np.array(chosen).T
            bars = pg.ErrorBarItem(
                x=x,
                y=y,
                left=x - x_low,
                right=x_high - x,
                bottom=y - y_low,
                top=y_high - y,
                pen=pg.mkPen(colour, width=1.4),
            )
            self._plot.addItem(bars)

    def _draw_dots(self, points: dict[str, Point]) -> None:
        if not self._drawn:
            return
        self._dots = pg.ScatterPlotItem(
            x=[points[each.id][0] for each in self._drawn],
            y=[points[each.id][3] for each in self._drawn],
            data=[f"{each.label}\n{each.reason}" for each in self._drawn],
            size=[15 if each.standing == "chosen" else 11 for each in self._drawn],
            brush=[pg.mkBrush(_colour(each)) for each in self._drawn],
            pen=[self._outline(each) for each in self._drawn],
            hoverable=True,
            tip=lambda x, y, data: data,
        )
        self._dots.sigClicked.connect(self._tell)
        self._plot.addItem(self._dots)
        best = next((each for each in self._drawn if each.standing == "chosen"), None)
        if best is not None:
            x, _, _, _, _, top = points[best.id]
            label = pg.TextItem("★ best within the limit", color=theme.current().ink, anchor=(0, 1))
            label.setFont(theme.font(theme.TINY, 600))
            label.setPos(QPointF(x, top))
            self._plot.addItem(label)

    def _outline(self, candidate: Candidate) -> QPen:
        if candidate.id == self._selected:
            return pg.mkPen(theme.current().ink, width=2)
        return pg.mkPen(theme.current().panel, width=1.5)

    def _tell(self, _: object, spots: Sequence[pg.SpotItem]) -> None:
        if len(spots):
            self.candidate_picked.emit(self._drawn[spots[0].index()].id)

    def _fit(self) -> None:
        """Room for all points; of what is predicted the points only, for bands may be wide."""
        points, marks = self._points.values(), self._marks.all
        if not points and not marks:
            return
        across = [end for point in points for end in point[1:3]] + [one.x[0] for one in marks]
        lowest_x, highest_x = min(across), max(across)
        limit = accuracy_limit(self._report) if self._report else None
        levels = [level for point in points for level in point[4:]]
        levels += [one.y[0] for one in marks]
        levels += [limit] if limit is not None else []
        low, high = min(levels), max(levels)
        side = max((highest_x - lowest_x) * 0.07, 0.05 * highest_x)
        margin = max((high - low) * 0.15, 1e-3 * max(abs(high), 1e-9))
        self._plot.getViewBox().setRange(
            xRange=(lowest_x - side, highest_x + side),
            yRange=(low - margin, high + margin * 1.6),
            padding=0,
        )


def point_of(candidate: Candidate, report: OptimizationReport) -> Point | None:
    """Where a candidate lies, with both intervals; None when it was not fully measured."""
    if candidate.benchmark is None or candidate.file_bytes is None:
        return None
    size = candidate.file_bytes / 1e6
    latency = candidate.benchmark.latency_ms
    if report.accuracy_checked:
        if candidate.accuracy is None or not candidate.accuracy.scores:
            return None
        score = candidate.accuracy.scores[0]
        y = (100 * score.value, 100 * score.low, 100 * score.high)
    else:
        y = (size, size, size)
    if report.goal.aim == "size":
        return (size, size, size, *y)
    return (latency.value, latency.low, latency.high, *y)


def accuracy_limit(report: OptimizationReport) -> float | None:
    """The lowest score, in percent, that the goal allows."""
    for candidate in report.candidates:
        if candidate.standing == "baseline" and candidate.accuracy and candidate.accuracy.scores:
            return 100 * candidate.accuracy.scores[0].value - report.goal.max_drop
    return None


def _colour(candidate: Candidate) -> QColor:
    colours = theme.current()
    tones = {"chosen": colours.good, "baseline": colours.dim, "over limit": colours.warn}
    return tones.get(candidate.standing, colours.accent)


def _milliseconds(value: float) -> str:
    return f"{value:g} ms" if value >= 0.1 or value == 0 else milliseconds_words(value)


def _megabytes(value: float) -> str:
    return size_words(value * 1e6)


def _change(value: float) -> str:
    return f"{value:+g}".replace("-", "−").replace("+0", "0") + " points"


def _percent(value: float) -> str:
    return f"{value:g} %"
