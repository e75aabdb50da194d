"""What the kinds of boards have in common: they are known before they are there."""

from abc import abstractmethod
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import ClassVar

from core.benchmark.ground import Ground
from core.devices.base import Device, DeviceFacts, DeviceState
from core.errors import BoardError
from core.remote.board import Board
from core.remote.boards import boards
from core.remote.checks import Check
from core.remote.connection import Connection, connect
from core.tensorrt.ledger import EngineHost

_AT_ONCE = 8


class BoardDevice(Device):
    """One kind of board. A new one is one new file in core/devices with one subclass."""

    general: ClassVar[bool] = False
    """Whether it takes every board that no other kind recognizes."""

    @abstractmethod
    def recognizes(self, connection: Connection) -> bool:
        """Whether a new board is of this kind."""

    @abstractmethod
    def model(self, connection: Connection) -> str:
        """What the board's maker calls it: “Raspberry Pi 5 Model B Rev 1.0”."""

    @abstractmethod
    def facts(self, connection: Connection) -> DeviceFacts:
        """The connected board as a device that models run on."""

    @abstractmethod
    def checks(self, connection: Connection) -> Iterator[Check]:
        """Every finding as soon as it is known."""

    @abstractmethod
    def state_of(self, connection: Connection) -> DeviceState:
        """Clocks, temperature and load of the connected board."""

    def engine_host(self, connection: Connection) -> EngineHost | None:
        """What engines that are built there are tied to; None for a board without TensorRT."""
        return None

    @abstractmethod
    def ground_on(
        self, connection: Connection, check_cancelled: Callable[[], None]
    ) -> AbstractContextManager[Ground]:
        """Where contenders run and are measured on the connected board."""

    def known(self) -> tuple[Board, ...]:
        """The boards of this kind that were added."""
        return tuple(board for board in boards().found.values() if board.kind == self.name)

    def scan(self) -> tuple[DeviceFacts, ...]:
        """Of the boards that were added those that answer; all are asked at once."""
        known = self.known()
        if not known:
            return ()
        with ThreadPoolExecutor(_AT_ONCE, "boards") as threads:
            return tuple(facts for facts in threads.map(self._facts_or_none, known) if facts)

    def find(self, id: str) -> DeviceFacts | None:
        """By the board's id or name; only this one is asked. Raises BoardError."""
        if not self._knows(id):
            return None
        with connect(boards().named(id)) as connection:
            return self.facts(connection)

    def ground(
        self, id: str, check_cancelled: Callable[[], None]
    ) -> AbstractContextManager[Ground] | None:
        return self._ground(id, check_cancelled) if self._knows(id) else None

    @contextmanager
    def _ground(self, id: str, check_cancelled: Callable[[], None]) -> Generator[Ground]:
        with (
            connect(boards().named(id), check_cancelled=check_cancelled) as connection,
            self.ground_on(connection, check_cancelled) as ground,
        ):
            yield ground

    def _knows(self, id: str) -> bool:
        """What means a device of this computer is no board, whatever a person calls theirs."""
        from core.devices import devices

        return id not in devices() and any(id in (one.id, one.name) for one in self.known())

    def state(self, device: DeviceFacts) -> DeviceState:
        with connect(boards().named(device.id)) as connection:
            return self.state_of(connection)

    def _facts_or_none(self, board: Board) -> DeviceFacts | None:
        try:
            with connect(board) as connection:
                return self.facts(connection)
        except BoardError:
            return None
