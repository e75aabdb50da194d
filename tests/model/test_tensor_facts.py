"""Statistics of stored tensors against numpy's own, whole and sampled."""

import numpy as np
import pytest

from core.model.quantized_weights import Companions, real_range
from core.model.tensor_facts import MOST_DISTINCT, facts_of, output_axis


def test_that_statistics_are_those_of_numpy() -> None:
    array = np.random.default_rng(0).normal(2, 3, (40, 30, 3, 3)).astype(np.float32)
    array[0, 0] = 0

    facts, pictures = facts_of(array, 0)

    wide = array.astype(np.float64)
    assert facts.minimum == pytest.approx(wide.min())
    assert facts.maximum == pytest.approx(wide.max())
    assert facts.mean == pytest.approx(wide.mean())
    assert facts.deviation == pytest.approx(wide.std())
    assert (facts.zeros, facts.nans, facts.infinities) == (9, 0, 0)
    assert facts.distinct is None
    assert pictures.counts.sum() == array.size
    assert np.allclose(pictures.low, wide.min(axis=(1, 2, 3)))
    assert np.allclose(pictures.high, wide.max(axis=(1, 2, 3)))


def test_that_many_blocks_agree_with_one_look() -> None:
    array = np.random.default_rng(1).normal(0, 1, (3, 900_000)).astype(np.float32)
    told: list[float] = []

    facts, _ = facts_of(array, 0, lambda done, total: told.append(done / total))

    assert facts.mean == pytest.approx(array.astype(np.float64).mean())
    assert facts.deviation == pytest.approx(array.astype(np.float64).std())
    assert told == sorted(told) and told[-1] == 1.0


def test_that_what_is_no_number_is_counted_and_left_out() -> None:
    array = np.array([[1.0, np.nan, 3.0], [np.inf, -np.inf, 0.0]], dtype=np.float16)

    facts, pictures = facts_of(array, 0)

    assert (facts.minimum, facts.maximum, facts.mean) == (0.0, 3.0, pytest.approx(4 / 3))
    assert (facts.zeros, facts.nans, facts.infinities, facts.distinct) == (1, 1, 2, 3)
    assert pictures.low.tolist() == [1.0, 0.0]
    assert pictures.counts.sum() == 3


@pytest.mark.parametrize("shape", [(), (0,), (4, 0), (1,), (0, 3, 3, 3)])
def test_that_scalars_and_empty_tensors_have_facts_too(shape: tuple[int, ...]) -> None:
    facts, pictures = facts_of(np.zeros(shape, np.float32), 0)

    assert facts.elements == int(np.prod(shape))
    assert (facts.minimum is None) == (facts.elements == 0)
    assert pictures.counts.sum() == facts.elements


def test_that_few_different_values_are_counted() -> None:
    facts, _ = facts_of(np.arange(2 * MOST_DISTINCT).reshape(2, -1) % 200, 0)

    assert facts.distinct == 200


def test_that_a_tensor_beyond_the_limit_is_sampled_and_says_so() -> None:
    array = np.tile(np.arange(10, dtype=np.int8), (4, 1000))

    facts, pictures = facts_of(array, 0, most=8000)

    assert facts.elements == 40_000
    assert facts.looked_at == 8000
    assert pictures.counts.sum() == 8000


@pytest.mark.parametrize(
    ("shape", "axis", "tiles"),
    [
        ((8, 3, 5, 5), 0, (8, 3, 5, 5)),
        ((3, 8, 5, 5), 1, (8, 3, 5, 5)),
        ((8, 4, 1, 1), 0, (1, 1, 8, 4)),
        ((6, 4), 1, (1, 1, 4, 6)),
        ((6, 4, 3), 0, (6, 1, 4, 3)),
        ((2, 2, 4, 3, 3), 0, (2, 2, 3, 3)),
        ((7,), 0, (0, 0, 0, 0)),
        ((3000, 2000), 0, (1, 1, 500, 500)),
        ((300, 200, 64, 64), 0, (15, 64, 64, 64)),
    ],
)
def test_that_filters_become_small_pictures(
    shape: tuple[int, ...], axis: int, tiles: tuple[int, ...]
) -> None:
    array = np.broadcast_to(np.float32(1), shape)

    _, pictures = facts_of(array, axis, most=100_000)

    assert pictures.tiles.shape == tiles


def test_that_the_first_values_have_a_row_for_each_place_of_the_first_axis() -> None:
    array = np.arange(24).reshape(2, 3, 4)

    _, pictures = facts_of(array, 0)

    assert pictures.table.tolist() == [list(range(12)), list(range(12, 24))]


@pytest.mark.parametrize(
    ("operator", "attributes", "rank", "axis"),
    [
        ("Conv", {}, 4, 0),
        ("ConvTranspose", {}, 4, 1),
        ("MatMul", {}, 3, 2),
        ("Gemm", {"transB": "1"}, 2, 0),
        ("Gemm", {}, 2, 1),
        ("Add", {}, 1, 0),
    ],
)
def test_that_output_channels_are_found(
    operator: str, attributes: dict[str, str], rank: int, axis: int
) -> None:
    assert output_axis(operator, attributes, rank) == axis


def test_that_integers_per_channel_stand_for_their_real_range() -> None:
    stored = np.array([[-127, 10], [-5, 127]], np.int8)
    scale, zero = np.array([0.5, 2.0], np.float32), np.array([0, 7], np.int8)

    real = real_range(
        Companions("s", "z", 0, 0), scale, zero, stored.min(axis=1), stored.max(axis=1)
    )

    assert (real.minimum, real.maximum) == (-63.5, 240.0)
    assert (real.scales, real.smallest_scale, real.largest_scale) == (2, 0.5, 2.0)


def test_that_a_range_that_cannot_be_told_is_not_guessed() -> None:
    real = real_range(Companions("s", "", 1, 32), np.ones((4, 3)), None, -8, 7)

    assert real.minimum is None and real.maximum is None
    assert (real.scales, real.block) == (12, 32)
