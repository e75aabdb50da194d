"""Figures in words."""

import pytest

from core.benchmark.results import Estimate
from gui.wording import latency_with_interval


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (4.01, 3.98, 4.1, "4.01 ms (3.98 to 4.10)"),
        (0.098, 0.095, 0.11, "98 µs (95 µs to 0.11 ms)"),
        (0.098, 0.095, 0.099, "98 µs (95 to 99)"),
        (120.0, 99.0, 141.2, "120 ms (99.0 to 141)"),
    ],
)
def test_that_an_interval_gives_its_unit_once_where_all_share_it(
    value: float, low: float, high: float, words: str
) -> None:
    assert latency_with_interval(Estimate(value=value, low=low, high=high)) == words
