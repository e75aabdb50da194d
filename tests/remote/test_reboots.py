"""Boards that go down while they are measured: no figure is published, and why is said.

The agent of these tests is a stand-in that answers at once; the real one is tested in
test_linux_ground.py.
"""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.benchmark.contender_process import Contender
from core.benchmark.results import BenchmarkResult
from core.benchmark.samples import Samples
from core.errors import BoardRestarted, ConnectionLost
from core.plan.plan import RuntimeChoice
from core.remote.board import Board
from core.remote.connection import connect
from core.remote.linux_ground import LinuxGround
from tests.remote.sshd import Sshd

CAT = """#!/bin/sh
[ "$1" = /proc/sys/kernel/random/boot_id ] && exec /bin/cat "{home}/boot_id"
exec /bin/cat "$@"
"""

QUICK_PYTHON = """#!/bin/sh
# Stands for the board's Python: finds all packages, unpacks nothing, answers as an agent does.
case "$*" in
  *importlib.util*) echo '{{"version": [3, 12, 0], "can_make": true, "packages":
    {{"numpy": "2", "psutil": "7", "pydantic": "2", "onnxruntime": "1"}}}}' | tr -d '\\n';;
  *zipfile*) for last in "$@"; do :; done; mkdir -p "$last";;
  *) exec {python} -I -S "{home}/agent.py";;
esac
"""

AGENT = """
import json, sys
facts = dict(id="local", name="x", kind="local", processor="p", architecture="a", cores=1,
    threads=1, memory_bytes=1, instructions=[], boost="", boost_detail="",
    runtimes={"onnxruntime": "1"}, missing_runtimes={}, operating_system="Linux")
loaded = dict(type="loaded", compile_ms=1.0, first_ms=1.0, threads=1, version="1")
for line in sys.stdin:
    if not line.strip():
        continue
    asked = json.loads(line)
    kind = asked["type"]
    if kind == "describe":
        answer = dict(type="described", facts=facts, versions={})
    elif kind == "look":
        answer = dict(type="looked", state={})
    elif kind == "start":
        answer = dict(type="started", loaded=loaded, steady=True)
    elif kind == "round":
        block = dict(contender="a", process=asked["process"], round=asked["number"],
            samples_ms=[1.0, 1.0], rate=1000.0)
        answer = dict(type="taken", blocks=[block], failures={})
    elif kind == "learn":
        answer = dict(type="learnt", peak_bytes=1)
    else:
        answer = dict(type="done")
    print(json.dumps(answer), flush=True)
"""


class RestartingBoard:
    """Does what it is told at the n-th time that the measurement reports progress."""

    def __init__(self, sshd: Sshd) -> None:
        self._sshd = sshd
        self.new_boot()

    def new_boot(self) -> None:
        id = f"{random.getrandbits(64):016x}"
        (self._sshd.home / "boot_id").write_text(id)

    def restart(self) -> None:
        """Connections break, and when it is back it has another boot id."""
        self._sshd.stop()
        self.new_boot()
        self._sshd.start()

    def pull(self) -> None:
        """The cable only."""
        self._sshd.drop_connections()

    def unplug(self) -> None:
        self._sshd.stop()


@pytest.fixture
def down(sshd: Sshd, board: Board) -> Iterator[RestartingBoard]:
    sshd.stand_in("cat", CAT.format(home=sshd.home))
    sshd.stand_in("python3", QUICK_PYTHON.format(python=sys.executable, home=sshd.home))
    (sshd.home / "agent.py").write_text(f"HOME = {str(sshd.home)!r}\n{AGENT}")
    yield RestartingBoard(sshd)
    if sshd.process is None:
        sshd.start()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.remote.linux_ground._SECONDS_BETWEEN_LOOKS", 0.001)


def measure(
    board: Board, sshd: Sshd, model: Path, at: int, event: Callable[[], None]
) -> tuple[list[BenchmarkResult], Samples]:
    """What comes out when `event` happens at the `at`-th progress."""
    contender = Contender(
        id="a", label="A", model=model, choice=RuntimeChoice(runtime="onnxruntime")
    )
    turns = iter(range(1000))

    def progress(done: float, total: float, text: str) -> None:
        if next(turns) == at:
            event()

    quick = board.model_copy(update={"python": str(sshd.stand_ins / "python3")})
    with connect(quick) as connection, LinuxGround(connection, lambda: None) as ground:
        return ground.measure(
            [contender],
            blocks=4,
            patience=0,
            feeds=None,
            progress=progress,
            check_cancelled=lambda: None,
        )


def test_that_a_board_that_runs_through_gives_figures(
    board: Board, sshd: Sshd, tiny_model: Path, down: RestartingBoard
) -> None:
    (result,), _ = measure(board, sshd, tiny_model, -1, lambda: None)
    assert result.latency_ms.value == 1.0
    assert result.provenance.device.id == board.id
    assert result.provenance.device.name == board.name


def test_that_twenty_restarts_give_no_figure_and_say_so(
    board: Board, sshd: Sshd, tiny_model: Path, down: RestartingBoard
) -> None:
    draw = random.Random(3)
    for number in range(20):
        # The last is one during which no connection was open, so that only the boot id tells.
        event = down.restart if number % 4 else down.new_boot
        with pytest.raises(BoardRestarted, match="started anew") as told:
            measure(board, sshd, tiny_model, draw.randrange(1, 8), event)
        assert "no figure is given" in told.value.why


def test_that_a_pulled_cable_is_not_called_a_restart(
    board: Board, sshd: Sshd, tiny_model: Path, down: RestartingBoard
) -> None:
    with pytest.raises(ConnectionLost, match="broke"):
        measure(board, sshd, tiny_model, 3, down.pull)


def test_that_a_board_that_stays_away_is_said_to_be_gone(
    board: Board, sshd: Sshd, tiny_model: Path, down: RestartingBoard
) -> None:
    with pytest.raises(ConnectionLost, match="does not answer any more"):
        measure(board, sshd, tiny_model, 3, down.unplug)
