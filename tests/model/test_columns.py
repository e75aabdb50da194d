"""Columns of numbers and texts, at their edges."""

import numpy as np
import pytest

from core.model.column_stores import TextStore
from core.model.columns import Texts, distinct


def texts(*words: str) -> Texts:
    store = TextStore()
    store.numbers(words)
    return store.texts()


def test_that_distinct_numbers_are_sorted_and_stand_once() -> None:
    assert distinct(np.array([7, -1, 7, 0, -1])).tolist() == [-1, 0, 7]
    assert distinct(np.array([], np.int64)).tolist() == []


def test_that_joined_texts_keep_the_order_asked_for() -> None:
    words = texts("one", "two", "three")
    assert words.joined(np.array([2, 3, 1, 1])) == b"two three one one "
    assert words.joined(np.array([], np.int64)) == b""


@pytest.mark.parametrize("word", ["plain", "größe"], ids=["ASCII", "other letters"])
def test_that_texts_come_back_as_they_were(word: str) -> None:
    words = texts("a", word, "two words")
    assert words.all_of(np.array([3, 2, 0, 2])) == ["two words", word, "", word]
    assert words.all_of(np.array([1, 2, 3])) == ["a", word, "two words"]


def test_that_equal_texts_share_a_number_and_the_empty_one_is_0() -> None:
    store = TextStore()
    assert store.numbers_of([b"x", b"", b"y", b"x"]).tolist() == [1, 0, 2, 1]
    assert store.number("y") == 2
    assert store.known("z") is None
    assert len(store) == 3


def test_that_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        TextStore().numbers_of([b"fine", b"\xff"])
