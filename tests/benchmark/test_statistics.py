import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark.samples import Samples, TimedBlock
from core.benchmark.statistics import latency, percentile_ms, ratio, throughput, wilson


def blocks_of(contender: str, medians: np.ndarray) -> list[TimedBlock]:
    """One sample a block; `medians` has shape (processes, rounds)."""
    return [
        TimedBlock(contender=contender, process=process, round=number, samples_ms=(float(value),))
        for process, row in enumerate(medians)
        for number, value in enumerate(row)
    ]


def test_that_a_latency_is_the_median_of_block_medians_with_an_interval_around_it() -> None:
    found = latency(blocks_of("a", np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 100.0]])))

    assert found.value == 3.5
    assert found.low < 3.5 < found.high


def test_that_a_single_block_gives_a_figure_without_a_spread() -> None:
    found = latency(blocks_of("a", np.array([[7.0]])))

    assert (found.low, found.value, found.high) == (7.0, 7.0, 7.0)


@pytest.mark.parametrize(("process_spread", "expected"), [(0.0, 0.93), (1.0, 0.85), (2.0, 0.80)])
def test_that_intervals_hold_the_truth_as_often_as_the_module_says(
    process_spread: float, expected: float
) -> None:
    """95 % are aimed at; the figures allow for the chance of 150 trials."""
    random = np.random.default_rng(3)
    held = 0
    for _ in range(150):
        spread = random.normal(0, process_spread, (5, 1)) + random.normal(0, 1, (5, 4))
        found = latency(blocks_of("a", 100 + spread))
        held += found.low <= 100 <= found.high
    assert held / 150 >= expected


def test_that_a_drift_that_slows_both_leaves_their_ratio_exact() -> None:
    drift = np.linspace(1, 3, 20).reshape(5, 4)
    samples = Samples(blocks=tuple(blocks_of("a", 2 * drift) + blocks_of("b", 4 * drift)))

    found = ratio(samples, "a", "b")

    assert found.ratio.low == pytest.approx(0.5)
    assert found.ratio.high == pytest.approx(0.5)
    assert found.verdict == "faster"
    assert found.words == "2.0× faster (2.0 to 2.0)"


def test_that_swapping_two_contenders_turns_their_ratio_round() -> None:
    random = np.random.default_rng(1)
    first, second = random.uniform(1, 1.3, (5, 4)), random.uniform(1.4, 1.8, (5, 4))
    samples = Samples(blocks=tuple(blocks_of("a", first) + blocks_of("b", second)))

    forth, back = ratio(samples, "a", "b"), ratio(samples, "b", "a")

    assert forth.ratio.value == pytest.approx(1 / back.ratio.value)
    assert forth.ratio.low == pytest.approx(1 / back.ratio.high)
    assert (forth.verdict, back.verdict) == ("faster", "slower")


def test_that_alike_contenders_are_said_to_show_no_difference_and_how_surely() -> None:
    random = np.random.default_rng(2)
    samples = Samples(
        blocks=tuple(
            blocks_of("a", random.normal(100, 1, (5, 4)))
            + blocks_of("b", random.normal(100, 1, (5, 4)))
        )
    )

    found = ratio(samples, "a", "b")

    assert found.verdict == "no difference"
    assert found.words.startswith("no difference found (within ")


def test_that_an_interval_too_wide_to_tell_is_not_sold_as_equality() -> None:
    random = np.random.default_rng(4)
    samples = Samples(
        blocks=tuple(
            blocks_of("a", random.uniform(50, 150, (5, 4)))
            + blocks_of("b", random.uniform(50, 150, (5, 4)))
        )
    )

    assert ratio(samples, "a", "b").words.startswith("cannot tell: between ")


def test_that_only_rounds_in_which_both_ran_are_compared() -> None:
    whole = np.array([[1.0, 50.0], [1.0, 50.0]])
    samples = Samples(
        blocks=tuple(blocks_of("a", whole) + blocks_of("b", np.array([[2.0], [2.0]])))
    )

    assert ratio(samples, "a", "b").ratio.value == pytest.approx(0.5)


def test_that_percentile_and_throughput_come_from_all_samples() -> None:
    blocks = [
        TimedBlock(contender="a", process=0, round=0, samples_ms=(1.0, 1.0, 1.0)),
        TimedBlock(contender="a", process=0, round=1, samples_ms=(5.0,)),
    ]

    assert percentile_ms(blocks, 1.0) == 5.0
    assert throughput(blocks) == pytest.approx(500.0)


def test_that_disturbed_rounds_are_left_out_for_everybody_where_enough_are_left() -> None:
    def block(contender: str, number: int, *, disturbed: bool) -> TimedBlock:
        return TimedBlock(
            contender=contender,
            process=0,
            round=number,
            samples_ms=(float(number),),
            disturbed=disturbed,
        )

    blocks = [
        block("a", 0, disturbed=False),
        block("b", 0, disturbed=False),
        block("a", 1, disturbed=True),
        block("b", 1, disturbed=True),
    ]
    half = Samples(blocks=tuple(blocks))
    assert [one.round for one in half.of("a")] == [0]
    assert half.rounds_left_out == 1
    assert not half.disturbed

    mostly = Samples(blocks=(*blocks, block("a", 2, disturbed=True), block("b", 2, disturbed=True)))
    assert [one.round for one in mostly.of("a")] == [0, 1, 2]
    assert mostly.rounds_left_out == 0
    assert mostly.disturbed


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_that_a_wilson_interval_lies_around_the_share_within_0_and_1(
    hits: int, misses: int
) -> None:
    low, high = wilson(hits, hits + misses)

    assert 0 <= low <= high <= 1
    if hits + misses:
        assert low - 1e-12 <= hits / (hits + misses) <= high + 1e-12


def test_that_a_wilson_interval_is_the_published_one() -> None:
    # Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263, method 3.
    low, high = wilson(81, 263)

    assert math.isclose(low, 0.2553, abs_tol=5e-5)
    assert math.isclose(high, 0.3662, abs_tol=5e-5)
