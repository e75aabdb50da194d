"""The libraries report nothing to their makers."""

import subprocess
import sys
from pathlib import Path


def test_that_no_library_reports_home(tmp_path: Path) -> None:
    script = """
import socket, sys
import core
attempts = []
def refuse(*arguments):
    attempts.append(arguments)
    raise OSError("offline")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
import multiprocessing
multiprocessing.Process.start = lambda process: attempts.append(process)
import onnxruntime, openvino
assert not attempts, attempts
assert sys.modules["openvino_telemetry"] is None
"""
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert [path.relative_to(home) for path in home.rglob("*")] == []
