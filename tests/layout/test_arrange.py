"""Whole drawings: what is visible stands apart, inside its frame, and is joined by lines."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.formats import read_graph
from core.layout import (
    Drawing,
    Memo,
    Tree,
    arrange,
    build_tree,
    initial_expansion,
    read_layout,
    write_initial_layout,
)
from core.layout.group_layout import HEADER
from core.model.graph import ModelGraph

MakeGraph = Callable[..., ModelGraph]


@st.composite
def models(draw: st.DrawFn) -> tuple[list[tuple[str, str, list[str]]], list[str]]:
    """Layers in any scopes, fed by any earlier ones: scopes may be left and entered again."""
    count = draw(st.integers(1, 14))
    names = [f"n{index}" for index in range(count)]
    specs: list[tuple[str, str, list[str]]] = []
    for index, name in enumerate(names):
        scope = draw(st.sampled_from(["", "a", "b", "a/c", "a/d", "b/e/f"]))
        known = ["image", *names[:index]]
        specs.append((name, scope, draw(st.lists(st.sampled_from(known), max_size=3))))
    return specs, draw(st.lists(st.sampled_from(names), max_size=2, unique=True))


def expansions(tree: Tree) -> list[frozenset[int]]:
    return [frozenset(), initial_expansion(tree), tree.groups]


def overlaps(drawing: Drawing) -> list[tuple[int, int]]:
    boxes = np.flatnonzero(~drawing.open)
    found: list[tuple[int, int]] = []
    for place, one in enumerate(boxes.tolist()):
        for two in boxes[place + 1 :].tolist():
            across = min(
                drawing.x[one] + drawing.width[one], drawing.x[two] + drawing.width[two]
            ) - max(drawing.x[one], drawing.x[two])
            down = min(
                drawing.y[one] + drawing.height[one], drawing.y[two] + drawing.height[two]
            ) - max(drawing.y[one], drawing.y[two])
            if across > 0.01 and down > 0.01:
                found.append((one, two))
    return found


@settings(max_examples=40, deadline=None)
@given(models())
def test_that_boxes_never_overlap_and_lie_in_their_frames(make_graph: MakeGraph, model) -> None:
    tree = build_tree(make_graph(*model))
    for expanded in expansions(tree):
        drawing = arrange(tree, expanded)

        assert overlaps(drawing) == []
        row = {int(item): index for index, item in enumerate(drawing.items)}
        for item, index in row.items():
            frame = row.get(int(tree.parent[item]))
            if frame is None:
                continue
            assert drawing.x[index] >= drawing.x[frame]
            assert drawing.y[index] >= drawing.y[frame] + HEADER
            right = drawing.x[index] + drawing.width[index]
            assert right <= drawing.x[frame] + drawing.width[frame]
            bottom = drawing.y[index] + drawing.height[index]
            assert bottom <= drawing.y[frame] + drawing.height[frame]


@settings(max_examples=40, deadline=None)
@given(models())
def test_that_everything_visible_is_drawn_once_and_joined_as_in_the_model(
    make_graph: MakeGraph, model
) -> None:
    tree = build_tree(make_graph(*model))
    for expanded in expansions(tree):
        drawing = arrange(tree, expanded)

        shown = tree.visible(expanded)
        closed = drawing.items[~drawing.open].tolist()
        assert sorted(closed) == sorted(set(shown[: tree.root].tolist()))
        joined = {
            (int(shown[one]), int(shown[two]))
            for one, two in zip(tree.sources, tree.targets, strict=True)
            if shown[one] != shown[two]
        }
        assert joined <= reachable(tree, drawing)


def reachable(tree: Tree, drawing: Drawing) -> set[tuple[int, int]]:
    """Pairs of boxes that lines join, directly or through the borders of frames."""
    open_groups = drawing.expanded
    following: dict[tuple[int, bool], set[tuple[int, bool]]] = {}
    for source, target in zip(drawing.line_sources, drawing.line_targets, strict=True):
        one, two = int(source), int(target)
        # A line that starts at the frame it runs in comes in; one that ends there goes out.
        inwards = one in open_groups and one == tree.parent[two]
        outwards = two in open_groups and two == tree.parent[one]
        start = (one, not inwards) if one in open_groups else (one, True)
        end = (two, outwards) if two in open_groups else (two, True)
        following.setdefault(start, set()).add(end)
    pairs: set[tuple[int, int]] = set()
    for box in drawing.items[~drawing.open].tolist():
        waiting, seen = [(box, True)], set()
        while waiting:
            for end in following.get(waiting.pop(), ()):
                if end in seen:
                    continue
                seen.add(end)
                if end[0] in open_groups:
                    waiting.append(end)
                else:
                    pairs.add((box, end[0]))
    return pairs


def test_that_the_line_through_nested_blocks_is_straight(
    blocks: Callable[[int], ModelGraph],
) -> None:
    tree = build_tree(blocks(4))
    drawing = arrange(tree, tree.groups)

    assert np.ptp(drawing.axis) < 0.001
    assert drawing.axis[0] == pytest.approx(float(drawing.spine))


def test_that_blocks_wired_alike_are_laid_out_once(blocks: Callable[[int], ModelGraph]) -> None:
    tree, memo = build_tree(blocks(50)), Memo()

    arrange(tree, tree.groups, memo)

    assert len(memo.layouts) == 3  # one block, the run of blocks, the model around it


def test_that_a_scope_that_is_left_and_entered_again_is_drawn(make_graph: MakeGraph) -> None:
    tree = build_tree(
        make_graph(
            [("a", "x", ["image"]), ("b", "y", ["a"]), ("c", "x", ["b"]), ("d", "y", ["c"])], ["d"]
        )
    )

    for expanded in expansions(tree):
        assert overlaps(arrange(tree, expanded)) == []


def test_that_a_small_model_opens_whole_and_a_large_one_closed(
    blocks: Callable[[int], ModelGraph],
) -> None:
    small, large = build_tree(blocks(8)), build_tree(blocks(300))

    assert len(initial_expansion(small)) == 9  # the run of blocks and every block
    assert initial_expansion(large) == frozenset()


def test_that_a_single_group_around_everything_is_opened(make_graph: MakeGraph) -> None:
    specs = [("n0", "model/first", ["image"])]
    specs += [
        (f"n{index}", f"model/{'first' if index < 90 else 'second'}", [f"n{index - 1}"])
        for index in range(1, 180)
    ]
    tree = build_tree(make_graph(specs))

    assert [tree.path(group) for group in initial_expansion(tree)] == [("model",)]


def test_that_the_saved_layout_is_the_one_that_was_made(sample_model: Path, tmp_path: Path) -> None:
    graph = read_graph(sample_model)
    write_initial_layout(graph, tmp_path)

    saved = read_layout(tmp_path)

    tree = build_tree(graph)
    made = arrange(tree, initial_expansion(tree))
    assert saved.drawing.items.tolist() == made.items.tolist()
    assert np.array_equal(saved.drawing.points, made.points)
    assert saved.drawing.expanded == made.expanded
    assert saved.tree.paths == tree.paths
    assert saved.tree.children_of(tree.root).tolist() == tree.children_of(tree.root).tolist()


@pytest.mark.parametrize("content", [b"", b"no layout", b"PK\x03\x04 broken"])
def test_that_a_broken_layout_file_is_said_to_be_one(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "layout.npz").write_bytes(content)

    with pytest.raises(InputError, match="cannot be read"):
        read_layout(tmp_path)
