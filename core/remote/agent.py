"""The agent: the process on a board that lets contenders run there as they run here.

It reads requests from stdin and answers on stdout; see core.remote.agent_messages. What is timed,
waited for and watched happens in it, so that the way to the board takes no part in any figure. It
ends, with all contenders, at the end of its stdin or when it has heard nothing for half a minute.
"""

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from core.benchmark.contender_process import Contender, ContenderProcess
from core.benchmark.lineup import Lineup, Pace
from core.benchmark.messages import Done, Evaluating
from core.benchmark.provenance import library_versions
from core.devices import devices
from core.devices.base import DeviceFacts, DeviceState
from core.errors import UserError, WorkerDied
from core.processes import claim_stdin, claim_stdout
from core.remote.agent_messages import (
    Answer,
    Describe,
    Described,
    Dismiss,
    Errand,
    Failure,
    Gather,
    Learn,
    Learnt,
    Look,
    Looked,
    Prepare,
    Request,
    Round,
    Start,
    Started,
    Taken,
    request_from_json,
)

_LONGEST_SILENCE_SECONDS = 30.0


class Agent:
    """Answers one request after the other."""

    def __init__(self) -> None:
        self._device = devices()["local"]
        self._stack = ExitStack()
        self._lineup: Lineup | None = None

    def answers(self, request: Request) -> Iterator[Answer]:
        """Raises UserError when a contender cannot do it."""
        match request:
            case Describe():
                yield Described(facts=self._facts(), versions=library_versions())
            case Look():
                yield Looked(state=self._state())
            case Gather():
                self._gather(request)
                yield Done()
            case Dismiss():
                self._stack.close()
                yield Done()
            case Prepare(contenders=contenders):
                self._gathered().prepare(contenders)
                yield Done()
            case Start(contender=contender, feeds=feeds):
                yield self._start(contender, feeds)
            case Round(process=process, number=number):
                yield self._round(process, number)
            case Learn(contender=contender, layers=layers):
                yield self._learn(contender, layers=layers)
            case Errand():
                yield from _errand(request)

    def _facts(self) -> DeviceFacts:
        (facts,) = self._device.scan()
        return facts

    def _state(self) -> DeviceState:
        return self._device.state(self._facts())

    def _gather(self, asked: Gather) -> None:
        self._stack.close()
        pace = Pace(asked.block_seconds, asked.pause_seconds, asked.warm_blocks)
        self._lineup = self._stack.enter_context(Lineup(pace, lambda: None))

    def _gathered(self) -> Lineup:
        assert self._lineup is not None, "nobody was gathered"
        return self._lineup

    def _start(self, contender: Contender, feeds: Path | None) -> Started:
        lineup = self._gathered()
        lineup.start(contender, feeds)
        if failed := lineup.failures.get(contender.id):
            return Started(loaded=None, failure=_failure(failed))
        runner = lineup.runners[-1]
        return Started(loaded=runner.loaded, steady=runner.steady)

    def _round(self, process: int, number: int) -> Taken:
        lineup = self._gathered()
        blocks = lineup.round(process, number, lambda contender: None)
        failures = {id: _failure(error) for id, error in lineup.failures.items()}
        return Taken(blocks=tuple(blocks), failures=failures)

    def _learn(self, contender: str, *, layers: bool) -> Learnt:
        process = next(one.process for one in self._gathered().runners if one.id == contender)
        if not layers:
            return Learnt(peak_bytes=process.peak_memory_bytes())
        reported = process.report()
        return Learnt(layers=reported.layers, latency_ms=reported.latency_ms)


def _errand(asked: Errand) -> Iterator[Answer]:
    """Progress is told from the side, for the work itself waits for its contender."""
    told: SimpleQueue[Evaluating | None] = SimpleQueue()
    with ThreadPoolExecutor(1, "errand") as thread:
        work = thread.submit(_evaluate, asked, told.put)
        work.add_done_callback(lambda done: told.put(None))
        while (answer := told.get()) is not None:
            yield answer
    work.result()
    yield Done()


def _evaluate(asked: Errand, tell: Callable[[Evaluating], None]) -> None:
    with ContenderProcess(asked.contender) as process:
        process.load(asked.feeds)
        process.evaluate(
            Path(asked.work.inputs),
            Path(asked.work.outputs),
            lambda done, total: tell(Evaluating(done=done, total=total)),
        )


def _failure(error: UserError) -> Failure:
    return Failure(
        what=error.what, why=error.why, remedy=error.remedy, died=isinstance(error, WorkerDied)
    )


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer until the process is ended."""
    waiting, agent = _lines_of(requests), Agent()
    while True:
        try:
            for answer in agent.answers(request_from_json(waiting.get())):
                _say(answers, answer)
        except UserError as error:
            _say(answers, _failure(error))


def _say(answers: TextIO, answer: Answer) -> None:
    answers.write(answer.model_dump_json() + "\n")
    answers.flush()


def _lines_of(requests: TextIO) -> "SimpleQueue[str]":
    """Empty lines only say that somebody is still there."""
    lines: SimpleQueue[str] = SimpleQueue()
    heard = [time.monotonic()]

    def read() -> None:
        for line in requests:
            heard[0] = time.monotonic()
            if line.strip():
                lines.put(line)
        _end_all()

    def watch() -> None:
        while time.monotonic() - heard[0] < _LONGEST_SILENCE_SECONDS:
            time.sleep(1)
        _end_all()

    for work in (read, watch):
        threading.Thread(target=work, daemon=True).start()
    return lines


def _end_all() -> None:
    """This process leads a group of its own, to which all contenders belong."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def main() -> None:
    try:
        serve(claim_stdin(), claim_stdout())
    except Exception:  # the edge of the process: whoever asked reads the reason on stderr
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
