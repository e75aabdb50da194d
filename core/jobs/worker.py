"""The worker: one process that does one job and tells about it in JSON lines on its stdout."""

import contextlib
import faulthandler
import gc
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from core.errors import JobCancelled, UserError, WorkerDied
from core.jobs.context import WorkerContext
from core.jobs.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    LastEvent,
    Started,
    json_from_event,
)
from core.jobs.failures import failure_of
from core.jobs.folders import LOG_FILE, OUTCOME_FILE, storage_problem, write_atomically
from core.jobs.group import signal_own_group
from core.jobs.kinds import kind_called
from core.jobs.kinds.base import AnyJobKind
from core.jobs.request import read_request
from core.plain import Data, json_of, plain_of, value_of
from core.processes import claim_stdin, claim_stdout, die_with_parent

CANCEL = "cancel"
"""The line on stdin that stops the work."""

SECRETS = "secrets "
"""Begins the line on stdin that carries passwords, as one JSON object of texts."""


_Secrets = queue.SimpleQueue[dict[str, str]]


class _Channel:
    """Events out, one whole line each, from any thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        with self._lock:
            self._stream.write(json_from_event(event) + "\n")
            self._stream.flush()


STANDBY = "--standby"
"""Before the name of a kind: get ready for it, then wait on stdin for the run folder."""


def main(arguments: Sequence[str]) -> int:
    """Do the job described in the run folder that is the only argument; see also STANDBY."""
    gc.disable()  # nothing of what is imported now is garbage; `_work` turns it on again
    channel = _Channel(claim_stdout())
    die_with_parent()
    faulthandler.enable()
    _offer_to_the_memory_killer()
    words = claim_stdin()
    folder = _wait_for_folder(arguments[1], words) if arguments[0] == STANDBY else arguments[0]
    if not folder:
        return 0
    cancelled, secrets = threading.Event(), _Secrets()
    threading.Thread(target=_listen, args=(words, cancelled, secrets), daemon=True).start()
    channel.send(_work(Path(folder), channel, cancelled, secrets))
    return 0


def _wait_for_folder(kind: str, words: TextIO) -> str:
    """Get ready, then wait for the run folder; empty when nobody is there any more.

    From then on stderr, and with it whatever is printed, goes to the run's log.
    """
    kind_called(kind).warm_up()
    folder = words.readline().rstrip("\n")
    if folder:
        log = os.open(Path(folder) / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 2)
        os.dup2(log, 1)
        os.close(log)
    return folder


def _listen(words: TextIO, cancelled: threading.Event, secrets: _Secrets) -> None:
    """Wait for the word to stop; the end of stdin means that nobody is there to stop for."""
    for line in words:
        if line.strip() == CANCEL:
            cancelled.set()
        elif line.startswith(SECRETS):
            secrets.put(json.loads(line.removeprefix(SECRETS)))
    signal_own_group(signal.SIGKILL)


def _work(
    folder: Path, channel: _Channel, cancelled: threading.Event, secrets: _Secrets
) -> LastEvent:
    began = time.monotonic()
    context = WorkerContext(folder, (), channel.send, cancelled)
    try:
        asked = read_request(folder)
        kind = kind_called(asked.kind)
        gc.freeze()  # what was imported is not looked at again
        gc.enable()
        request = value_of(kind.request_type, asked.request)
        context = _start(kind, request, folder, channel, cancelled)
        context.secrets = secrets.get() if asked.has_secrets else {}
        outcome = kind.run(request, context)
        context.check_cancelled()
        write_atomically(folder / OUTCOME_FILE, json_of(outcome).encode())
        return Finished(at=context.elapsed, outcome=plain_of(outcome))
    except JobCancelled:
        return Cancelled(at=time.monotonic() - began)
    except Exception as error:  # the edge of the process: whatever went wrong is told
        return _failure(error, context)


def _start(
    kind: AnyJobKind,
    request: Data,
    folder: Path,
    channel: _Channel,
    cancelled: threading.Event,
) -> WorkerContext:
    steps = tuple(kind.steps(request))
    context = WorkerContext(folder, steps, channel.send, cancelled)
    titles = tuple(title for title, _ in steps)
    channel.send(Started(kind=kind.name, pid=os.getpid(), steps=titles))
    return context


def _failure(error: Exception, context: WorkerContext) -> Failed:
    traceback.print_exception(error, file=sys.stderr)
    known = _in_plain_words(error)
    if known is None:
        return Failed(
            at=context.elapsed,
            what="Edgewright made a mistake.",
            why=f"{type(error).__name__}: {error}",
            remedy="Please report it together with the log; your files are unchanged.",
            code=WorkerDied.exit_code,
            step=context.current_step,
            defect=True,
        )
    return replace(failure_of(known), at=context.elapsed, step=context.current_step)


def _in_plain_words(error: Exception) -> UserError | None:
    match error:
        case UserError():
            return error
        case MemoryError():
            return WorkerDied(
                "The work needs more memory than there is.",
                "This computer could not give the worker the memory that it asked for.",
                "Close other programs, or use a smaller model or fewer images.",
            )
        case OSError():
            return storage_problem(error)
        case _:
            return None


def _offer_to_the_memory_killer() -> None:
    """When memory runs out, Linux shall end the worker and not the window or another program."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(status)  # native libraries crash when they are taken down; nothing is left to do
