"""Edgewright as a viewer among viewers: the same questions, asked to its own window."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from viewing.figures import Figures, Frames, Step, median_of
from viewing.processes import Watch, end_tree, processor_seconds

NAME = "Edgewright"
ROOT = Path(__file__).resolve().parents[3]
IDLE = 0.6
"""Seconds with hardly any processor time after which the program is at rest."""


BYTECODE = "bytecode"
"""Folder of the compiled sources, which an installed program brings along."""


class Stopped(Exception):
    """The program ended instead of answering."""


class Edgewright:
    """One run of the program; `with Edgewright(bytecode) as program:`."""

    def __init__(self, bytecode: Path, *options: str) -> None:
        """`options` are arguments of program.py."""
        self._folder = tempfile.TemporaryDirectory()
        self._log = Path(self._folder.name) / "log.txt"
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'benchmarks'}",
            "XDG_DATA_HOME": self._folder.name,
            "PYTHONPYCACHEPREFIX": str(bytecode),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        if not environment.get("DISPLAY"):
            environment["QT_QPA_PLATFORM"] = "offscreen"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "viewing.program", self._folder.name, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("w"),
            text=True,
            env=environment,
        )
        self._answer()

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> "Edgewright":
        return self

    def __exit__(self, *_: object) -> None:
        end_tree(self.pid)
        self._process.wait()
        self._folder.cleanup()

    def ask(self, command: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._answer()

    def rest(self) -> None:
        """Wait until nothing goes on any more, in it or in its workers."""
        before = processor_seconds([self.pid])
        while True:
            time.sleep(IDLE)
            now = processor_seconds([self.pid])
            if now - before < IDLE / 20:
                return
            before = now

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            last = self._log.read_text().strip().splitlines()[-1:]
            raise Stopped(f"exit code {self._process.wait()}: {''.join(last)}")
        return json.loads(line)


def compile_sources(bytecode: Path, file: Path) -> None:
    """Use the program once, so that what is measured afterwards starts as an installed one does."""
    with Edgewright(bytecode) as program:
        program.ask(f"open {file}")
        program.rest()


def measure(file: Path, bytecode: Path, rounds: int, picture: Path | None = None) -> Figures:
    """Open in a running program, as the peers' servers run, then open everything and move.

    Medians of `rounds` runs, each with programs of its own; of the memory the most.
    """
    return median_of([_measured(file, bytecode, picture) for _ in range(rounds)])


def _measured(file: Path, bytecode: Path, picture: Path | None) -> Figures:
    figures = Figures(NAME, file.stem)
    with Edgewright(bytecode, "cold") as program:
        program.rest()
        figures.cold = _step(program, f"open {file}")
    with Edgewright(bytecode) as program:
        program.rest()
        try:
            with Watch([program.pid]) as watch:
                figures.opened = _step(program, f"open {file}")
                program.rest()
                if picture is not None:
                    program.ask(f"picture {picture}")
                figures.fold = _step(program, "fold")
                program.rest()
                figures.one_block = _step(program, "block")
                program.ask("collapse")
                program.rest()
                figures.expanded = _step(program, "expand")
                program.rest()
                for kind, numbers in program.ask("frames").items():
                    figures.frames[kind] = Frames(**numbers)
        except Stopped as stop:
            figures.note = str(stop)
        figures.peak_mb = watch.peak_mb
    return figures


def start_cpu(bytecode: Path) -> float:
    """Seconds of processor time until the program, with its waiting worker, is at rest."""
    with Edgewright(bytecode) as program:
        program.rest()
        return processor_seconds([program.pid])


def crossings(file: Path) -> int:
    """Lines that cross in the drawing of a model with everything open."""
    script = ROOT / "tests" / "benchmarks" / "frames.py"
    command = [sys.executable, str(script), "--one", str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)["crossings"]


def _step(program: Edgewright, command: str) -> Step | None:
    with Watch([program.pid]) as watch:
        if program.ask(command) is None:
            return None
        return Step(watch.seconds, watch.cpu)
