"""One group: ranks, order and places."""

from dataclasses import replace

import pytest

from core.layout.layered import draw
from core.layout.layers import layered
from core.layout.ordering import ordered, spine_of
from core.layout.placing import Box

BOX = Box(80.0, 80.0, 40.0)


def test_that_a_chain_is_straight() -> None:
    placement = draw([BOX] * 5, [(0, 1), (1, 2), (2, 3), (3, 4)], [1.0] * 5)

    assert placement.x == [0.0] * 5
    assert placement.y == sorted(placement.y)
    assert len(set(placement.y)) == 5


def test_that_a_chain_stands_as_boxes_in_general_do() -> None:
    boxes = [BOX, Box(0.0, 0.0, 0.0), Box(120.0, 60.0, 400.0), BOX]
    edges = [(3, 2), (2, 0), (0, 1)]

    chain = draw(boxes, edges, [1.0] * 4, entry=3, exit=1)
    general = draw(boxes, [*edges, edges[0]], [1.0] * 4, entry=3, exit=1)

    assert replace(general, lines=general.lines[:3]) == chain


def test_that_a_skip_connection_runs_beside_a_straight_chain() -> None:
    placement = draw([BOX] * 4, [(0, 1), (1, 2), (2, 3), (0, 3)], [1.0] * 4)

    assert placement.x == [0.0] * 4
    skip = placement.lines[3]
    assert skip[0] == (0.0, placement.y[0] + 40)
    assert skip[-1] == (0.0, placement.y[3])
    assert all(x > BOX.right for x, _ in skip[1:-1])


def test_that_branches_stand_on_both_sides_of_the_spine() -> None:
    branches = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)]
    placement = draw([BOX] * 5, branches, [1.0] * 5)

    assert placement.x[0] == placement.x[4] == 0.0
    assert sorted(placement.x[1:4]) == [-182.0, 0.0, 182.0]


def test_that_the_heaviest_branch_is_the_spine() -> None:
    placement = draw([BOX] * 4, [(0, 1), (0, 2), (1, 3), (2, 3)], [1.0, 1.0, 9.0, 1.0])

    assert placement.x[2] == 0.0
    assert placement.x[1] != 0.0


def test_that_long_edges_of_one_box_share_a_trunk() -> None:
    chain = [(i, i + 1) for i in range(9)]
    fan = [(0, i) for i in range(2, 10)]

    graph = layered(10, [*chain, *fan], entry=None, exit=None)

    assert len(graph) - graph.boxes == 8  # one bend per rank, not one per edge and rank


def test_that_entry_and_exit_stand_alone_at_the_ends() -> None:
    graph = layered(5, [(3, 0), (0, 1), (1, 4), (2, 1)], entry=3, exit=4)

    assert graph.rank[3] == 0
    assert all(graph.rank[box] > 0 for box in (0, 1, 2, 4))
    assert graph.rank[4] == max(graph.rank)
    assert graph.rank.count(graph.rank[4]) == 1


def test_that_a_source_moves_down_to_what_it_feeds() -> None:
    graph = layered(5, [(0, 1), (1, 2), (2, 3), (4, 3)], entry=None, exit=None)

    assert graph.rank[4] == graph.rank[3] - 1


def test_that_crossings_that_can_be_avoided_are_avoided() -> None:
    graph = layered(6, [(0, 4), (1, 3), (2, 5), (0, 3)], entry=None, exit=None)
    ranks = ordered(graph, spine_of(graph, [1.0] * 6))
    place = {node: index for row in ranks for index, node in enumerate(row)}
    links = [(place[one], place[two]) for one in range(3) for two in graph.below[one]]

    crossing = [
        (first, second)
        for first in links
        for second in links
        if first[0] < second[0] and first[1] > second[1]
    ]
    assert crossing == []


def test_that_a_wide_curve_gets_more_height() -> None:
    narrow = draw([BOX] * 3, [(0, 1), (1, 2)], [1.0] * 3)
    wide = draw([BOX] * 8, [(0, k) for k in range(1, 7)] + [(k, 7) for k in range(1, 7)], [1.0] * 8)

    assert wide.y[1] - wide.y[0] > narrow.y[1] - narrow.y[0]


@pytest.mark.parametrize("boxes", [0, 1])
def test_that_nothing_and_a_single_box_can_be_drawn(boxes: int) -> None:
    placement = draw([BOX] * boxes, [], [1.0] * boxes)

    assert placement.x == [0.0] * boxes
    assert placement.height == 40.0 * boxes
