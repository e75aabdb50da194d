"""Measuring on a Linux board, by the same protocol as on this computer."""

import json
import secrets
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from core.benchmark.contender_process import Contender
from core.benchmark.ground import Ground
from core.benchmark.lineup import Pace
from core.benchmark.messages import Done, Evaluate
from core.benchmark.provenance import Place
from core.benchmark.sampling import Progress
from core.benchmark.team import Gather
from core.data.tensors import INDEX_FILE, Tensors
from core.devices.base import DeviceFacts
from core.errors import BoardError, BoardUnreachable, ConnectionLost
from core.remote import refusals
from core.remote.agent_client import Agent
from core.remote.agent_messages import Described, Errand
from core.remote.agent_program import agent_command, install_agent
from core.remote.board_files import is_harmless, is_there, make_folder, remove
from core.remote.board_team import BoardTeam
from core.remote.connection import Connection, connect
from core.remote.environment import ready_python
from core.remote.linux_facts import board_model
from core.remote.luggage import Luggage

_LOOKS_AFTER_A_BREAK = 3
_SECONDS_BETWEEN_LOOKS = 1.0


class LinuxGround(Ground):
    """One stay on a board; use as a context manager. Everything raises BoardError in its kinds."""

    races: ClassVar[bool] = True

    def __init__(self, connection: Connection, check_cancelled: Callable[[], None]) -> None:
        self._connection = connection
        self._check_cancelled = check_cancelled
        self._stack = ExitStack()
        self._agent: Agent
        self._described: Described
        self._boot_id = ""

    def __enter__(self) -> Self:
        connection = self._connection
        python = ready_python(connection)
        self._boot_id = connection.boot_id()
        command = agent_command(python.path, install_agent(connection, python.path))
        agent = Agent(connection, command, self._check_cancelled)
        self._agent = self._stack.enter_context(agent)
        self._described = self._agent.described()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    @property
    def runtimes(self) -> tuple[str, ...]:
        return tuple(self._described.facts.runtimes)

    @property
    def facts(self) -> DeviceFacts:
        """What the agent found out, under the name that the board has here."""
        board = self._connection.board
        model = board_model(self._connection)
        found = self._described.facts
        known = {"id": board.id, "name": board.name, "kind": board.kind, "board": model}
        processor = found.processor if found.processor != found.architecture else model
        return found.model_copy(update={**known, "processor": processor or found.processor})

    def gather(self, progress: Progress) -> Gather:
        luggage = Luggage(self._connection, progress)

        def team(pace: Pace, check: Callable[[], None]) -> BoardTeam:
            return BoardTeam(self._agent, luggage, pace)

        return team

    def place(self) -> Place:
        return Place(
            self.facts,
            lambda: self._agent.looked().state,
            lambda: self._described.versions,
        )

    def evaluate(
        self,
        contender: Contender,
        inputs: Path,
        outputs: Path,
        *,
        progress: Progress,
        check_cancelled: Callable[[], None],
    ) -> Tensors:
        text = f"Asking {contender.label} on “{self._connection.board.name}”"
        luggage = Luggage(self._connection, progress)
        there = f"{self._connection.folder}/answers/{secrets.token_hex(8)}"
        with self.stay():
            given = luggage.feeds(inputs)
            make_folder(self._connection, there)
            work = Evaluate(inputs=str(given), outputs=f"{there}/outputs")
            errand = Errand(contender=luggage.contender(contender), feeds=given, work=work)
            try:
                self._agent.ask(
                    errand, Done, lambda answer: progress(answer.done, answer.total, text)
                )
                self._fetch(f"{there}/outputs", outputs)
            finally:
                with self._connection.uninterrupted():
                    remove(self._connection, there)
        return Tensors.read(outputs)

    def _fetch(self, there: str, here: Path) -> None:
        """What TensorWriter wrote; its list of files is the board's word and not believed."""
        here.mkdir(parents=True, exist_ok=True)
        self._connection.get(f"{there}/{INDEX_FILE}", here / INDEX_FILE)
        for name in _names_in(here / INDEX_FILE):
            self._connection.get(f"{there}/{name}", here / name)
            shapes = Path(name).with_suffix(".shapes.npy").name
            if is_there(self._connection, f"{there}/{shapes}"):
                self._connection.get(f"{there}/{shapes}", here / shapes)

    @contextmanager
    def stay(self) -> Generator[None]:
        """A board that was started anew in the block raises BoardRestarted: no figure counts."""
        try:
            yield
        except ConnectionLost as error:
            raise self._what_happened(error) from error
        if self._connection.boot_id() != self._boot_id:
            raise refusals.restarted(self._connection.board)

    def _what_happened(self, lost: ConnectionLost) -> BoardError:
        """After a broken connection: whether the board itself went down."""
        for _ in range(_LOOKS_AFTER_A_BREAK):
            self._check_cancelled()
            try:
                with connect(self._connection.board) as again:
                    same = again.boot_id() == self._boot_id
            except (BoardUnreachable, ConnectionLost):
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            else:
                return lost if same else refusals.restarted(self._connection.board)
        return refusals.gone(self._connection.board)


def _names_in(index: Path) -> list[str]:
    """Raises BoardError for anything but plain names."""
    try:
        names = [str(name) for name in json.loads(index.read_text(encoding="utf-8")).values()]
    except (ValueError, AttributeError):
        names = [""]
    if not all(is_harmless(name) and "/" not in name for name in names):
        raise BoardError(
            "The board’s answers cannot be fetched.",
            "Its list of files holds no plain names.",
            "Check what runs on the board.",
        )
    return names
