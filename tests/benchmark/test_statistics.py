import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark.samples import Samples, TimedBlock
from core.benchmark.statistics import (
    balanced_median,
    latency,
    percentile_ms,
    ratio,
    throughput,
    wilson,
)


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


@pytest.mark.parametrize("process_spread", [0.0, 1.0, 2.0])
def test_that_intervals_hold_the_truth_as_often_as_the_module_says(process_spread: float) -> None:
    """95 % are aimed at; the figure allows for the chance of 150 trials."""
    random = np.random.default_rng(3)
    held = 0
    for _ in range(150):
        spread = random.normal(0, process_spread, (5, 1)) + random.normal(0, 1, (5, 4))
        found = latency(blocks_of("a", 100 + spread))
        held += found.low <= 100 <= found.high
    assert held / 150 >= 0.92


@pytest.mark.parametrize("truth", [1.0, 1.05])
def test_that_verdicts_are_right_on_a_computer_with_ordinary_noise(truth: float) -> None:
    """Processes differ by half a percent, blocks by a percent, and one block in 30 is far off."""
    random = np.random.default_rng(5)

    def times(mean: float) -> np.ndarray:
        noise = random.normal(0, 0.005, (5, 1)) + random.normal(0, 0.01, (5, 4))
        far_off = (random.random((5, 4)) < 1 / 30) * random.exponential(0.3, (5, 4))
        return mean * np.exp(noise + far_off)

    verdicts: list[str] = []
    sizes: list[float] = []
    for _ in range(150):
        blocks = blocks_of("a", times(truth)) + blocks_of("b", times(1.0))
        found = ratio(Samples(blocks=tuple(blocks)), "a", "b")
        verdicts.append(found.verdict)
        sizes.append(found.ratio.value)

    wrong = {1.0: ("faster", "slower"), 1.05: ("faster", "no difference", "cannot tell")}[truth]
    assert sum(verdict in wrong for verdict in verdicts) <= 0.05 * len(verdicts)
    assert np.mean(np.abs(np.array(sizes) - truth) < 0.02) >= 0.8


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


def test_that_a_percentile_comes_from_all_samples_if_they_are_enough() -> None:
    blocks = [
        TimedBlock(contender="a", process=0, round=0, samples_ms=(1.0, 1.0, 1.0)),
        TimedBlock(contender="a", process=0, round=1, samples_ms=(5.0,)),
    ]

    assert percentile_ms(blocks, 1.0, 4) == 5.0
    assert percentile_ms(blocks, 1.0, 5) is None


def test_that_throughput_is_the_counted_rate_times_the_batch() -> None:
    blocks = [
        TimedBlock(contender="a", process=0, round=number, samples_ms=(9.0,), rate=rate)
        for number, rate in enumerate((90.0, 100.0, 130.0))
    ]

    found = throughput(blocks, 4)

    assert found is not None
    assert found.value == 400.0
    older = [block.model_copy(update={"rate": None}) for block in blocks]
    assert throughput(older, 4) is None


@pytest.mark.parametrize(
    ("factor", "spread", "words"),
    [
        (1 / 1.07, 0.015, "faster by 7 % (5 to 9)"),
        (1.07, 0.015, "slower by 7 % (5 to 9)"),
        (1.015, 0.004, "slower by 1.5 % (1.1 to 1.9)"),
        (1 / 2.9, 0.03, "2.9× faster (2.8 to 3.0)"),
        (1.0, 0.015, "no difference found (within 2 %)"),
        (1.005, 0.001, "no difference found (within 1 %)"),
        (1.0, 0.3, "cannot tell: between 0.74 and 1.35 times as long"),
    ],
)
def test_that_a_ratio_is_said_in_the_words_that_people_use(
    factor: float, spread: float, words: str
) -> None:
    """One process whose blocks lie evenly around the ratio: the interval is about `spread`."""
    logs = np.log(factor) + spread * np.repeat([-1.0, 0.0, 1.0], [300, 1, 300])
    samples = Samples(
        blocks=tuple(
            blocks_of("a", np.exp(logs)[None, :]) + blocks_of("b", np.ones((1, len(logs))))
        )
    )

    assert ratio(samples, "a", "b").words == words


def test_that_disturbed_figures_give_no_verdict_however_large_the_ratio() -> None:
    blocks = [*blocks_of("a", np.full((1, 4), 9.0)), *blocks_of("b", np.ones((1, 4)))]
    disturbed = [
        block.model_copy(update={"disturbed": True, "disturbances": ("clock",)}) for block in blocks
    ]

    found = ratio(Samples(blocks=tuple(disturbed)), "a", "b")

    assert found.verdict == "cannot tell"
    assert found.words == "cannot tell: the processor’s clock changed"
    assert found.ratio.value == pytest.approx(9.0)


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


@given(st.lists(st.lists(st.floats(0.1, 10), min_size=3, max_size=3), min_size=1, max_size=6))
def test_that_groups_of_one_size_have_the_ordinary_median(rows: list[list[float]]) -> None:
    values = [value for row in rows for value in row]
    groups = [index for index, row in enumerate(rows) for _ in row]

    assert balanced_median(values, groups) == pytest.approx(float(np.median(values)))


def test_that_a_start_that_went_on_for_long_weighs_no_more_than_another() -> None:
    short = [blocks_of("a", np.array([[1.0] * 4]))[0:4] for _ in range(4)]
    blocks = [
        block.model_copy(update={"process": process})
        for process, row in enumerate(short)
        for block in row
    ]
    blocks += [
        TimedBlock(contender="a", process=4, round=number, samples_ms=(1.4,))
        for number in range(60)
    ]

    assert latency(blocks).value == 1.0
    assert percentile_ms(blocks, 0.5, 1) == 1.0
    assert percentile_ms(blocks, 0.9, 1) == 1.4
