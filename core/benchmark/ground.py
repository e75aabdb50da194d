"""Where contenders run and are measured: this computer, or a board that is connected to it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar

from core.benchmark.contender_process import Contender
from core.benchmark.end_to_end import EndToEnd, end_to_end
from core.benchmark.evaluation import evaluate
from core.benchmark.protocol import measure
from core.benchmark.provenance import Place
from core.benchmark.results import BenchmarkResult
from core.benchmark.samples import Samples
from core.benchmark.sampling import Progress
from core.benchmark.team import Gather
from core.data.contract import PreprocessingContract
from core.data.tensors import Tensors
from core.errors import InputError


class Ground(ABC):
    """Takes contenders whose files lie on this computer, wherever they then run."""

    @property
    @abstractmethod
    def runtimes(self) -> tuple[str, ...]:
        """Names of the runtimes that can be used there."""

    walks: ClassVar[bool] = False
    """Whether the way from image to answer can be timed there; then answers need no comparison
    with those of this computer."""

    races: ClassVar[bool] = False
    """Whether candidates can be raced there: looked at quickly, asked, and measured in turns."""

    is_here: ClassVar[bool] = False
    """Whether it is this computer, where layers can be timed one by one as well."""

    def gather(self, progress: Progress) -> Gather | None:
        """What starts contenders together there; None for processes of this computer."""
        return None

    def place(self) -> Place | None:
        """What a result says of where it was measured; None for this computer."""
        return None

    def stay(self) -> AbstractContextManager[None]:
        """What is done in the block counts only if the device ran through; else it raises."""
        return nullcontext()

    most_answers: ClassVar[int | None] = None
    """How many inputs it can be asked about in bearable time; None for as many as there are."""

    def allow(self, *, power_mode: str, hold_clocks: bool, password: str | None) -> None:
        """What a person agreed to change on the board while it is measured; put back afterwards.

        The password is for what needs an administrator there. Raises InputError where the device
        can do neither.
        """
        if power_mode or hold_clocks:
            raise InputError(
                "The power mode of this device cannot be changed from here.",
                "Only NVIDIA Jetson boards offer that.",
                "Leave the power mode and the clocks as they are.",
            )

    def tell_log(self, on_line: Callable[[str], None]) -> None:
        """Hand on, in the caller's thread, what programs on a board say while models are built.

        Where nothing is built there is nothing to tell.
        """
        del on_line

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
        """As core.benchmark.protocol.measure does, with everybody in turns."""
        with self.stay():
            return measure(
                contenders,
                blocks=blocks,
                patience=patience,
                feeds=feeds,
                progress=progress,
                check_cancelled=check_cancelled,
                gather=self.gather(progress),
                place=self.place(),
            )

    @abstractmethod
    def evaluate(
        self,
        contender: Contender,
        inputs: Path,
        outputs: Path,
        *,
        progress: Progress,
        check_cancelled: Callable[[], None],
    ) -> Tensors:
        """As core.benchmark.evaluation.evaluate does; `outputs` is a folder of this computer."""

    def end_to_end(
        self,
        contenders: Sequence[Contender],
        data: Path,
        contracts: Sequence[PreprocessingContract],
        *,
        feeds: Path | None,
        progress: Progress,
        check_cancelled: Callable[[], None],
    ) -> tuple[EndToEnd, ...]:
        """As core.benchmark.end_to_end does; empty where it cannot be measured."""
        return ()


class HomeGround(Ground):
    """This computer, or a processor in it that some of its runtimes compute on."""

    walks: ClassVar[bool] = True
    races: ClassVar[bool] = True
    is_here: ClassVar[bool] = True

    def __init__(self, runtimes: tuple[str, ...]) -> None:
        self._runtimes = runtimes

    @property
    def runtimes(self) -> tuple[str, ...]:
        return self._runtimes

    def evaluate(
        self,
        contender: Contender,
        inputs: Path,
        outputs: Path,
        *,
        progress: Progress,
        check_cancelled: Callable[[], None],
    ) -> Tensors:
        return evaluate(
            contender, inputs, outputs, progress=progress, check_cancelled=check_cancelled
        )

    def end_to_end(
        self,
        contenders: Sequence[Contender],
        data: Path,
        contracts: Sequence[PreprocessingContract],
        *,
        feeds: Path | None,
        progress: Progress,
        check_cancelled: Callable[[], None],
    ) -> tuple[EndToEnd, ...]:
        return end_to_end(
            contenders,
            data,
            contracts,
            feeds=feeds,
            progress=progress,
            check_cancelled=check_cancelled,
        )
