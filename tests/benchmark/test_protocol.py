from collections.abc import Callable
from pathlib import Path

import pytest

from core.benchmark.conditions import Conditions
from core.benchmark.contender_process import Contender
from core.benchmark.lineup import Lineup, Pace
from core.benchmark.load import RoundWatch, Watch
from core.benchmark.protocol import measure, screen
from core.benchmark.statistics import ratio
from core.errors import JobCancelled, UserError, WorkerDied


def test_that_both_runtimes_are_measured_with_intervals_and_provenance(
    tiny_model: Path, real: Callable[[str, Path], Contender]
) -> None:
    contenders = [real("onnxruntime", tiny_model), real("openvino", tiny_model)]

    results, samples = measure(contenders, blocks=4, processes=2, block_seconds=0.02)

    assert [result.contender for result in results] == ["onnxruntime", "openvino"]
    for result in results:
        blocks = samples.of(result.contender)
        assert result.latency_ms.low <= result.latency_ms.value <= result.latency_ms.high
        assert result.samples == sum(len(block.samples_ms) for block in blocks)
        assert {block.process for block in samples.blocks} == {0, 1}
        assert result.p90_ms is None or result.p90_ms >= result.latency_ms.low
        assert result.throughput_interval is not None
        assert result.throughput == result.throughput_interval.value > 0
        assert result.file_bytes == tiny_model.stat().st_size
        assert result.peak_memory_bytes > 20_000_000
        assert result.layers
        provenance = result.provenance
        assert provenance.threads == 1
        assert provenance.runtime_version == provenance.versions[result.contender]
        assert len(provenance.model_sha256) == 64
        assert provenance.taken_at[-6] in "+-"
        assert provenance.device.cores >= 1


def test_that_every_round_holds_each_contender_once_and_their_order_changes(stubs) -> None:
    contenders = [stubs.add(name, work=1) for name in "abc"]

    _, samples = measure(
        contenders, blocks=8, processes=1, block_seconds=0.001, pause=0, launch=stubs.launch
    )

    orders: dict[tuple[int, int], list[str]] = {}
    for block in samples.blocks:
        orders.setdefault(block.turn, []).append(block.contender)
    assert all(sorted(order) == ["a", "b", "c"] for order in orders.values())
    assert len({tuple(order) for order in orders.values()}) > 1


def test_that_a_known_latency_and_a_known_ratio_are_read_right(stubs, quiet: Watch) -> None:
    contenders = [stubs.add("short", sleep_ms=10), stubs.add("long", sleep_ms=20)]

    results, samples = measure(
        contenders, blocks=6, processes=2, block_seconds=0.06, launch=stubs.launch, watch=quiet
    )

    # A sleep may end late on a busy computer, never early.
    assert results[0].latency_ms.value >= 10
    assert results[1].latency_ms.value >= 20
    found = ratio(samples, "long", "short")
    assert found.verdict == "slower"
    assert found.ratio.low <= 2.1
    assert 1.3 < found.ratio.value < 2.7


def test_that_throughput_counts_inferences_that_really_ran_at_the_same_time(
    stubs, quiet: Watch
) -> None:
    contenders = [
        stubs.add("alone", sleep_ms=20),
        stubs.add("pair", sleep_ms=20, streams=2),
        stubs.add("pairs of three", sleep_ms=20, streams=2, batch=3),
    ]

    results, _ = measure(
        contenders, blocks=2, processes=1, block_seconds=0.1, launch=stubs.launch, watch=quiet
    )

    alone, pair, threes = (result.throughput or 0 for result in results)
    assert alone <= 50
    assert 1.4 * alone < pair <= 100
    assert 4.2 * alone < threes <= 300
    assert results[1].latency_ms.value >= 20


class BusyWatch(RoundWatch):
    """Sees other programs in every round but the first two."""

    rounds = 0

    def conditions(self) -> Conditions:
        BusyWatch.rounds += 1
        return Conditions(other_load=0.5 if BusyWatch.rounds > 2 else 0.0)


def test_that_a_busy_computer_ends_in_cannot_tell_and_no_guess(
    stubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BusyWatch, "rounds", 0)
    contenders = [stubs.add("short", sleep_ms=1), stubs.add("long", sleep_ms=5)]

    results, samples = measure(
        contenders,
        blocks=6,
        processes=2,
        block_seconds=0.01,
        launch=stubs.launch,
        watch=BusyWatch,
    )

    found = ratio(samples, "long", "short")
    assert (found.verdict, found.words) == ("cannot tell", "cannot tell: the machine was busy")
    assert any("Conditions were bad in" in warning for warning in results[0].warnings)


