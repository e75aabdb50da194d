"""Ranges are learned from real inputs, exactly, and in bounded memory."""

import weakref

import numpy as np
import onnx
import pytest

from core.errors import InputError, UserError
from core.techniques import activations
from core.techniques.calibration import (
    Range,
    calibrate,
    entropy_limit,
    mse_limit,
    percentile_limit,
)

NAMES = ("image", "stem_out", "stem_act", "pooled")


def learn(tiny, method="minmax", feeds=None, count=6):
    return calibrate(
        onnx.load(tiny.source),
        dict.fromkeys(NAMES, method),
        feeds or tiny.feeds,
        count=count,
        scratch=tiny.folder,
        progress=lambda done, total, text: None,
    )


def test_that_the_smallest_and_largest_values_are_found(tiny):
    ranges = learn(tiny)
    images = np.concatenate([feed["image"] for feed in tiny.feeds()])
    assert ranges["image"] == Range(float(images.min()), float(images.max()))
    assert ranges["stem_act"].low == 0
    assert ranges["stem_act"].high == ranges["stem_out"].high


def test_that_groups_of_any_size_give_the_same_ranges(tiny, monkeypatch):
    whole = learn(tiny, "percentile")
    monkeypatch.setattr(activations, "GROUP_BYTES", 1)
    assert learn(tiny, "percentile") == whole


def test_that_no_more_than_two_images_are_held_at_a_time(tiny):
    images = []
    held = []

    def feeds():
        for number in range(20):
            image = np.full((1, 3, 16, 16), number, np.float32)
            images.append(weakref.ref(image))
            held.append(sum(reference() is not None for reference in images))
            yield {"image": image}

    learn(tiny, "entropy", feeds, 20)
    assert len(images) == 40
    assert max(held) <= 2


def test_that_percentile_cuts_off_a_lonely_outlier():
    histogram = np.zeros(2048, np.int64)
    histogram[:100] = 1_000_000
    histogram[-1] = 1
    assert percentile_limit(histogram) <= 101 / 2048


def test_that_entropy_cuts_a_long_tail_and_keeps_a_full_range():
    steps = np.arange(2048)
    tailed = (1e7 * np.exp(-steps / 60)).astype(np.int64) + (steps % 97 == 0)
    assert entropy_limit(tailed) < 0.7
    assert entropy_limit(np.full(2048, 1000)) > 0.9


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3])
def test_that_mse_finds_the_range_with_the_least_squared_error(symmetric, share):
    random = np.random.default_rng(3)
    values = np.abs(random.laplace(0, 1, 100_000))
    values[: int(share * len(values))] = 0
    values /= values.max()
    histogram = np.bincount((values * 2047).astype(int), minlength=2048)
    whole = Range(-1.0 if symmetric else 0.0, 1.0)

    def error(limit):
        step = limit / (127 if symmetric else 255)
        return np.mean((np.clip(np.rint(values / step) * step, 0, limit) - values) ** 2)

    limits = np.linspace(0.05, 1, 200)
    best = min(error(limit) for limit in limits)
    found = mse_limit(histogram, whole, symmetric=symmetric)
    assert found < 1
    assert error(found) < 1.05 * best
    assert error(found) < error(1.0)


def test_that_mse_of_nothing_but_zeros_keeps_the_range():
    assert mse_limit(np.zeros(2048, np.int64), Range(0, 0), symmetric=True) == 1


@pytest.mark.parametrize("limit", [percentile_limit, entropy_limit])
def test_that_an_activation_that_is_always_zero_is_no_problem(limit):
    assert limit(np.zeros(2048, np.int64)) == 1


def test_that_no_images_are_refused(tiny):
    with pytest.raises(InputError, match="no calibration images"):
        learn(tiny, feeds=lambda: iter(()), count=0)


def test_that_undefined_numbers_are_refused(tiny):
    def feeds():
        yield {"image": np.full((1, 3, 16, 16), np.nan, np.float32)}

    with pytest.raises(UserError, match="undefined numbers"):
        learn(tiny, feeds=feeds, count=1)


def test_that_images_of_another_size_are_explained(tiny):
    def feeds():
        yield {"image": np.zeros((1, 3, 9, 9), np.float32)}

    with pytest.raises(UserError, match="preprocessing") as caught:
        learn(tiny, feeds=feeds, count=1)
    assert "INVALID_ARGUMENT" not in caught.value.what
