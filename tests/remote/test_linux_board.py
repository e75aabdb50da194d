"""What is seen of a Linux board, and what is put onto it after consent."""

import sys
from pathlib import Path

import pytest

from core.devices import find_device, open_ground
from core.errors import BoardError, InputError
from core.remote.board import Board
from core.remote.connection import Connection
from core.remote.environment import (
    find_python,
    make_environment,
    oldest_python,
    ready_python,
    requirements,
)
from core.remote.kinds import board_kinds, recognized
from core.remote.linux_checks import check_linux_board
from tests.remote.sshd import Sshd

OLD_PYTHON = """#!/bin/sh
echo '{"version": [3, 8, 10], "packages": {}, "can_make": true}'
"""
BARE_PYTHON = """#!/bin/sh
# Makes an environment whose pip “installs”; what is installed is found from then on.
case "$*" in
  *importlib.util*)
    if [ -e "$HOME/installed" ]; then
      found='{"numpy": "2", "psutil": "7", "pydantic": "2", "openvino": "1"}'
    else
      found='{}'
    fi
    echo '{"version": [3, 12, 1], "can_make": true, "packages": '"$found"'}';;
  *"-m venv"*) for last in "$@"; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python";;
  *"pip install"*)
    for package in numpy psutil pydantic; do echo "Collecting $package"; done
    if [ -e "$HOME/offline" ]; then echo "ERROR: No matching distribution found for numpy"; exit 1
    fi
    echo "Successfully installed everything"; touch "$HOME/installed";;
esac
"""
HOT = """#!/bin/sh
case "$*" in
  */proc/loadavg) echo "7.50 7.00 6.00 9/300 4242";;
  */proc/meminfo) printf 'MemTotal: 1000000 kB\\nMemAvailable: 100000 kB\\n';;
  */scaling_governor) echo ondemand;;
  */proc/device-tree/model) printf 'Raspberry Pi 5 Model B Rev 1.0\\0';;
  */proc/device-tree/serial-number) printf '10000000abcdef\\0';;
  *thermal*) echo 82000; echo 40000;;
  *) exec /bin/cat "$@";;
esac
"""
LITTLE_ROOM = """#!/bin/sh
echo "Filesystem 1024-blocks Used Available Capacity Mounted on"
echo "/dev/mmcblk0p1 15000000 14000000 900000 93% /"
"""


def test_that_a_board_in_order_passes_its_checks(connection: Connection) -> None:
    checks = {check.id: check for check in check_linux_board(connection)}
    assert list(checks) == [
        *("board", "system", "tools", "python", "runtimes"),
        *("memory", "disk", "clocks", "heat", "quiet"),
    ]
    assert {checks[id].state for id in ("system", "tools", "python", "runtimes")} == {"ok"}
    assert "onnxruntime" in checks["runtimes"].detail
    for check in checks.values():
        assert check.title and check.detail
        assert bool(check.remedy) or check.state in ("ok", "unknown")


def test_that_a_board_in_trouble_is_told_what_to_do(connection: Connection, sshd: Sshd) -> None:
    sshd.stand_in("cat", HOT)
    sshd.stand_in("df", LITTLE_ROOM)
    sshd.stand_in("python3", OLD_PYTHON)
    connection.board = connection.board.model_copy(
        update={"python": str(sshd.stand_ins / "python3")}
    )

    checks = {check.id: check for check in check_linux_board(connection)}

    assert checks["board"].detail.startswith("Raspberry Pi 5 Model B Rev 1.0")
    assert checks["python"].state == "failed" and "3.8.10" in checks["python"].detail
    assert checks["runtimes"].state == "failed"
    assert "edgewright devices prepare" in checks["runtimes"].remedy
    assert checks["memory"].state == "warn" and checks["memory"].detail == "0.1 GB of 1.0 GB"
    assert checks["disk"].state == "warn" and "0.92 GB" in checks["disk"].detail
    assert checks["clocks"].state == "warn" and "performance" in checks["clocks"].remedy
    assert checks["heat"].state == "warn" and "82 °C" in checks["heat"].detail
    assert checks["quiet"].state == "warn"
    assert connection.serial() == "10000000abcdef"
    for check in checks.values():
        assert check.remedy or check.state in ("ok", "unknown")


def test_that_a_board_is_found_by_its_id_and_by_its_name(board: Board) -> None:
    for name in (board.id, board.name):
        facts = find_device(name)
        assert (facts.id, facts.name, facts.kind) == (board.id, board.name, "linux")
        assert facts.threads >= 1 and facts.memory_bytes > 1e8
        assert {"onnxruntime", "openvino"} <= facts.runtimes.keys()
    with pytest.raises(InputError, match="no device called"):
        find_device("nobody’s board")
    with pytest.raises(InputError, match="no device called"):
        open_ground("nobody’s board")


def test_that_a_board_that_no_other_kind_knows_is_a_linux_board(connection: Connection) -> None:
    assert [kind.general for kind in board_kinds()][-1]
    assert recognized(connection).name == "linux"


def test_that_power_modes_are_for_boards_that_have_them(board: Board) -> None:
    with (
        open_ground(board.id) as ground,
        pytest.raises(InputError, match="cannot be changed from here"),
    ):
        ground.allow(power_mode="MAXN", hold_clocks=False, password=None)


def test_that_what_is_installed_there_is_what_is_used_here() -> None:
    asked = requirements()
    assert oldest_python() == (3, 11)
    for name in ("numpy", "psutil", "pydantic", "onnxruntime==", "openvino==", "onnx=="):
        assert any(requirement.startswith(name) for requirement in asked), name
    assert not any("PySide6" in requirement for requirement in asked)


def test_that_the_boards_own_python_is_used_when_it_has_all(connection: Connection) -> None:
    found = ready_python(connection)
    assert found.version >= (3, 11)
    assert Path(found.path).parent == Path(sys.executable).parent


def test_that_an_environment_is_made_where_something_is_missing(
    connection: Connection, sshd: Sshd
) -> None:
    for name in ("python3", *(f"python3.{minor}" for minor in range(11, 15))):
        sshd.stand_in(name, BARE_PYTHON)
    with pytest.raises(BoardError, match="edgewright devices prepare"):
        ready_python(connection)
    told: list[str] = []

    def progress(done: float, total: float, text: str) -> None:
        assert 0 <= done <= total
        told.append(text)

    found = make_environment(connection, progress, lambda: None)

    assert found.ready and found.path.startswith(f"{connection.folder}/environment-")
    assert find_python(connection) == found
    assert told
    (sshd.home / "installed").unlink()


def test_that_a_board_without_internet_says_what_pip_said(
    connection: Connection, sshd: Sshd
) -> None:
    for name in ("python3", *(f"python3.{minor}" for minor in range(11, 15))):
        sshd.stand_in(name, BARE_PYTHON)
    (sshd.home / "offline").touch()
    with pytest.raises(BoardError, match="No matching distribution found") as failure:
        make_environment(connection, lambda done, total, text: None, lambda: None)
    assert "internet" in failure.value.remedy
    (sshd.home / "offline").unlink()


def test_that_an_old_python_is_refused_with_its_version(connection: Connection, sshd: Sshd) -> None:
    for name in ("python3", *(f"python3.{minor}" for minor in range(11, 15))):
        sshd.stand_in(name, OLD_PYTHON)
    with pytest.raises(BoardError, match=r"3\.8\.10"):
        make_environment(connection, lambda done, total, text: None, lambda: None)
