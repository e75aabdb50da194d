"""Sizes in words: three digits, one unit for a range."""

import pytest

from core.sizes import bytes_range, bytes_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (12, "12 bytes"),
        (25_600, "25.6 KB"),
        (4_730_000, "4.73 MB"),
        (395_570_000, "396 MB"),
        (999_400_000, "999 MB"),
        (999_600_000, "1 GB"),
        (2.5e9, "2.5 GB"),
        (2.048e12, "2048 GB"),
    ],
)
def test_that_sizes_are_told_in_three_digits(count: float, words: str) -> None:
    assert bytes_words(count) == words


def test_that_a_range_has_one_unit() -> None:
    assert bytes_range(395_570_000, 1_374_980_000) == "0.396 to 1.37 GB"
    assert bytes_range(12_300_000, 456_700_000) == "12.3 to 457 MB"
