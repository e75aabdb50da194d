"""Small integers that shapes are computed from, followed as far as they are known."""

import pytest

from core.model.shape_values import Shape, Value, reshaped, value_of


def test_that_shape_gives_the_sizes_with_free_ones_by_name() -> None:
    assert value_of("Shape", {}, [("N", 3, None)], [None]) == ("N", 3, None)
    assert value_of("Shape", {"start": [1]}, [("N", 3, 8)], [None]) == (3, 8)
    assert value_of("Shape", {}, [None], [None]) is None


def test_that_gather_picks_sizes_and_knows_nothing_of_places_outside() -> None:
    shapes: list[Shape] = [(3,), (2,)]
    assert value_of("Gather", {}, shapes, [("N", 3, 8), (0, -1)]) == ("N", 8)
    assert value_of("Gather", {}, shapes, [("N", 3, 8), (7,)]) == (None,)


def test_that_size_is_known_only_where_all_sizes_are() -> None:
    assert value_of("Size", {}, [(2, 3, 4)], [None]) == (24,)
    assert value_of("Size", {}, [("N", 3)], [None]) is None


def test_that_an_operator_that_is_not_followed_has_no_value() -> None:
    assert value_of("Softmax", {}, [(2,)], [(1, 2)]) is None


@pytest.mark.parametrize(
    ("shape", "wanted", "expected"),
    [
        ((2, 12), (0, 3, 4), (2, 3, 4)),
        ((2, 12), (-1, 4), (6, 4)),
        (("N", 12), (0, -1), ("N", None)),
        ((5, 3), (-1, 4), (None, 4)),
        (None, (1, -1), (1, None)),
    ],
    ids=["a copied size", "what is left", "a free size", "no whole part", "an unknown rank"],
)
def test_that_a_reshape_completes_what_follows(
    shape: Shape, wanted: Value, expected: Shape
) -> None:
    assert reshaped(shape, wanted, {}) == expected


def test_that_zero_means_zero_where_the_node_says_so() -> None:
    assert reshaped((2, 12), (0, 5), {"allowzero": [1]}) == (0, 5)
