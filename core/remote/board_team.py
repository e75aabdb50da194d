"""Contenders that were started together on a board and take turns there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from core.benchmark.contender_process import Contender
from core.benchmark.lineup import Pace
from core.benchmark.messages import Done, Loaded, Reported
from core.benchmark.samples import TimedBlock
from core.errors import UserError
from core.remote.agent_client import Agent, error_of
from core.remote.agent_messages import (
    Dismiss,
    Gather,
    Learn,
    Learnt,
    Prepare,
    Round,
    Start,
    Started,
    Taken,
)


class Luggage(Protocol):
    """Brings files of this computer to the board and tells their place there."""

    def contender(self, contender: Contender) -> Contender: ...
    def feeds(self, feeds: Path | None) -> Path | None: ...


@dataclass(frozen=True)
class _Informant:
    """What a contender on the board is asked about itself."""

    contender: str
    agent: Agent

    def peak_memory_bytes(self) -> int:
        asked = Learn(contender=self.contender, layers=False)
        return self.agent.ask(asked, Learnt).peak_bytes

    def report(self) -> Reported:
        found = self.agent.ask(Learn(contender=self.contender, layers=True), Learnt)
        return Reported(layers=found.layers, latency_ms=found.latency_ms)


@dataclass(frozen=True)
class BoardRunner:
    """One live contender."""

    contender: Contender
    loaded: Loaded
    steady: bool
    process: _Informant

    @property
    def id(self) -> str:
        return self.contender.id


@dataclass
class BoardTeam:
    """The counterpart of core.benchmark.lineup.Lineup; the pauses and waits happen on the board."""

    agent: Agent
    luggage: Luggage
    pace: Pace
    runners: list[BoardRunner] = field(default_factory=list[BoardRunner])
    failures: dict[str, UserError] = field(default_factory=dict[str, UserError])

    def __enter__(self) -> Self:
        asked = Gather(
            block_seconds=self.pace.block_seconds,
            pause_seconds=self.pace.pause_seconds,
            warm_blocks=self.pace.warm_blocks,
        )
        self.agent.ask(asked, Done)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:  # else the agent is ended, and everybody with it
            self.agent.ask(Dismiss(), Done)

    def prepare(self, contenders: Sequence[Contender]) -> None:
        there = tuple(self.luggage.contender(contender) for contender in contenders)
        self.agent.ask(Prepare(contenders=there), Done)

    def start(self, contender: Contender, feeds: Path | None) -> None:
        asked = Start(contender=self.luggage.contender(contender), feeds=self.luggage.feeds(feeds))
        started = self.agent.ask(asked, Started)
        if started.loaded is None or started.failure is not None:
            assert started.failure is not None, "whoever is not loaded says why"
            self.failures[contender.id] = error_of(started.failure)
            return
        process = _Informant(contender.id, self.agent)
        self.runners.append(BoardRunner(contender, started.loaded, started.steady, process))

    def round(
        self, process: int, number: int, on_turn: Callable[[Contender], None]
    ) -> list[TimedBlock]:
        for runner in self.runners:
            on_turn(runner.contender)
        taken = self.agent.ask(Round(process=process, number=number), Taken)
        for id, failure in taken.failures.items():
            self.failures.setdefault(id, error_of(failure))
        self.runners = [one for one in self.runners if one.id not in self.failures]
        return list(taken.blocks)
