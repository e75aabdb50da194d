"""Takes the samples of a benchmark: fresh starts, company, rounds, and what is learnt besides."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from core.benchmark.conditions import disturbances
from core.benchmark.contender_process import Contender
from core.benchmark.lineup import Lineup, Pace
from core.benchmark.messages import Loaded
from core.benchmark.samples import Samples, TimedBlock
from core.benchmark.statistics import doubt
from core.benchmark.team import Gather, Member, Team
from core.errors import UserError
from core.runtimes.base import ExecutedLayer

Progress = Callable[[float, float, str], None]
"""done, total, text; may raise to stop."""

MOST_LIVE = 6
"""Contenders that are held in memory at once."""
_START_SHARE = 4
"""A start with its warm-up takes about as long as this many blocks."""
_EXTRA_ROUNDS = 1.0
"""Void rounds are repeated, up to this share of all."""
_CLEAR = 0.04
"""Largest doubt (core.benchmark.statistics) in one fresh start; the interval of five is then some
2 % to either side."""
_ROUNDS_BETWEEN_LOOKS = 4
_SHORT_FLOATS = frozenset({"bf16", "f16"})


@dataclass
class Notes:
    """What is learnt about one contender besides its samples."""

    contender: Contender
    loaded: list[Loaded] = field(default_factory=list[Loaded])
    steady: bool = True
    peak_bytes: int = 0
    layers: tuple[ExecutedLayer, ...] = ()
    report_failure: str = ""

    def learn(self, runner: Member) -> None:
        """Raises UserError when the contender cannot even say how much memory it took."""
        self.loaded.append(runner.loaded)
        self.steady = self.steady and runner.steady
        self.peak_bytes = max(self.peak_bytes, runner.process.peak_memory_bytes())

    def report(self, runner: Member) -> None:
        """Ask which kernels ran. The figures stand even if that fails."""
        try:
            self.layers = runner.process.report().layers
        except UserError as failure:
            self.report_failure = f"What its layers ran in is not known: {failure.why}"

    def sentences(self) -> tuple[str, ...]:
        """What has to be said about this contender's figures."""
        found = list(self.loaded[0].notes)
        if not self.steady:
            found.append("Its times had not settled when the warm-up ended.")
        used = sorted({layer.precision for layer in self.layers} & _SHORT_FLOATS)
        if used and self.contender.choice.precision == "auto":
            found.append(
                f"The runtime chose by itself to compute layers in {' and '.join(used)}; "
                "precision f32 forbids it."
            )
        if self.report_failure:
            found.append(self.report_failure)
        return tuple(found)


