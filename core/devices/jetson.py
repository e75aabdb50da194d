"""NVIDIA Jetson boards over SSH, with nothing on them but JetPack and a folder of ours."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import ClassVar

from core.benchmark.ground import Ground
from core.devices.base import DeviceFacts, DeviceState
from core.remote.board_device import BoardDevice
from core.remote.checks import Check
from core.remote.connection import Connection
from core.remote.jetson_identity import look_at
from core.tensorrt.ledger import EngineHost


class JetsonBoard(BoardDevice):
    """Models run there as TensorRT engines that are built on the board."""

    name: ClassVar[str] = "jetson"
    label: ClassVar[str] = "NVIDIA Jetson"

    def recognizes(self, connection: Connection) -> bool:
        return bool(look_at(connection).chip)

    def model(self, connection: Connection) -> str:
        return look_at(connection).model

    def facts(self, connection: Connection) -> DeviceFacts:
        return look_at(connection).facts(connection.board)

    def checks(self, connection: Connection) -> Iterator[Check]:
        from core.remote.jetson_checks import check_jetson

        return check_jetson(connection)

    def state_of(self, connection: Connection) -> DeviceState:
        from core.remote.jetson_watch import first_reading

        reading = first_reading(connection)
        return (
            look_at(connection)
            .state()
            .model_copy(
                update={
                    "clock_mhz": reading and reading.gpu_mhz,
                    "temperature_celsius": reading and reading.hottest_celsius,
                }
            )
        )

    def engine_host(self, connection: Connection) -> EngineHost | None:
        return look_at(connection).engine_host(connection.board)

    def ground_on(
        self, connection: Connection, check_cancelled: Callable[[], None]
    ) -> AbstractContextManager[Ground]:
        from core.remote.jetson_ground import JetsonGround

        return nullcontext(JetsonGround(connection, check_cancelled))
