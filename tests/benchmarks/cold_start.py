"""Time from starting the program to the window's first paint; prints one line.

Run `python tests/benchmarks/cold_start.py`: the median and the range of several fresh processes.
The first of them is not counted: it compiles the sources, which an installed program has compiled.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 7
LIMIT = 1.5
"""Seconds that a cold start may take."""

_PROGRAM = """
import gc, sys
gc.disable()  # this and the next line as gui.__main__ has them
import gui.before_qt
from PySide6.QtCore import QObject, QEvent, QSettings
from gui.app import make_application, make_window

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print("painted", flush=True)
            watched.removeEventFilter(self)
        return False

application = make_application()
window = make_window(QSettings(sys.argv[1], QSettings.Format.IniFormat))
watch = Watch()
window.installEventFilter(watch)
window.show()
application.processEvents()
"""


def main() -> int:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    if not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        environment["XDG_DATA_HOME"] = folder
        environment |= {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(1 + RUNS):
            began = time.perf_counter()
            command = [sys.executable, "-c", _PROGRAM, f"{folder}/settings.ini"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
                assert process.stdout is not None
                assert process.stdout.readline().strip() == b"painted"
                seconds.append(time.perf_counter() - began)
                process.kill()
    counted = seconds[1:]
    median = statistics.median(counted)
    least, most = min(counted), max(counted)
    sys.stdout.write(f"first paint after {median:.2f} s ({least:.2f} to {most:.2f})\n")
    return 0 if median <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
