"""What the window must not wait for before its first paint; tests/benchmarks has the time."""

import json
import os
import subprocess
import sys
from pathlib import Path

LATER = {"onnx", "onnxruntime", "openvino", "torch", "pyqtgraph", "scipy", "PIL"}

_UP_TO_THE_FIRST_PAINT = """
import json, sys
from PySide6.QtCore import QSettings
from gui.app import make_application, make_window
application = make_application()
window = make_window(QSettings("unused.ini", QSettings.Format.IniFormat))
window.show()
application.processEvents()
assert not window.grab().isNull()
print(json.dumps(sorted(sys.modules)))
window.close()
"""

_BEFORE_QT = """
import json, sys
import gui.before_qt
print(json.dumps(sorted(sys.modules)))
"""


def _modules_after(program: str, folder: Path) -> set[str]:
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": root}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_that_the_first_paint_needs_neither_plots_nor_dialogs_nor_model_libraries(
    tmp_path: Path,
) -> None:
    loaded = _modules_after(_UP_TO_THE_FIRST_PAINT, tmp_path)

    assert loaded & LATER == set()
    assert not [name for name in loaded if name.startswith("gui.dialogs.")]


def test_that_what_is_imported_before_qt_is_all_needed_and_has_no_qt(tmp_path: Path) -> None:
    early = _modules_after(_BEFORE_QT, tmp_path)
    painted = _modules_after(_UP_TO_THE_FIRST_PAINT, tmp_path)

    assert not [name for name in early if name.startswith("PySide6")]
    assert {name for name in early if name.startswith("core.")} <= painted
