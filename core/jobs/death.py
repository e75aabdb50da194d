"""Why a worker is gone without a last word, told from its exit status, its log and the kernel."""

import signal
from pathlib import Path

from core.errors import WorkerDied
from core.jobs.events import Failed
from core.jobs.folders import LOG_FILE
from core.processes import death_in_words

LOG_LINES = 20
"""How many of the log's last lines go with a failure."""

_LOG_TAIL_BYTES = 16_384
_MEMORY_WORDS = ("bad_alloc", "MemoryError", "Cannot allocate memory", "out of memory")


def log_tail(folder: Path) -> tuple[str, ...]:
    """The last lines that a worker and its libraries wrote to the log of the run folder."""
    try:
        with (folder / LOG_FILE).open("rb") as log:
            log.seek(0, 2)
            log.seek(max(log.tell() - _LOG_TAIL_BYTES, 0))
            text = log.read().decode("utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(text.splitlines()[-LOG_LINES:])


def memory_kills() -> int:
    """How many processes the kernel has ended so far because memory ran out (Linux, else 0)."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def death_event(returncode: int, step: str, log: tuple[str, ...], *, starved: bool) -> Failed:
    """The last event of a worker that ended without one.

    `starved` says that the kernel ended some process for want of memory meanwhile.
    """
    during = f" during “{step}”" if step else ""
    killed = returncode == -signal.SIGKILL
    if (killed and starved) or any(word in line for line in log for word in _MEMORY_WORDS):
        why = f"Memory ran out: the worker process {death_in_words(returncode)}."
        remedy = "Close other programs, or use a smaller model or fewer images; then start again."
    elif killed:
        why = "The worker process was killed by SIGKILL: by a person or program, or for memory."
        remedy = "Start again; if it happens again, close other programs to free memory."
    else:
        why = f"The worker process {death_in_words(returncode)}."
        remedy = (
            "Start again; if it happens again, the model or a library is at fault: see the log."
        )
    return Failed(
        what=f"The work stopped unexpectedly{during}.",
        why=why,
        remedy=remedy,
        code=WorkerDied.exit_code,
        step=step,
        log=log,
    )
