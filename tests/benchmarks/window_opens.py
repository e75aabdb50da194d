"""Opens one model in a window that nobody sees and prints what that cost, as JSON.

    python tests/benchmarks/window_opens.py MODEL

For tests/benchmarks/open_large_model.py, which runs it in a process of its own for each model.
Counted is from the wish to open the file to the first complete paint; the worker waited, its
imports done.
"""

import contextlib
import gc
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSettings, QTimer

from gui.app import make_application, make_window
from gui.window import MainWindow

READY_MS = 4000
"""Until the window has been shown and its worker waits."""
LIMIT_MS = 300_000


def main() -> None:
    gc.disable()
    application = make_application()
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = make_window(settings, Path(folder) / "projects")
        window.resize(1600, 950)
        window.show()
        gc.freeze()
        gc.enable()
        window.session.get_ready()
        wait(READY_MS)
        figures = measured(window, Path(sys.argv[1]).absolute())
        window.close()
        application.processEvents()
    sys.stdout.write(json.dumps(figures) + "\n")


def measured(window: MainWindow, model: Path) -> dict[str, float]:
    loop = QEventLoop()
    window.graph_area.canvas.model_drawn.connect(loop.quit)
    QTimer.singleShot(LIMIT_MS, loop.quit)
    before = seconds_of_waiting(window)
    peaks = Peaks(window.session.standby.pid or 0)
    children, own, began = worker_seconds(), time.process_time(), time.monotonic()
    window.session.open(model)
    loop.exec()
    return {
        "window_cpu": time.process_time() - own,
        "worker_cpu": worker_seconds() - children - before,
        "wall": time.monotonic() - began,
        "window_pss": pss_megabytes(),
        "worker_peak": peaks.highest,
    }


class Peaks:
    """Looks again and again how much memory a process has had at most, in megabytes."""

    def __init__(self, pid: int) -> None:
        self.highest = 0.0
        self._status = Path(f"/proc/{pid}/status")
        self._timer = QTimer(interval=10)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        with contextlib.suppress(OSError, IndexError):
            self.highest = int(self._status.read_text().split("VmHWM:")[1].split()[0]) / 1024


def seconds_of_waiting(window: MainWindow) -> float:
    """Processor time that the waiting worker has spent on its imports."""
    pid = window.session.standby.pid
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def worker_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pss_megabytes() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
