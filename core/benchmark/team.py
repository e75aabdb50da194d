"""What a benchmark needs of contenders that were started together, wherever they run."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from core.benchmark.contender_process import Contender
from core.benchmark.lineup import Pace
from core.benchmark.messages import Loaded, Reported
from core.benchmark.samples import TimedBlock
from core.errors import UserError


class Informant(Protocol):
    """A contender's process, as far as it is asked about itself. Raises UserError."""

    def peak_memory_bytes(self) -> int: ...
    def report(self) -> Reported: ...


class Member(Protocol):
    """One live contender; see core.benchmark.lineup.Runner."""

    @property
    def id(self) -> str: ...
    @property
    def loaded(self) -> Loaded: ...
    @property
    def steady(self) -> bool: ...
    @property
    def process(self) -> Informant: ...


class Team(AbstractContextManager["Team"], Protocol):
    """See core.benchmark.lineup.Lineup, which is the one of this computer."""

    @property
    def runners(self) -> Sequence[Member]: ...
    @property
    def failures(self) -> dict[str, UserError]: ...
    def prepare(self, contenders: Sequence[Contender]) -> None: ...
    def start(self, contender: Contender, feeds: Path | None) -> None: ...
    def round(
        self, process: int, number: int, on_turn: Callable[[Contender], None]
    ) -> list[TimedBlock]: ...


Gather = Callable[[Pace, Callable[[], None]], Team]
"""Makes an empty one, given the pace and what may raise to stop."""
