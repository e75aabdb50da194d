"""A connected Jetson as the place where contenders are measured and evaluated."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from core.benchmark.contender_process import Contender
from core.benchmark.ground import Ground
from core.benchmark.results import BenchmarkResult
from core.benchmark.samples import Samples
from core.benchmark.sampling import Progress
from core.data.tensors import Tensors
from core.remote.connection import Connection
from core.remote.jetson_accuracy import answers_on_board
from core.remote.jetson_bench import RUNTIME, JetsonBench
from core.remote.jetson_identity import look_at
from core.remote.jetson_power import PowerWish
from core.remote.passwords import stored_password

_BUILD_SHARE = 0.3


class JetsonGround(Ground):
    """Engines are built on the board and run by its own trtexec; nothing is installed there.

    Whatever a measurement changes on the board has been put back when it ends.
    """

    most_answers: ClassVar[int | None] = 100
    """trtexec is started for every input, which takes some seconds each time."""

    def __init__(self, connection: Connection, check_cancelled: Callable[[], None]) -> None:
        self._bench = JetsonBench(connection=connection, check_cancelled=check_cancelled)

    def allow(self, *, power_mode: str, hold_clocks: bool, password: str | None) -> None:
        """The password for sudo is by default the one in the system's keyring, if any."""
        wish = PowerWish(mode=power_mode, hold_clocks=hold_clocks)
        if not wish.empty and password is None:
            password = stored_password(self._bench.connection.board.id)
        self._bench = replace(self._bench, wish=wish, password=password)

    def tell_log(self, on_line: Callable[[str], None]) -> None:
        self._bench = replace(self._bench, on_log=on_line)

    @property
    def runtimes(self) -> tuple[str, ...]:
        return (RUNTIME,)

    def measure(
        self,
        contenders: Sequence[Contender],
        *,
        blocks: int,
        patience: float,
        feeds: Path | None,
        progress: Progress,
        check_cancelled: Callable[[], None],
    ) -> tuple[list[BenchmarkResult], Samples]:
        """trtexec makes up the inputs: `feeds` is not used, and times do not depend on them.

        Nor is `patience`: a run of trtexec lasts for seconds, in which times that jump even out.
        """
        del feeds, patience
        bench = replace(self._bench, progress=progress, check_cancelled=check_cancelled)
        return bench.measure(contenders, blocks=blocks)

    def evaluate(
        self,
        contender: Contender,
        inputs: Path,
        outputs: Path,
        *,
        progress: Progress,
        check_cancelled: Callable[[], None],
    ) -> Tensors:
        def building(done: float, total: float, text: str) -> None:
            progress(_BUILD_SHARE * (done / total if total else 1.0), 1.0, text)

        def asking(done: float, total: float, text: str) -> None:
            share = done / total if total else 1.0
            words = f"{text} ({done:.0f} of {total:.0f})"
            progress(_BUILD_SHARE + (1 - _BUILD_SHARE) * share, 1.0, words)

        connection = self._bench.connection
        jetson = look_at(connection)
        bench = replace(self._bench, progress=building, check_cancelled=check_cancelled)
        return answers_on_board(
            connection,
            jetson,
            bench.engine(jetson, contender),
            model=contender.model,
            inputs=inputs,
            outputs=outputs,
            progress=asking,
            check_cancelled=check_cancelled,
        )