def test_that_void_rounds_are_repeated_for_everybody(stubs) -> None:
    watched: list[Conditions] = []

    class OnceBusyWatch(RoundWatch):
        def conditions(self) -> Conditions:
            watched.append(Conditions(other_load=0.5 if len(watched) == 1 else 0.0))
            return watched[-1]

    contenders = [stubs.add("a", sleep_ms=1), stubs.add("b", sleep_ms=1)]
    _, samples = measure(
        contenders,
        blocks=3,
        processes=1,
        block_seconds=0.005,
        launch=stubs.launch,
        watch=OnceBusyWatch,
    )

    assert samples.rounds == 4
    assert [block.round for block in samples.of("a")] == [0, 2, 3]
    assert [block.round for block in samples.of("b")] == [0, 2, 3]


def test_that_nobody_is_measured_while_another_still_spins(stubs) -> None:
    spinning = stubs.add("spinning", work=1, spin_after_ms=120)
    with Lineup(Pace(0.001, 0.0, 2), lambda: None, stubs.launch) as lineup:
        lineup.start(spinning, None)
        lineup.start(stubs.add("next", work=1), None)
        spinner, following = lineup.runners
        spinner.process.block(0.001)
        lineup.wait_until_quiet(following)
        before = spinner.process.cpu_seconds()
        following.process.block(0.05)
        used = spinner.process.cpu_seconds() - before

    # 50 ms and more passed; whoever polls once a millisecond uses far less.
    assert used < 0.025


def test_that_a_contender_that_dies_is_left_out_and_the_others_are_measured(
    stubs, quiet: Watch
) -> None:
    fine = stubs.add("fine", sleep_ms=1)
    contenders = [fine, stubs.add("doomed", dies_by="SIGSEGV", dies_after=200)]

    results, samples = measure(
        contenders,
        blocks=4,
        processes=2,
        block_seconds=0.01,
        pause=0,
        launch=stubs.launch,
        watch=quiet,
    )

    assert [result.contender for result in results] == ["fine"]
    assert "SIGSEGV" in samples.failures["doomed"]
    assert len({block.turn for block in samples.of("fine")}) >= 4


def test_that_the_first_failure_is_raised_when_all_fail(stubs) -> None:
    contenders = [stubs.add("a", refuses=True), stubs.add("b", refuses=True)]

    with pytest.raises(UserError, match="The stub cannot"):
        measure(contenders, blocks=2, processes=1, launch=stubs.launch)


def test_that_screening_tells_who_failed_and_ranks_the_others(stubs) -> None:
    contenders = [
        stubs.add("slow", sleep_ms=30),
        stubs.add("doomed", dies_by="SIGKILL"),
        stubs.add("quick", sleep_ms=1),
    ]

    slow, doomed, quick = screen(contenders, blocks=2, block_seconds=0.03, launch=stubs.launch)

    assert isinstance(doomed.failure, WorkerDied)
    assert doomed.latency_ms is None
    assert slow.latency_ms is not None
    assert quick.latency_ms is not None
    assert quick.latency_ms < slow.latency_ms


def test_that_more_contenders_than_fit_into_memory_are_measured_in_company(
    stubs, quiet: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.benchmark.sampling.MOST_LIVE", 2)
    contenders = [stubs.add(name, sleep_ms=1) for name in "abc"]

    _, samples = measure(
        contenders,
        blocks=2,
        processes=1,
        block_seconds=0.001,
        pause=0,
        launch=stubs.launch,
        watch=quiet,
    )

    assert all(len(samples.of(name)) >= 2 for name in "abc")
    assert ratio(samples, "a", "c").ratio.value > 0


def test_that_unasked_short_floats_are_said_aloud(stubs) -> None:
    (result,), _ = measure(
        [stubs.add("brief", work=1)],
        blocks=2,
        processes=1,
        block_seconds=0.001,
        launch=stubs.launch,
    )

    assert any("bf16" in warning and "f32 forbids" in warning for warning in result.warnings)


def test_that_progress_rises_to_the_end_and_cancelling_ends_every_process(stubs) -> None:
    told: list[float] = []
    contenders = [stubs.add("a", work=1), stubs.add("b", work=1)]
    measure(
        contenders,
        blocks=2,
        processes=2,
        block_seconds=0.001,
        launch=stubs.launch,
        progress=lambda done, total, text: told.append(done / total),
    )
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.8 < told[-1] <= 1

    def cancel() -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        measure(contenders, launch=stubs.launch, check_cancelled=cancel)
