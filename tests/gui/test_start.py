"""How the program starts: what it says without a display or without Qt's libraries."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gui.__main__ import SYSTEM_LIBRARIES, main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_display")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_that_no_display_is_said_and_points_at_the_commands(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2

    assert "there is no display" in capfd.readouterr().err


def test_that_a_missing_system_library_is_named_with_the_packages_that_bring_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "PySide6").mkdir()
    failing = "raise ImportError('libEGL.so.1: cannot open shared object file')"
    (tmp_path / "PySide6" / "__init__.py").write_text(failing)
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "DISPLAY": ":0"}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(ROOT)])

    done = subprocess.run(
        [sys.executable, "-m", "gui"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )

    assert done.returncode == 2
    assert "libEGL.so.1" in done.stderr
    assert f"sudo apt-get install {SYSTEM_LIBRARIES}" in done.stderr


def test_that_the_readme_names_the_same_system_libraries() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert f"sudo apt-get install {SYSTEM_LIBRARIES}\n" in readme


def test_that_commands_reach_the_command_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "nowhere.onnx"]) == 2

    assert "nowhere.onnx" in capfd.readouterr().err
