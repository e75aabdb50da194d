"""How this program starts its own child processes, and what such a child does first."""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import Literal, TextIO

Role = Literal["worker", "contender", "survey"]

_MODULES: dict[Role, str] = {
    "worker": "core.jobs.worker",
    "contender": "core.benchmark.contender",
    "survey": "core.runtimes.openvino_survey",
}

_ROOT = str(Path(__file__).resolve().parent.parent)
_START = (
    "import runpy, sys; sys.path.insert(0, {root!r}); "
    "runpy.run_module({module!r}, run_name='__main__')"
)
"""Starts the modules of this very program: with `-m`, a folder `core` where the user happens to be,
or another installed version, could be taken for it."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def own_command(role: Role, *arguments: str) -> list[str]:
    """The argument list that starts this program again in another role, installed or frozen.

    The frozen program answers to `--worker` and the like; see `frozen_role`.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, f"--{role}", *arguments]
    start = _START.format(root=_ROOT, module=_MODULES[role])
    return [sys.executable, "-P", "-c", start, *arguments]


def frozen_role(arguments: list[str]) -> str | None:
    """The module to run as `__main__` for a command line made by `own_command`, or None."""
    first = arguments[0] if arguments else ""
    return next((module for role, module in _MODULES.items() if first == f"--{role}"), None)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends; does nothing except on Linux.

    The kernel means the *thread* that started this process: start it from a thread that lives
    as long as the child should. A child that also ends at the end of its stdin needs no more.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far, on all cores, without that of its children.

    Raises OSError, or psutil.NoSuchProcess, where it is not there any more.
    """
    if sys.platform == "linux":
        # The id of another process's CPU clock, as clock_getcpuclockid(3) makes it; psutil's figure
        # would only move in steps of 10 ms.
        return time.clock_gettime((~pid << 3) | 2)
    import psutil

    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def claim_stdout() -> TextIO:
    """Take stdout for messages: whatever else is printed, by native code too, goes to stderr.

    Call it once, first thing in a child process.
    """
    sys.stdout.flush()
    messages = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(messages, "w", encoding="utf-8", newline="\n")


def claim_stdin() -> TextIO:
    """Take stdin for messages; whatever else reads it, in this process or a child, gets nothing.

    A thread that waits for a line in `sys.stdin` holds its lock: a process forked meanwhile by a
    library (multiprocessing closes `sys.stdin`) would wait for that lock for ever.
    """
    messages = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return os.fdopen(messages, encoding="utf-8")


def death_in_words(returncode: int) -> str:
    """How a process ended, for people: “was killed by SIGSEGV (…)”, “ended with code 3”."""
    if returncode >= 0:
        return f"ended with code {returncode}"
    number = -returncode
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    meaning = _SIGNALS.get(name)
    return f"was killed by {name} ({meaning})" if meaning else f"was killed by {name}"


_SIGNALS = {
    "SIGSEGV": "it touched memory that is not its own",
    "SIGBUS": "it touched memory that is not there",
    "SIGABRT": "it gave up on itself",
    "SIGILL": "it used an instruction that this processor does not have",
    "SIGFPE": "it divided by zero",
    "SIGKILL": "often because memory ran out",
    "SIGTERM": "it was asked to end",
    "SIGXCPU": "it used up its processor time",
}
