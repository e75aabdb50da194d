"""A gate for the binding: PySide6 6.12.0 under Python 3.11 loses references and then aborts."""

import json
import os
import subprocess
import sys

CALLS = 300
_PROGRAM = f"""
import gc, json, sys
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLabel

class Sender(QObject):
    told = Signal(bool)

application = QApplication([])
sender, label = Sender(), QLabel()
sender.told.connect(lambda flag: None)
actions = {{
    "emit": lambda: sender.told.emit(True),
    "setText": lambda: label.setText("text"),
    "resize": lambda: label.resize(10, 10),
    "update": lambda: label.update(),
    "processEvents": lambda: application.processEvents(),
    "isVisible": lambda: label.isVisible(),
}}
lost = {{}}
for name, act in actions.items():
    act()
    gc.collect()
    before = {{repr(each): sys.getrefcount(each) for each in (None, True, False)}}
    for _ in range({CALLS}):
        act()
    gc.collect()
    for each in (None, True, False):
        lost[f"{{name}} {{each!r}}"] = before[repr(each)] - sys.getrefcount(each)
print(json.dumps(lost))
"""


def test_that_calls_into_qt_lose_no_reference_to_none_or_true() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lost = {name: count for name, count in json.loads(done.stdout).items() if count > CALLS // 10}
    assert lost == {}
