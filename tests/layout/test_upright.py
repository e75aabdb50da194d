"""Which edges of a group run downwards."""

from core.layout.upright import upright


def test_that_edges_in_order_stay_as_they_are() -> None:
    edges = [(0, 1), (1, 2), (0, 2)]

    assert upright(3, edges) == (edges, set())


def test_that_a_group_that_begins_early_stands_below_all_that_it_reads() -> None:
    """As a detection head does, whose first layer comes before the last parts of the neck."""
    neck, head, later, last = 0, 1, 2, 3
    edges = [(neck, head), (neck, later), (later, last), (last, head)]

    assert upright(4, edges) == (edges, set())


def test_that_of_a_cycle_only_the_edge_back_to_its_first_box_is_turned() -> None:
    edges = [(0, 1), (1, 2), (2, 3), (3, 1), (3, 4)]

    assert upright(5, edges) == ([(0, 1), (1, 2), (2, 3), (1, 3), (3, 4)], {3})


def test_that_what_only_follows_a_cycle_is_not_taken_for_a_part_of_it() -> None:
    after, one, two = 0, 1, 2

    pairs, turned = upright(3, [(one, two), (two, one), (two, after)])

    assert turned == {1}
    assert (two, after) in pairs
