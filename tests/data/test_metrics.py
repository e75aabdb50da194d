"""Hits, scores and drops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.data.judge import judge_for, score, share_drop
from core.data.metrics import metrics, metrics_for
from core.data.metrics.base import ClassMetric, class_scores, within_best
from core.data.standard import Standard
from core.data.tally import Hits
from core.data.tensors import Tensors
from core.data.truth import ClassTruth
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
    for metric in (one for one in metrics() if isinstance(one, ClassMetric)):
        assert not metric.hits(broken, labels, SCORES)[0]


@given(arrays(np.float32, (6, 7), elements=st.integers(-3, 3)), st.integers(0, 6))
def test_that_top1_hits_are_those_of_argmax_even_among_equals(outputs, label):
    expected = outputs.argmax(axis=1) == label
    assert within_best(outputs, np.full(6, label), 1).tolist() == expected.tolist()


def standard(classes: int, labels: list[int] | None) -> Standard:
    outputs = np.random.default_rng(0).normal(size=(3, 1, classes)).astype(np.float32)
    truths = () if labels is None else (ClassTruth(np.asarray(labels)),)
    return Standard(Tensors({"scores": outputs}), truths)


@pytest.mark.parametrize(
    ("labels", "classes", "expected"),
    [
        ([0, 1, 2], 1000, ["top1", "top5", "agreement"]),
        ([0, 1, 2], 4, ["top1", "agreement"]),
        (None, 1000, ["agreement"]),
    ],
)
def test_that_the_limiting_metric_comes_first(labels, classes, expected):
    found = [metric.name for metric in metrics_for(standard(classes, labels))]
    assert found[: len(expected)] == expected
    assert set(found[len(expected) :]) == {"cosine", "sqnr"}


def test_that_another_metric_can_be_told_to_limit():
    assert judge_for(standard(4, [0, 1, 2]), "cosine").limiting.name == "cosine"
    with pytest.raises(InputError, match="cannot judge this model"):
        judge_for(standard(4, [0, 1, 2]), "map50")


def test_that_a_label_beyond_the_scores_is_explained():
    with pytest.raises(InputError, match="labels do not fit"):
        judge_for(standard(4, [0, 1, 7])).judge(standard(4, None).reference)


def test_that_a_score_has_the_wilson_interval():
    # Wilson (1927) for 81 of 263, from Newcombe (1998), table I.
    result = score(metrics()["top1"], Hits(np.arange(263) < 81))
    assert result.low == pytest.approx(0.2553, abs=1e-4)
    assert result.high == pytest.approx(0.3662, abs=1e-4)
    assert result.samples == 263


@given(st.integers(0, 40), st.integers(0, 40))
def test_that_the_interval_of_a_score_holds_its_value(right, wrong):
    if right + wrong == 0:
        return
    result = score(metrics()["top1"], Hits(np.arange(right + wrong) < right))
    assert 0 <= result.low <= result.value <= result.high <= 1
    assert result.low < result.high


def test_that_a_drop_counts_only_what_changed():
    before = np.array([True] * 90 + [False] * 10)
    after = before.copy()
    after[:5] = False
    after[95:97] = True
    drop = share_drop(before, after)
    assert drop.value == pytest.approx(3.0)
    assert drop.low < 0
    assert drop.high > 3


def test_that_no_change_in_few_images_is_no_proof_of_none():
    same = np.ones(50, bool)
    drop = share_drop(same, same)
    assert drop.value == 0
    assert drop.low < 0 < drop.high


def test_that_a_clear_loss_excludes_zero():
    before = np.ones(400, bool)
    drop = share_drop(before, np.arange(400) >= 20)
    assert drop.value == pytest.approx(5.0)
    assert drop.low > 0


def test_that_the_interval_of_a_drop_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        change = random.choice([-1, 0, 1], size=200, p=[0.02, 0.93, 0.05])
        before = np.where(change == 0, random.random(200) < 0.8, change > 0)
        after = np.where(change == 0, before, change < 0)
        drop = share_drop(before.astype(bool), after.astype(bool))
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
