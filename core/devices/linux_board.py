"""Linux boards over SSH: a Raspberry Pi, an Intel NUC, any computer with sshd and Python."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import ClassVar

from core.benchmark.ground import Ground
from core.devices.base import DeviceFacts, DeviceState
from core.remote.board_device import BoardDevice
from core.remote.checks import Check
from core.remote.connection import Connection
from core.remote.linux_checks import check_linux_board
from core.remote.linux_facts import board_facts, board_model, board_state


class LinuxBoard(BoardDevice):
    """Models run there in the same way as here, in processes of a small agent."""

    name: ClassVar[str] = "linux"
    label: ClassVar[str] = "Linux board"
    general: ClassVar[bool] = True

    def recognizes(self, connection: Connection) -> bool:
        return True

    def model(self, connection: Connection) -> str:
        return board_model(connection)

    def facts(self, connection: Connection) -> DeviceFacts:
        return board_facts(connection, self.name)

    def checks(self, connection: Connection) -> Iterator[Check]:
        return check_linux_board(connection)

    def state_of(self, connection: Connection) -> DeviceState:
        return board_state(connection)

    def ground_on(
        self, connection: Connection, check_cancelled: Callable[[], None]
    ) -> AbstractContextManager[Ground]:
        from core.remote.linux_ground import LinuxGround

        return LinuxGround(connection, check_cancelled)
