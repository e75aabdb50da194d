"""The handle on an agent: start it on a board, ask it, read how it died."""

import contextlib
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self, TypeVar

from pydantic import BaseModel, ValidationError

from core.benchmark.messages import Evaluating
from core.errors import BoardError, UserError, WorkerDied
from core.remote.agent_messages import (
    Answer,
    Describe,
    Described,
    Failure,
    Look,
    Looked,
    Request,
    answer_from_json,
)
from core.remote.connection import Connection

_ANSWER = TypeVar("_ANSWER", bound=BaseModel)
_SECONDS_BETWEEN_CHECKS = 0.1
_LAST_LINES = 3


class Agent:
    """An agent that runs. Use as a context manager; one thread at a time.

    Every method raises UserError when the board or a contender cannot do it, ConnectionLost, and
    whatever `check_cancelled` raises.
    """

    def __init__(
        self, connection: Connection, command: Sequence[str], check_cancelled: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._check_cancelled = check_cancelled
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._said: list[str] = []
        self._process = connection.start(
            command, self._lines.put, on_error=self._said.append, talks=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(BoardError):  # without a connection the agent ends by itself
            self._process.stop()

    def described(self) -> Described:
        return self.ask(Describe(), Described)

    def looked(self) -> Looked:
        return self.ask(Look(), Looked)

    def ask(
        self,
        request: Request,
        kind: type[_ANSWER],
        on_progress: Callable[[Evaluating], None] = lambda answer: None,
    ) -> _ANSWER:
        self._process.write(request.model_dump_json() + "\n")
        while True:
            answer = self._next_answer()
            if isinstance(answer, kind):
                return answer
            if isinstance(answer, Failure):
                raise error_of(answer)
            if not isinstance(answer, Evaluating):
                raise self._nonsense(answer.type)
            on_progress(answer)

    def _next_answer(self) -> Answer:
        while True:
            self._check_cancelled()
            try:
                line = self._lines.get(timeout=_SECONDS_BETWEEN_CHECKS)
            except Empty:
                if self._process.ended and self._lines.empty():
                    raise self._death() from None
                continue
            try:
                return answer_from_json(line)
            except ValidationError as error:
                raise self._nonsense(line[:100]) from error

    def _death(self) -> BoardError:
        """Raises ConnectionLost where it is not the agent that failed."""
        code = self._process.wait()
        last = " / ".join(line for line in self._said[-_LAST_LINES:] if line.strip())
        return BoardError(
            f"Edgewright’s agent on “{self._connection.board.name}” died.",
            f"It ended with code {code}. Its last words: {last[:400] or 'none'}",
            "Check the free memory of the board, and that its Python works.",
        )

    def _nonsense(self, said: str) -> BoardError:
        return BoardError(
            f"“{self._connection.board.name}” gives answers that mean nothing.",
            f"It said: “{said}”.",
            "Check what runs on the board; restarting it may help.",
        )


def error_of(failure: Failure) -> UserError:
    kind = WorkerDied if failure.died else UserError
    return kind(failure.what, failure.why, failure.remedy)
