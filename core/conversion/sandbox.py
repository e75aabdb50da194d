"""Runs a program of ours that runs code of a model's: confined, limited, and not believed."""

import contextlib
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import psutil

from core.errors import UserError, WorkerDied
from core.processes import death_in_words

MOST_SECONDS = 1800
_TICK = 0.2
_END_GRACE = 10.0
"""Seconds in which a program that has closed its output must end."""
_BLOCK = 64 * 1024
_MOST_OUTPUT = 4 << 20
"""Bytes that the program may say in all."""
_LARGEST_FILE = 16 << 30
_MOST_SCRATCH = 24 << 30
_LEAST_MEMORY, _SHARE_OF_MEMORY = 4 << 30, 0.75
_NOT_CONFINED = 3
"""Exit code of confine.py where something that was required cannot be had."""
_LANDLOCK_CREATE_RULESET = 444

_MEANING = {
    "files": "It can write only into a scratch folder, and read only the model, the files that you "
    "chose and Python’s own",
    "calls": "It has no network, can start no other programs and reach no other processes",
    "network": "Its network is one without a way out",
    "limits": "Its memory, time and the size of its files are limited",
}
"""What each measure of confine.py keeps the program from."""
_STILL_POSSIBLE = (
    "It can use the processor and the scratch folder until a limit stops it, and a flaw in the "
    "operating system itself could let it out"
)


@dataclass(frozen=True)
class Protection:
    """What confines a program here, in sentences for people."""

    in_force: tuple[str, ...]
    missing: tuple[str, ...]
    """What is not prevented."""


@dataclass(frozen=True)
class Errand:
    """What runs: one of the programs in resources/conversion, in an interpreter."""

    python: Path
    program: str
    argument: str
    readable: tuple[Path, ...]
    scratch: Path


def protection() -> Protection:
    """What will confine a program on this computer; asks the kernel and changes nothing."""
    linux = sys.platform == "linux"
    has = {
        "files": linux and _has_landlock(),
        "calls": linux and Path("/proc/sys/kernel/seccomp/actions_avail").exists(),
        "limits": os.name == "posix",
    }
    in_force = tuple(_MEANING[name] for name, there in has.items() if there)
    absent = tuple(
        f"Not in force here: {_MEANING[name]}" for name, there in has.items() if not there
    )
    return Protection(in_force, (*absent, _STILL_POSSIBLE))


def _has_landlock() -> bool:
    libc = ctypes.CDLL(None)
    return libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, 1) > 0


def run_confined(errand: Errand, hear: Callable[[dict[str, object]], None]) -> tuple[str, ...]:
    """Run a program to its end; returns the measures that were in force, in words.

    `hear` gets every message, and an empty one a few times a second; what it raises stops the
    program. Raises UserError when the program fails, dies or goes beyond a limit.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(as_file(files("resources") / "conversion"))
        with (errand.scratch / "log.txt").open("wb") as log:
            process = stack.enter_context(_started(errand, folder, log.fileno()))
            measures: list[str] = []
            for message in _messages(process, errand.scratch):
                given = message.get("in_force")
                if isinstance(given, list) and not measures:
                    measures = [name for name in _MEANING if name in given]
                hear(message)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_END_GRACE)
        if process.returncode != 0:
            raise _failure(process.returncode, errand.scratch / "log.txt")
    return tuple(_MEANING[name] for name in measures)


@contextlib.contextmanager
def _started(errand: Errand, folder: Path, log: int) -> "Generator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        [str(errand.python), "-I", str(folder / "confine.py.txt"), _specification(errand, folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=errand.scratch,
        env=_environment(errand.scratch),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _environment(scratch: Path) -> dict[str, str]:
    """Nothing of the user's: no paths, no tokens, no proxies."""
    home = str(scratch)
    return {"HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "PATH": "", "PYTHONUTF8": "1"}


def _specification(errand: Errand, folder: Path) -> str:
    memory = max(_LEAST_MEMORY, int(psutil.virtual_memory().total * _SHARE_OF_MEMORY))
    return json.dumps(
        {
            "program": str(folder / errand.program),
            "argument": errand.argument,
            "read": [str(folder), *map(str, errand.readable)],
            "write": [str(errand.scratch)],
            "limits": {"CPU": MOST_SECONDS, "FSIZE": _LARGEST_FILE, "DATA": memory},
            "required": _required(),
        }
    )


def _required() -> Sequence[str]:
    """What must be in force, because the user was told that it would be."""
    promised = protection().in_force
    return [name for name in ("files", "calls", "limits") if _MEANING[name] in promised]


def _messages(process: "subprocess.Popen[bytes]", scratch: Path) -> Iterator[dict[str, object]]:
    """What the program says, and an empty message at each tick. Raises UserError at a limit."""
    assert process.stdout is not None
    began, heard, rest = time.monotonic(), 0, b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(_TICK):
                block = os.read(process.stdout.fileno(), _BLOCK)
                if not block:
                    return
                heard += len(block)
                *lines, rest = (rest + block).split(b"\n")
                yield from (message for line in lines if (message := _message(line)))
            yield {}
            if (
                time.monotonic() - began > MOST_SECONDS
                or max(heard, len(rest)) > _MOST_OUTPUT
                or _used(scratch) > _MOST_SCRATCH
            ):
                raise _beyond_limits()


def _message(line: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return {str(key): found[key] for key in found} if isinstance(found, dict) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _used(folder: Path) -> int:
    """Bytes in the scratch folder; files that vanish meanwhile do not count."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.lstat().st_size
    return total


def _beyond_limits() -> UserError:
    return WorkerDied(
        "The conversion was stopped.",
        f"It took more than {MOST_SECONDS // 60} minutes, or more disk than any model needs.",
        "If you trust the file, convert it in its own training program instead.",
    )


def _failure(code: int, log: Path) -> UserError:
    if code == _NOT_CONFINED:
        return WorkerDied(
            "The conversion was not started.",
            "The process could not be confined, so no code of the file was run.",
            "Convert the model in its own training program instead.",
        )
    lines = [line for line in log.read_text(errors="replace")[-4000:].splitlines() if line.strip()]
    reason = f" It last said: {lines[-1].strip()[:300]}" if lines else ""
    killed = (
        " Memory or time may have run out." if code in (-signal.SIGKILL, -signal.SIGXCPU) else ""
    )
    return WorkerDied(
        "The model could not be converted.",
        f"The process that converts it {death_in_words(code)}.{killed}{reason}",
        "Convert it in its own training program, where it is known to load, and open that file.",
    )