@dataclass(kw_only=True)
class Sampling:
    """One benchmark in the making."""

    contenders: Sequence[Contender]
    rounds: Sequence[int]
    """How many in each fresh start of everybody."""
    pace: Pace
    patience: float = 0.0
    """Seconds to go on in all, where times jump so that intervals are wide after `rounds`.

    When to stop is judged by the width of intervals alone, not by what lies in them: so a verdict
    is not more likely for having been waited for (Chow and Robbins, Annals of Mathematical
    Statistics 36, 1965).
    """
    feeds: Path | None = None
    progress: Progress = lambda done, total, text: None
    check_cancelled: Callable[[], None] = lambda: None
    gather: Gather = Lineup
    failures: dict[str, UserError] = field(default_factory=dict[str, UserError])

    def __post_init__(self) -> None:
        self.notes = {contender.id: Notes(contender) for contender in self.contenders}
        self._blocks: list[TimedBlock] = []
        self._done = 0
        self._patience_left = self.patience
        turns = len(self.rounds) * _START_SHARE + sum(self.rounds)
        self._planned = len(self.contenders) * turns
        self._starts = len(self.rounds) * -(-len(self.contenders) // MOST_LIVE)
        self._extra: list[int] = []
        """Turns in which each start went on, the last one so far."""

    def run(self, *, report: bool) -> Samples:
        """Take all samples; with `report`, ask in the end which kernels ran.

        Contenders that fail are left out from then on.
        """
        for process, rounds in enumerate(self.rounds):
            last = process == len(self.rounds) - 1
            groups = list(self._groups())
            for number, group in enumerate(groups):
                starts_left = len(groups) * (len(self.rounds) - process) - number
                with self._lineup() as lineup:
                    self._start(lineup, group)
                    first = len(self._blocks)
                    self._take_turns(lineup, process, rounds)
                    self._go_on(lineup, process, first, self._patience_left / starts_left)
                    self._learn(lineup, report=report and last)
                    self.failures.update(lineup.failures)
        reasons = {id: str(failure) for id, failure in self.failures.items()}
        return Samples.judged(self._blocks, reasons)

    def _lineup(self) -> Team:
        return self.gather(self.pace, self.check_cancelled)

    def _groups(self) -> Iterator[list[Contender]]:
        """Everybody still in the race, in random companies alike in size that fit into memory."""
        left = [one for one in self.contenders if one.id not in self.failures]
        random.shuffle(left)
        count = -(-len(left) // MOST_LIVE)
        for number in range(count):
            yield left[number::count]

    def _start(self, lineup: Team, group: Sequence[Contender]) -> None:
        self._extra.append(0)
        lineup.prepare(group)
        for contender in group:
            self._tell(f"Starting {contender.label}", _START_SHARE)
            lineup.start(contender, self.feeds)

    def _take_turns(self, lineup: Team, process: int, wanted: int) -> None:
        """Rounds until enough were undisturbed, or it is no use to go on."""
        first = len(self._blocks)
        for index in range(wanted + int(wanted * _EXTRA_ROUNDS)):
            quiet = index - self._void_since(first)
            hopeless = index >= wanted and quiet * 2 < index
            if quiet >= wanted or hopeless or not lineup.runners:
                return
            self._blocks += lineup.round(process, index, self._on_turn)

    def _go_on(self, lineup: Team, process: int, first: int, seconds: float) -> None:
        """More rounds after those since block `first`, until intervals are narrow or time is up.

        Not where most rounds since the last look were void: more of them make nothing clear.
        """
        start = time.monotonic()
        last = max((block.round for block in self._blocks[first:]), default=-1)
        extra, looked = 0, first
        while lineup.runners and time.monotonic() - start < seconds:
            if extra % _ROUNDS_BETWEEN_LOOKS == 0:
                sound = self._sound_since(looked, lineup)
                hopeless = 2 * len(sound) < len(self._blocks) - looked
                if hopeless or doubt(self._sound_since(first, lineup)) <= _CLEAR:
                    break
                looked = len(self._blocks)
            extra += 1
            most = seconds - (time.monotonic() - start)
            words = f"Times jump, so once more, {max(1, most):.0f} s at most"
            self._blocks += lineup.round(process, last + extra, partial(self._on_extra_turn, words))
        self._patience_left = max(0.0, self._patience_left - (time.monotonic() - start))

    def _sound_since(self, first: int, lineup: Team) -> list[TimedBlock]:
        """Blocks since one, of those who are still there, without void rounds."""
        void, there = disturbances(self._blocks), {runner.id for runner in lineup.runners}
        return [
            block
            for block in self._blocks[first:]
            if block.contender in there and block.turn not in void
        ]

    def _void_since(self, first: int) -> int:
        """Rounds in vain since a block, judged by all that is known by now."""
        void = disturbances(self._blocks)
        return len({block.turn for block in self._blocks[first:]} & void.keys())

    def _on_turn(self, contender: Contender) -> None:
        self._tell(f"Timing {contender.label}", 1)

    def _on_extra_turn(self, words: str, contender: Contender) -> None:
        self._extra[-1] += 1
        self._tell(f"{words}: {contender.label}", 1)

    def _tell(self, text: str, share: int) -> None:
        """Starts to come are expected to go on for as long as those so far."""
        expected = sum(self._extra) * max(self._starts, len(self._extra)) / len(self._extra)
        total = self._planned + expected
        self.progress(min(self._done, total), total, text)
        self._done += share

    def _learn(self, lineup: Team, *, report: bool) -> None:
        for runner in lineup.runners:
            note = self.notes[runner.id]
            try:
                note.learn(runner)
            except UserError as failure:
                lineup.failures[runner.id] = failure
                continue
            if report:
                note.report(runner)
