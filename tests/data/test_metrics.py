"""Hits, scores and drops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.data.metrics import class_scores, drop_points, metrics, metrics_for, score
from core.data.metrics.base import within_best
from core.errors import InputError

SCORES = np.array([[3, 1, 2, 0, -1, -2], [0, 1, 2, 3, 4, 5], [1, 1, 1, 1, 1, 1]], np.float32)


def hits(name: str, labels: list[int] | None, reference: np.ndarray = SCORES) -> list[bool]:
    given = None if labels is None else np.array(labels)
    return metrics()[name].hits(SCORES, given, reference).tolist()


def test_that_top1_counts_the_highest_score():
    assert hits("top1", [0, 4, 0]) == [True, False, True]


def test_that_top5_counts_all_but_the_lowest_of_six():
    assert hits("top5", [5, 0, 4]) == [False, False, True]


def test_that_agreement_compares_with_the_original_and_needs_no_labels():
    assert hits("agreement", None) == [True, True, True]
    assert hits("agreement", None, np.roll(SCORES, 1, axis=0)) == [True, False, False]


def test_that_a_nan_is_never_right():
    broken = SCORES.copy()
    broken[0, 3] = np.nan
    labels = np.array([0, 5, 0])
    for metric in metrics():
        assert not metric.hits(broken, labels, SCORES)[0]


@given(arrays(np.float32, (6, 7), elements=st.integers(-3, 3)), st.integers(0, 6))
def test_that_top1_hits_are_those_of_argmax_even_among_equals(outputs, label):
    expected = outputs.argmax(axis=1) == label
    assert within_best(outputs, np.full(6, label), 1).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("labelled", "classes", "expected"),
    [
        (True, 1000, ["top1", "top5", "agreement"]),
        (True, 4, ["top1", "agreement"]),
        (False, 1000, ["agreement"]),
    ],
)
def test_that_the_limiting_metric_comes_first(labelled, classes, expected):
    assert [metric.name for metric in metrics_for(labelled=labelled, classes=classes)] == expected


def test_that_a_score_has_the_wilson_interval():
    # Wilson (1927) for 81 of 263, from Newcombe (1998), table I.
    result = score(metrics()["top1"], np.arange(263) < 81)
    assert result.low == pytest.approx(0.2553, abs=1e-4)
    assert result.high == pytest.approx(0.3662, abs=1e-4)
    assert result.samples == 263


@given(st.integers(0, 40), st.integers(0, 40))
def test_that_the_interval_of_a_score_holds_its_value(right, wrong):
    if right + wrong == 0:
        return
    result = score(metrics()["top1"], np.arange(right + wrong) < right)
    assert 0 <= result.low <= result.value <= result.high <= 1
    assert result.low < result.high


def test_that_a_drop_counts_only_what_changed():
    before = np.array([True] * 90 + [False] * 10)
    after = before.copy()
    after[:5] = False
    after[95:97] = True
    drop = drop_points(before, after)
    assert drop.value == pytest.approx(3.0)
    assert drop.low < 0
    assert drop.high > 3


def test_that_no_change_in_few_images_is_no_proof_of_none():
    same = np.ones(50, bool)
    drop = drop_points(same, same)
    assert drop.value == 0
    assert drop.low < 0 < drop.high


def test_that_a_clear_loss_excludes_zero():
    before = np.ones(400, bool)
    drop = drop_points(before, np.arange(400) >= 20)
    assert drop.value == pytest.approx(5.0)
    assert drop.low > 0


def test_that_the_interval_of_a_drop_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        change = random.choice([-1, 0, 1], size=200, p=[0.02, 0.93, 0.05])
        before = np.where(change == 0, random.random(200) < 0.8, change > 0)
        after = np.where(change == 0, before, change < 0)
        drop = drop_points(before.astype(bool), after.astype(bool))
        covered += drop.low <= 3.0 <= drop.high
    assert 925 <= covered <= 975


@pytest.mark.parametrize("shape", [(5, 10), (5, 10, 1, 1)])
def test_that_class_scores_flatten_trailing_axes(shape):
    assert class_scores(np.zeros(shape, np.float16)).shape == (5, 10)
    assert class_scores(np.zeros(shape, np.float16)).dtype == np.float32


@pytest.mark.parametrize("shape", [(5,), (5, 1), (1, 84, 8400), (1, 21, 65, 65)])
def test_that_outputs_of_other_models_are_refused_with_a_remedy(shape):
    with pytest.raises(InputError, match="does not look like an image classifier"):
        class_scores(np.zeros(shape, np.float32))
