"""How long sampling goes on; the teams are stand-ins whose times are drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from core.benchmark.conditions import Conditions
from core.benchmark.contender_process import Contender
from core.benchmark.lineup import Pace
from core.benchmark.messages import Loaded, Reported
from core.benchmark.samples import Samples, TimedBlock
from core.benchmark.sampling import MOST_LIVE, Progress, Sampling
from core.benchmark.statistics import doubt, ratio
from core.errors import JobCancelled, UserError
from core.plan.plan import RuntimeChoice

LOADED = Loaded(compile_ms=1.0, first_ms=1.0, threads=1, version="1")
QUIET = Conditions()
TIMES = {"a": 1.0, "copy": 1.0, "slower": 1.05}
STARTS = (4, 4, 4, 4, 4)


class Informant:
    def peak_memory_bytes(self) -> int:
        return 1

    def report(self) -> Reported:
        return Reported(layers=(), latency_ms=1.0)


@dataclass(frozen=True)
class Member:
    id: str
    loaded: Loaded = LOADED
    steady: bool = True
    process: Informant = field(default_factory=Informant)


@dataclass
class DrawnTeam:
    """`noise` draws the logarithm of what makes a block longer."""

    noise: Callable[[], float]
    conditions: Conditions = QUIET
    runners: list[Member] = field(default_factory=list[Member])
    failures: dict[str, UserError] = field(default_factory=dict[str, UserError])
    dies: tuple[str, int] = ("", 0)
    """Who, and before which round."""

    def __enter__(self) -> "DrawnTeam":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def prepare(self, contenders: Sequence[Contender]) -> None:
        pass

    def start(self, contender: Contender, feeds: Path | None) -> None:
        self.runners.append(Member(contender.id))

    def round(
        self, process: int, number: int, on_turn: Callable[[Contender], None]
    ) -> list[TimedBlock]:
        name, last = self.dies
        if number == last:
            self.runners = [runner for runner in self.runners if runner.id != name]
        for runner in self.runners:
            on_turn(contender(runner.id))
        return [
            TimedBlock(
                contender=runner.id,
                process=process,
                round=number,
                samples_ms=(TIMES.get(runner.id, 1.0) * float(np.exp(self.noise())),),
                conditions=self.conditions,
            )
            for runner in self.runners
        ]


def take(
    noise: Callable[[], float],
    *,
    patience: float,
    names: Sequence[str] = tuple(TIMES),
    conditions: Conditions = QUIET,
    dies: tuple[str, int] = ("", 0),
    progress: Progress = lambda done, total, text: None,
) -> Samples:
    return Sampling(
        contenders=[contender(name) for name in names],
        rounds=STARTS,
        pace=Pace(),
        patience=patience,
        progress=progress,
        gather=lambda pace, check: DrawnTeam(noise, conditions, dies=dies),
    ).run(report=False)


def contender(name: str) -> Contender:
    return Contender(id=name, label=name, model=Path("m"), choice=RuntimeChoice(runtime="drawn"))


def jumping(seed: int) -> Callable[[], float]:
    """A processor that others share: slower by 40 % in half of all blocks."""
    random = np.random.default_rng(seed)
    return lambda: random.normal(0, 0.01) + np.log(1.4) * random.integers(2)


def steady(seed: int) -> Callable[[], float]:
    random = np.random.default_rng(seed)
    return lambda: random.normal(0, 0.01)


@pytest.mark.parametrize("names", [("a", "copy"), tuple(TIMES)])
def test_that_where_times_do_not_jump_no_round_is_added(names: Sequence[str]) -> None:
    assert take(steady(1), patience=60, names=names).rounds == sum(STARTS)


def test_that_without_patience_no_round_is_added() -> None:
    assert take(jumping(1), patience=0).rounds == sum(STARTS)


def test_that_one_alone_has_nobody_to_differ_from() -> None:
    assert take(jumping(1), patience=60, names=("a",)).rounds == sum(STARTS)


@pytest.mark.parametrize("names", [("a", "copy"), tuple(TIMES)])
def test_that_where_times_jump_every_start_goes_on_until_it_is_clear(names: Sequence[str]) -> None:
    samples = take(jumping(1), patience=60, names=names)

    assert samples.rounds > sum(STARTS)
    for process in range(len(STARTS)):
        blocks = [block for block in samples.blocks if block.process == process]
        assert doubt(blocks) <= 0.04


def test_that_going_on_finds_small_differences_on_a_processor_that_jumps() -> None:
    """Of 20 benchmarks, each with a copy and one slower by 5 %."""
    verdicts: list[tuple[str, str]] = []
    for seed in range(20):
        samples = take(jumping(seed), patience=60)
        verdicts.append(
            (ratio(samples, "copy", "a").verdict, ratio(samples, "slower", "a").verdict)
        )

    assert sum(copy == "no difference" for copy, _ in verdicts) >= 19
    assert sum(slower == "slower" for _, slower in verdicts) >= 19


def test_that_it_ends_when_patience_is_at_an_end() -> None:
    random = np.random.default_rng(1)

    samples = take(lambda: random.normal(0, 30), patience=0.2)

    assert samples.rounds > sum(STARTS)


def test_that_no_round_is_added_where_most_are_void() -> None:
    busy = Conditions(other_load=0.5)

    samples = take(jumping(1), patience=60, conditions=busy)

    assert samples.disturbed
    assert samples.rounds == sum(STARTS)


def test_that_it_ends_early_once_rounds_become_void() -> None:
    """The rounds that were sound are not drowned in void ones."""
    calls = 0

    def noise() -> float:
        nonlocal calls
        calls += 1
        return 30.0 * (-1) ** calls if calls % 7 else 0.0

    team = DrawnTeam(noise)
    taken = team.round

    def round(process: int, number: int, on_turn: Callable[[Contender], None]) -> list[TimedBlock]:
        team.conditions = QUIET if number < STARTS[0] else Conditions(other_load=0.5)
        return taken(process, number, on_turn)

    team.round = round
    samples = Sampling(
        contenders=[contender("a"), contender("copy")],
        rounds=STARTS[:1],
        pace=Pace(),
        patience=60,
        gather=lambda pace, check: team,
    ).run(report=False)

    assert samples.rounds == 2 * STARTS[0]
    assert not samples.disturbed


def test_that_who_failed_is_waited_for_no_longer() -> None:
    samples = take(jumping(2), patience=60, dies=("a", 2))

    for process in range(len(STARTS)):
        left = [
            block for block in samples.blocks if block.process == process and block.contender != "a"
        ]
        assert doubt(left) <= 0.04


@pytest.mark.parametrize("rounds", [1, 2])
def test_that_one_or_two_rounds_are_never_enough_to_be_sure(rounds: int) -> None:
    blocks = [
        TimedBlock(contender=name, process=0, round=number, samples_ms=(1.0,))
        for name in ("a", "b")
        for number in range(rounds)
    ]
    assert doubt(blocks) == float("inf")


def test_that_progress_counts_on_later_starts_to_go_on_as_well() -> None:
    told: list[tuple[float, float, str]] = []
    take(jumping(1), patience=60, progress=lambda *words: told.append(words))

    assert any("Times jump, so once more, " in text for *_, text in told)
    beginnings = [done / total for done, total, text in told if text == "Starting a"]
    for number, share in enumerate(beginnings):
        assert share == pytest.approx(number / len(STARTS), abs=0.2)
    assert all(done <= total for done, total, _ in told)


def test_that_cancelling_is_heard_while_it_goes_on() -> None:
    def cancel(done: float, total: float, text: str) -> None:
        if "Times jump" in text:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        take(jumping(1), patience=60, progress=cancel)


@pytest.mark.parametrize("count", [MOST_LIVE + 1, 2 * MOST_LIVE + 1])
def test_that_nobody_is_left_alone_where_not_all_fit_into_memory(count: int) -> None:
    names = [f"c{number}" for number in range(count)]
    sizes: list[int] = []
    Sampling(
        contenders=[contender(name) for name in names],
        rounds=STARTS,
        pace=Pace(),
        gather=lambda pace, check: Counting(steady(1), sizes=sizes),
    ).run(report=False)

    assert min(sizes) >= count // (count // MOST_LIVE + 1)
    assert max(sizes) <= MOST_LIVE


@dataclass
class Counting(DrawnTeam):
    """Notes how many are prepared together."""

    sizes: list[int] = field(default_factory=list[int])

    def prepare(self, contenders: Sequence[Contender]) -> None:
        self.sizes.append(len(contenders))
