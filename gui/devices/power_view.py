"""Power and heat while a model was measured: figures and curves, and why one is missing."""

from collections.abc import Callable
from math import nan

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.benchmark.results import Energy, Estimate
from core.devices.power.reading import PowerReading, PowerTrace
from gui import theme
from gui.panels.chart import Chart, Words
from gui.panels.text import Facts, Text, Tone

Figure = Callable[[PowerReading], float | None]

_HEIGHT = 132
_UNREADABLE = "not measured"


class PowerView(QWidget):
    """What was not read says so, with the reason; a figure is never made up."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self.facts = Facts(150)
        self.missing = Text(size=theme.SMALL, tone="warn", overflow="wrap")
        column.addWidget(self.facts)
        column.addWidget(self.missing)
        self.power = _Curve("Power over time", _watts, lambda one: one.watts, "accent")
        self.heat = _Curve(
            "Hottest sensor over time", _celsius, lambda one: one.hottest_celsius, "warn"
        )
        column.addWidget(self.power)
        column.addWidget(self.heat)

    def show_energy(self, energy: Energy | None) -> None:
        """None where the result is older than the figures."""
        self._show_facts(energy or Energy())
        self.missing.setText(_missing_words(energy))
        self.missing.setVisible(bool(self.missing.text()))
        trace = energy.trace if energy else None
        for curve in (self.power, self.heat):
            curve.show_trace(trace or PowerTrace(source=""))

    def _show_facts(self, energy: Energy) -> None:
        self.facts.clear()
        self._add_estimate("Energy for one input", energy.joules, joules_words)
        self._add_estimate("Power at work", energy.watts, _watts)
        if energy.idle_watts is not None:
            self._add("Power before", _watts(energy.idle_watts))
        if energy.covers:
            self.facts.add("Measured of", energy.covers)
        self._add("Temperature", _heat_words(energy))
        self._add("Clock", "" if energy.clock_mhz is None else f"{energy.clock_mhz:.0f} MHz")
        if energy.throttled is not None:
            slowed = "yes: for its heat or power" if energy.throttled else "no"
            kind = "warn" if energy.throttled else "good"
            self.facts.add("Slowed down", slowed, "measured", kind)
        if energy.power_mode:
            self.facts.add("Power mode", energy.power_mode)

    def _add_estimate(self, name: str, found: Estimate | None, words: Words) -> None:
        if found is None:
            self._add(name, "")
        else:
            self._add(name, f"{words(found.value)} ({words(found.low)} to {words(found.high)})")

    def _add(self, name: str, value: str) -> None:
        chip = "measured" if value else ""
        self.facts.add(name, value or _UNREADABLE, chip, "good")


class _Curve(QWidget):
    """One figure of the trace over time; hidden where the device did not tell it."""

    def __init__(self, title: str, up: Words, figure: Figure, tone: Tone) -> None:
        super().__init__()
        self._figure, self._tone = figure, tone
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(Text(title, size=theme.SMALL, tone="dim"))
        self.chart = Chart(title, _seconds, up)
        self.chart.setFixedHeight(_HEIGHT)
        column.addWidget(self.chart)

    def show_trace(self, trace: PowerTrace) -> None:
        most, readings = trace.highest(self._figure), list(trace.readings)
        self.setVisible(most is not None and len(readings) > 1)
        if most is None:
            return
        times = [one.at - readings[0].at for one in readings]
        told = [self._figure(one) for one in readings]
        values = [nan if value is None else value for value in told]

        def draw() -> None:
            self.chart.add_line(times, values, self._tone)
            self.chart.show_range((0, times[-1]), (0, most * 1.15))

        self.chart.draw(draw)


def _missing_words(energy: Energy | None) -> str:
    """Why something was not measured, and what helps."""
    if energy is None:
        return "Power and heat were not measured when this was taken. Measure again to see them."
    unread = f"Not told by this device: {', '.join(energy.unread)}." if energy.unread else ""
    return " ".join(filter(None, (energy.missing, unread)))


def _heat_words(energy: Energy) -> str:
    if energy.celsius_highest is None:
        return ""
    before = "" if energy.celsius_before is None else f"{_celsius(energy.celsius_before)} before, "
    return f"{before}{_celsius(energy.celsius_highest)} at most"


def _watts(value: float) -> str:
    return f"{value:.3g} W"


def joules_words(value: float) -> str:
    return f"{value:.3g} J" if value >= 0.1 else f"{value * 1000:.3g} mJ"


def _celsius(value: float) -> str:
    return f"{value:.0f} °C"


def _seconds(value: float) -> str:
    return f"{value:g} s"
