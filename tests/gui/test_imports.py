"""The window's process never loads a model library."""

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = {
    *("onnx", "onnx_ir", "onnxslim", "onnxruntime", "openvino", "nncf", "torch", "tensorrt"),
    *("asyncssh", "keyring"),
}

_ALL_OF_GUI = """
import importlib, json, pkgutil, sys
import gui
for info in pkgutil.walk_packages(gui.__path__, "gui."):
    if not info.name.endswith("__main__"):
        importlib.import_module(info.name)
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


def test_that_importing_all_of_gui_loads_no_model_library(tmp_path: Path) -> None:
    assert _modules_after(_ALL_OF_GUI, tmp_path) & HEAVY == set()
