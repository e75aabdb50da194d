"""How a dataset is divided into images that calibrate and images that judge."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.datasets.base import OpenDataset, Sample
from core.data.splitting import split, spread


class Listed(OpenDataset):
    """Samples without files."""

    def __init__(self, labels: Sequence[int | None]) -> None:
        self.name = "listed"
        self.samples = [Sample(f"{i}.png", label) for i, label in enumerate(labels)]
        self.classes = ("a",)
        self.warnings = ()

    def read(self, sample: Sample) -> bytes:
        raise AssertionError("nothing is read when a dataset is divided")


labels = st.lists(st.integers(0, 5) | st.none(), max_size=200)


@given(labels, st.integers(0, 100))
def test_that_every_sample_is_used_and_the_parts_are_disjoint_when_they_say_so(given, calibration):
    parts = split(Listed(given), calibration)
    both = [*parts.calibration, *parts.evaluation]
    assert set(both) == set(Listed(given).samples)
    if parts.disjoint:
        assert len(both) == len(set(both))
        assert len(parts.calibration) <= calibration


@given(labels)
def test_that_any_beginning_of_the_spread_has_the_classes_in_balance(given):
    order = spread(Listed(given).samples)
    whole = Counter(sample.label for sample in order)
    for length in (7, 20):
        part = Counter(sample.label for sample in order[:length])
        least = min((part[label] for label in whole if part[label] < whole[label]), default=length)
        assert max(part.values(), default=0) <= least + 1


def test_that_the_split_is_the_same_whatever_the_order_of_listing():
    dataset = Listed([i % 3 for i in range(60)])
    again = Listed([i % 3 for i in range(60)])
    again.samples = list(reversed(again.samples))
    assert split(dataset, 10) == split(again, 10)


def test_that_the_sentence_tells_how_many_images_do_what():
    assert split(Listed(range(500)), 100).sentence == (
        "400 of 500 images; 100 others calibrated the ranges"
    )


def test_that_calibration_takes_a_quarter_at_most():
    assert len(split(Listed([0] * 40), 100).calibration) == 10


@pytest.mark.parametrize("count", [1, 5, 11])
def test_that_few_images_serve_for_both_and_it_is_said(count: int):
    parts = split(Listed([0] * count), 100)
    assert not parts.disjoint
    assert len(parts.calibration) == len(parts.evaluation) == count
    assert "also calibrated" in parts.sentence


def test_that_without_calibration_all_images_evaluate():
    parts = split(Listed([0] * 5), 0)
    assert parts.calibration == ()
    assert len(parts.evaluation) == 5
    assert parts.disjoint
