"""Watches a Jetson's power, heat and clocks while something runs on it."""

import re
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from core.devices.power.ina3221 import PATTERNS, read_ina3221
from core.devices.power.rails import rail_facts
from core.devices.power.reading import PowerReading, PowerTrace
from core.devices.power.tegrastats import LONGEST_LINE, read_tegrastats
from core.errors import BoardError
from core.remote.connection import Connection
from core.remote.process import RemoteProcess

INTERVAL_MS = 100
_FIRST_READING_SECONDS = 3.0
_MOST_READINGS = 100_000
"""Nearly three hours; older ones are forgotten."""
_TEGRASTATS = ("tegrastats", "--interval", str(INTERVAL_MS))
_MONITORS = """while :; do
  for file in "$@"; do
    for path in $file; do printf '%s\\t' "$path"; cat "$path" 2>/dev/null || echo; done
  done
  echo
  sleep 0.1
done"""
"""Prints every monitor's file and what it holds, then an empty line; $file is a pattern."""
_ENTRY = re.compile(r"(/[^\t]{1,300})\t([^\t]{0,100})")


class PowerWatch:
    """Reads as long as it is entered; `trace` may be asked for at any time.

    Where tegrastats shows no rails, the INA3221 monitors are read as well. That neither can be
    read is no failure: the trace says what is missing.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._readings: list[PowerReading] = []
        self._first = threading.Event()
        self._processes: list[RemoteProcess] = []
        self._files: dict[str, str] = {}
        self._refusal = ""

    def __enter__(self) -> Self:
        self._start(_TEGRASTATS, self._take_tegrastats)
        if not self._first.wait(_FIRST_READING_SECONDS):
            self._refusal = "tegrastats says nothing that can be read"
        elif self._readings[-1].watts is not None:
            return self
        patterns = [f"/sys/{pattern}" for pattern in PATTERNS]
        self._start(["sh", "-c", _MONITORS, "edgewright", *patterns], self._take_monitors)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes:
            try:
                process.stop()
            except BoardError:
                continue  # the board ends them by itself when it hears nothing more

    def _start(self, argv: Sequence[str], take: Callable[[str], None]) -> None:
        self._processes.append(self._connection.start(argv, take, on_error=lambda line: None))

    def _take_tegrastats(self, line: str) -> None:
        if reading := read_tegrastats(line, time.monotonic()):
            self._add(reading)

    def _take_monitors(self, line: str) -> None:
        if found := _ENTRY.fullmatch(line[:LONGEST_LINE]):
            self._files[found[1]] = found[2].strip()
        elif not line and self._files:
            files, self._files = self._files, {}
            if reading := read_ina3221(files, time.monotonic()):
                self._add(reading)

    def _add(self, reading: PowerReading) -> None:
        self._readings.append(reading)
        del self._readings[:-_MOST_READINGS]
        self._first.set()

    def trace(self) -> PowerTrace:
        """All readings so far."""
        readings = tuple(self._readings)
        with_rails = next((one for one in reversed(readings) if one.watts is not None), None)
        if with_rails is None:
            return PowerTrace(source="tegrastats", missing=self._missing(), readings=readings)
        total = rail_facts().total_of(with_rails.rails)
        assert total is not None, "watts are only read where a total is known"
        source = "tegrastats" if with_rails.cores_on else "INA3221"
        return PowerTrace(source=source, covers=total.covers, readings=readings)

    def _missing(self) -> str:
        why = self._refusal or "tegrastats shows no supply rails whose sum is known"
        return (
            f"Not measured: {why}, and the board’s INA3221 monitors cannot be read either. "
            "Some boards show them to the administrator only, and some carriers have none; a power "
            "meter at the plug would tell."
        )


def first_reading(connection: Connection) -> PowerReading | None:
    """One look at the sensors; None where they say nothing."""
    with PowerWatch(connection) as watch:
        readings = watch.trace().readings
    return readings[0] if readings else None
