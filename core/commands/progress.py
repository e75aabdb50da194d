"""Shows a job's events on a terminal: one line that changes, or plain lines for a file."""

import time
from typing import TextIO

from core.commands.words import percent, plain, seconds_left
from core.jobs.events import Event, Failed, Note, Progress, Step

_LINE_INTERVAL = 5.0
"""Seconds between plain lines within one step."""


class ProgressLines:
    """Listens to jobs and writes to a stream, such as stderr."""

    def __init__(self, stream: TextIO, *, live: bool) -> None:
        """`live` rewrites one line, for a terminal."""
        self._stream = stream
        self._live = live
        self._step = ""
        self._shown = False
        self._last_line = 0.0

    def __call__(self, event: Event) -> None:
        match event:
            case Step(title=title, index=index, total=total):
                self._step = f"[{index + 1}/{total}] {title}"
                self._show(self._step)
                self._last_line = time.monotonic()
            case Progress():
                self._show_progress(event)
            case Note(level=level, text=text):
                self.line(f"{'Warning: ' if level == 'warning' else ''}{text}")
            case Failed(log=log):
                for text in log:
                    self.line(f"  | {text}")
            case _:
                pass

    def line(self, text: str) -> None:
        """Write a line that stays."""
        self.clear()
        self._stream.write(f"{plain(text)}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take away the line that changes."""
        if self._shown:
            self._stream.write("\r\033[K")
            self._stream.flush()
            self._shown = False

    def _show_progress(self, event: Progress) -> None:
        if not self._live and time.monotonic() - self._last_line < _LINE_INTERVAL:
            return
        self._last_line = time.monotonic()
        parts = [f"{percent(event.fraction):>5}  {self._step}"]
        if event.text:
            parts.append(event.text)
        elif event.unit:
            parts.append(f"{event.done:g} of {event.total:g} {event.unit}")
        if event.seconds_left is not None:
            parts.append(seconds_left(event.seconds_left))
        self._show(" · ".join(parts))

    def _show(self, text: str) -> None:
        if not self._live:
            self.line(text)
            return
        # The terminal cuts the line off (no wrap) while it is written.
        self._stream.write(f"\r\033[?7l{plain(text)}\033[K\033[?7h")
        self._stream.flush()
        self._shown = True
