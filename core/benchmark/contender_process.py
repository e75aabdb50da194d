"""The handle on a contender's process: start it, ask it, read how it died."""

import contextlib
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from core.benchmark.messages import (
    DEFAULT_INFERENCES,
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
    Walked,
    answer_from_json,
)
from core.data.contract import PreprocessingContract
from core.errors import UserError, WorkerDied
from core.plan.plan import RuntimeChoice
from core.processes import cpu_seconds, death_in_words, own_command

_ANSWER = TypeVar("_ANSWER", bound=BaseModel)
_SECONDS_BETWEEN_CHECKS = 0.1
_SECONDS_TO_END = 0.3
_LOG_LINES = 3


class Contender(BaseModel):
    """A model on a runtime, to be measured or evaluated."""

    model_config = ConfigDict(frozen=True)

    id: str
    label: str
    """For people: “INT8 · ONNX Runtime”."""
    model: Path
    choice: RuntimeChoice


Launch = Callable[[Contender], Sequence[str]]
"""Gives the command that starts a contender's process; benchmarks put stand-ins here."""


def launch_contender(contender: Contender) -> Sequence[str]:
    """The command for any contender that a runtime of Edgewright executes."""
    return own_command("contender")


class ContenderProcess:
    """One contender in a process of its own. Use as a context manager; one thread at a time.

    Every method raises UserError when the contender cannot do it, WorkerDied when its process
    died, and whatever `check_cancelled` raises.
    """

    def __init__(
        self,
        contender: Contender,
        check_cancelled: Callable[[], None] = lambda: None,
        launch: Launch = launch_contender,
    ) -> None:
        self.contender = contender
        self._check_cancelled = check_cancelled
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        self._process = subprocess.Popen(
            launch(contender),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
        )
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        stdout = self._process.stdout
        assert stdout is not None
        self._reader = threading.Thread(target=_forward, args=(stdout, self._lines), daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def load(self, feeds: Path | None = None) -> Loaded:
        """Compile the model and run it once. `feeds`: what InputSet reads."""
        model = str(self.contender.model.absolute())
        inputs = None if feeds is None else str(feeds.absolute())
        return self._ask(Load(model=model, choice=self.contender.choice, feeds=inputs), Loaded)

    def block(self, seconds: float) -> tuple[float, ...]:
        """Infer for some seconds; returns each inference's milliseconds."""
        return self.timed(seconds).samples_ms

    def timed(self, seconds: float) -> Timed:
        """The same with the rate and the processor time that all streams together had."""
        return self._ask(Block(seconds=seconds), Timed)

    def evaluate(self, inputs: Path, outputs: Path, progress: Callable[[int, int], None]) -> None:
        """Infer each sample alone and write all outputs into the folder `outputs`."""
        request = Evaluate(inputs=str(inputs.absolute()), outputs=str(outputs.absolute()))
        self._ask(request, Done, lambda answer: progress(answer.done, answer.total))

    def walk(self, data: Path, contract: PreprocessingContract, images: int) -> Walked:
        """Go from image to answer, timing each part. Raises InputError for bad images."""
        request = Walk(data=str(data.absolute()), contract=contract, images=images)
        return self._ask(request, Walked)

    def report(self, inferences: int = DEFAULT_INFERENCES) -> Reported:
        """Which kernels run and how long; compiled and run once more, with counters."""
        return self._ask(Report(inferences=inferences), Reported)

    def peak_memory_bytes(self) -> int:
        return self._ask(Memory(), MemoryUsed).peak_bytes

    def cpu_seconds(self) -> float:
        """Processor time that the process has used so far, on all cores."""
        return cpu_seconds(self.pid)

    def wants_processor(self) -> bool:
        """Whether a thread of it runs or waits for its turn; Linux only, elsewhere False.

        A spinning thread that is kept from running uses no processor time, and is not quiet.
        """
        tasks = Path(f"/proc/{self.pid}/task")
        states: list[str] = []
        with contextlib.suppress(OSError):  # the process, or one of its threads, has ended
            for task in tasks.iterdir():
                states.append((task / "stat").read_text().rpartition(")")[2].split()[0])
        return "R" in states

    def close(self) -> None:
        """End the process; it is gone when this returns."""
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(BrokenPipeError):
            stdin.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # Not for ever: a process that a library forked may still hold the other end.
        self._reader.join(_SECONDS_TO_END)
        self._log.close()

    def _ask(
        self,
        request: Request,
        kind: type[_ANSWER],
        on_progress: Callable[[Evaluating], None] = lambda answer: None,
    ) -> _ANSWER:
        self._send(request)
        while True:
            answer = self._next_answer()
            if isinstance(answer, kind):
                return answer
            if isinstance(answer, Refused):
                raise UserError(answer.what, answer.why, answer.remedy)
            assert isinstance(answer, Evaluating), f"unexpected answer: {answer}"
            on_progress(answer)

    def _send(self, request: Request) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(request.model_dump_json() + "\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._death() from None

    def _next_answer(self) -> Answer:
        while True:
            self._check_cancelled()
            try:
                line = self._lines.get(timeout=_SECONDS_BETWEEN_CHECKS)
            except Empty:
                if self._process.poll() is None:
                    continue
                line = None
            if line is None:
                raise self._death()
            return answer_from_json(line)

    def _death(self) -> WorkerDied:
        words = death_in_words(self._process.wait())
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()[-_LOG_LINES:]
        said = f" Its last words: {' / '.join(lines)}" if lines else ""
        return WorkerDied(
            f"The process that ran {self.contender.label} died.",
            f"It {words}.{said}",
            "Choose another runtime or another way to compress for this model.",
        )


def _forward(stdout: IO[str], lines: "SimpleQueue[str | None]") -> None:
    with stdout:
        for line in stdout:
            lines.put(line)
    lines.put(None)
