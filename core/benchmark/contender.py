"""The process in which one contender runs, alone: `python -m core.benchmark.contender`.

It reads requests from stdin and answers on stdout; see core.benchmark.messages. It ends with its
stdin, so it never outlives the process that started it.
"""

import gc
import os
import statistics
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, TextIO

from core.benchmark.memory import peak_memory_bytes
from core.benchmark.messages import (
    Answer,
    Block,
    Done,
    Evaluate,
    Evaluating,
    Load,
    Loaded,
    Memory,
    MemoryUsed,
    Refused,
    Report,
    Reported,
    Request,
    Timed,
    Walk,
    request_from_json,
)
from core.benchmark.streams import Inference, Streams
from core.data.inputs import InputSet
from core.devices.power.rapl import ProcessorEnergy
from core.errors import UserError
from core.jobs.folders import storage_errors
from core.plan.plan import RuntimeChoice
from core.processes import claim_stdin, claim_stdout
from core.runtimes import runtimes
from core.runtimes.base import WARM_INFERENCES, Runtime, Session
from core.runtimes.feeds import made_up_feeds, sentences_about_feeds

if TYPE_CHECKING:
    import numpy as np

    from core.runtimes.base import Infer

_VARIED_FEEDS = 8
"""Different inputs used in turn, so that nothing is measured that remembers its last input."""
_SECONDS_BETWEEN_ANSWERS = 0.2


class LoadedContender:
    """A compiled model with its inputs; answers all requests but the first."""

    def __init__(self, runtime: Runtime, load: Load) -> None:
        self._runtime = runtime
        self._load = load
        self._model = Path(load.model)
        runtime.load_library()
        start = time.perf_counter()
        self._session = runtime.compile(self._model, load.choice)
        compile_ms = (time.perf_counter() - start) * 1000
        self._feeds = _feeds_for(self._session, load.feeds, load.choice.batch)
        start = time.perf_counter()
        self._session.infer(self._feeds[0])
        first_ms = (time.perf_counter() - start) * 1000
        self._energy = ProcessorEnergy()
        # What was imported and compiled stays; looking through it before each block takes 10 ms.
        gc.collect()
        gc.freeze()
        self._streams = Streams([self._inference(infer) for infer in self._session.lanes])
        notes = self._session.notes
        if load.feeds is None:
            notes += sentences_about_feeds(self._session.inputs)
        self.loaded = Loaded(
            compile_ms=compile_ms,
            first_ms=first_ms,
            threads=self._session.threads,
            version=runtime.availability().version,
            notes=notes,
            power_covers="" if self._energy.missing else self._energy.covers,
            power_missing=self._energy.missing,
        )

    def _inference(self, infer: "Infer") -> Inference:
        def run(index: int) -> None:
            infer(self._feeds[index % len(self._feeds)])

        return run

    def answers(self, request: Request) -> Iterator[Answer]:
        match request:
            case Block(seconds=seconds):
                yield self._block(seconds)
            case Evaluate(inputs=inputs, outputs=outputs):
                yield from self._evaluate(Path(inputs), Path(outputs))
            case Walk(data=data, contract=contract, images=images):
                from core.benchmark.end_to_end import walk

                yield walk(self._session, Path(data), contract, images)
            case Report(inferences=inferences):
                yield self._report(inferences)
            case Memory():
                yield MemoryUsed(peak_bytes=peak_memory_bytes())
            case Load():
                raise AssertionError("a contender is loaded once")

    def _block(self, seconds: float) -> Timed:
        gc.collect()
        gc.disable()
        try:
            before, start = self._energy.joules(), time.perf_counter()
            timed = self._streams.run(seconds)
            after, wall = self._energy.joules(), time.perf_counter() - start
        finally:
            gc.enable()
        if before is None or after is None:
            return timed
        return timed.model_copy(update={"watts": (after - before) / wall})

    def _evaluate(self, inputs: Path, outputs: Path) -> Iterator[Answer]:
        from core.data.tensors import TensorWriter

        feeds = InputSet(inputs).fitted(self._session.inputs)
        told = time.perf_counter()
        with storage_errors(outputs), TensorWriter(outputs) as writer:
            for index in range(len(feeds)):
                writer.append(self._session.infer(feeds[index]))
                if time.perf_counter() - told > _SECONDS_BETWEEN_ANSWERS:
                    told = time.perf_counter()
                    yield Evaluating(done=index + 1, total=len(feeds))
        yield Done()

    def _report(self, inferences: int) -> Reported:
        session = self._runtime.compile(self._model, self._of_one_stream(), profile=True)
        samples: list[float] = []
        try:
            for index in range(WARM_INFERENCES + inferences):
                start = time.perf_counter_ns()
                session.infer(self._feeds[index % len(self._feeds)])
                samples.append((time.perf_counter_ns() - start) / 1e6)
            latency = statistics.median(samples[WARM_INFERENCES:])
            return Reported(layers=session.executed_layers(), latency_ms=latency)
        finally:
            session.close()

    def _of_one_stream(self) -> RuntimeChoice:
        """Counters of streams that run at the same time cannot be told apart."""
        choice = self._load.choice
        if choice.streams == 1:
            return choice
        threads = max(1, self._session.threads // choice.streams)
        return choice.model_copy(update={"streams": 1, "threads": threads})


def _feeds_for(session: Session, path: str | None, batch: int) -> "list[dict[str, np.ndarray]]":
    if path is None:
        return [made_up_feeds(session.inputs, batch)]
    single = list(InputSet(Path(path)).fitted(session.inputs, _VARIED_FEEDS))
    return single if batch == 1 else [_joined(single, n, batch) for n in range(len(single))]


def _joined(
    single: "Sequence[dict[str, np.ndarray]]", first: int, batch: int
) -> "dict[str, np.ndarray]":
    """One batch of inputs that follow one another, from the start again where they end."""
    import numpy as np

    rows = [single[(first + offset) % len(single)] for offset in range(batch)]
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def serve(requests: TextIO, answers: TextIO, find_runtime: Callable[[str], Runtime]) -> None:
    """Answer requests until the process is ended from outside.

    `find_runtime` gives a runtime by name; tests and benchmarks put a stand-in here.
    """
    waiting = _lines_of(requests)
    contender: LoadedContender | None = None
    while True:
        request = request_from_json(waiting.get())
        try:
            if contender is None:
                assert isinstance(request, Load)
                contender = LoadedContender(find_runtime(request.choice.runtime), request)
                _say(answers, contender.loaded)
            else:
                for answer in contender.answers(request):
                    _say(answers, answer)
        except UserError as error:
            _say(answers, Refused(what=error.what, why=error.why, remedy=error.remedy))


def _say(answers: TextIO, answer: Answer) -> None:
    answers.write(answer.model_dump_json() + "\n")
    answers.flush()


def _lines_of(requests: TextIO) -> "SimpleQueue[str]":
    """The lines, read by a thread of their own: the end of stdin ends the process at any time."""
    lines: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for line in requests:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=read, name="requests", daemon=True).start()
    return lines


def main(find_runtime: Callable[[str], Runtime] = lambda name: runtimes()[name]) -> None:
    """Serve over this process's stdin and stdout; never returns."""
    try:
        serve(claim_stdin(), claim_stdout(), find_runtime)
    except Exception:  # the edge of the process: whoever asked reads the reason in the log
        traceback.print_exc()
    # No orderly shutdown: the thread that waits for stdin would block it.
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
