import numpy as np

from core.runtimes.base import Port
from core.runtimes.feeds import feeds_from_rows, made_up_feeds, sentences_about_feeds

PORTS = (
    Port("image", "float32", (None, 3, 4, 4)),
    Port("half", "float16", (2,)),
    Port("tokens", "int64", (1, None)),
    Port("mask", "bool", (1,)),
)


def test_that_made_up_inputs_have_the_types_and_sizes_that_are_asked_for() -> None:
    feeds = made_up_feeds(PORTS)

    assert {name: (array.dtype.name, array.shape) for name, array in feeds.items()} == {
        "image": ("float32", (1, 3, 4, 4)),
        "half": ("float16", (2,)),
        "tokens": ("int64", (1, 1)),
        "mask": ("bool", (1,)),
    }


def test_that_made_up_inputs_are_the_same_every_time_and_not_all_zero() -> None:
    first, second = made_up_feeds(PORTS), made_up_feeds(PORTS)

    np.testing.assert_array_equal(first["image"], second["image"])
    assert first["image"].std() > 0.5


def test_that_a_size_taken_for_granted_is_said_but_a_batch_of_one_is_not() -> None:
    assert sentences_about_feeds(PORTS) == ("Free sizes of tokens were taken as 1.",)
    assert sentences_about_feeds(PORTS[:2]) == ()


def test_that_rows_become_batches_of_one_in_the_type_of_the_port() -> None:
    rows = np.arange(6, dtype=np.float64).reshape(2, 3)

    _, second = feeds_from_rows(Port("x", "float32", (1, 3)), rows)

    assert second["x"].dtype == np.float32
    np.testing.assert_array_equal(second["x"], [[3, 4, 5]])
