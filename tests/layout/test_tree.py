"""The tree of scopes: what lies in what, and where edges run."""

from collections.abc import Callable

from core.formats import read_graph
from core.layout import build_tree
from core.layout.grouping import MAX_DEPTH
from core.model.graph import ModelGraph

MakeGraph = Callable[..., ModelGraph]


def test_that_scopes_become_groups_with_their_layers(make_graph: MakeGraph) -> None:
    tree = build_tree(
        make_graph([("a", "x", ["image"]), ("b", "x", ["a"]), ("c", "", ["b"])], ["c"])
    )

    group = tree.root + 1
    assert tree.path(group) == ("x",)
    assert tree.children_of(group).tolist() == [0, 1]
    assert tree.children_of(tree.root).tolist() == [3, group, 2, 4]  # input, x, c, output
    assert tree.counts[group] == 2


def test_that_a_scope_with_a_single_child_is_left_out(make_graph: MakeGraph) -> None:
    tree = build_tree(make_graph([("a", "x/y", ["image"]), ("b", "", ["a"])]))

    assert tree.items == tree.root + 1
    assert set(tree.children_of(tree.root).tolist()) == {0, 1, 2}


def test_that_edges_are_lifted_to_the_group_in_which_both_ends_meet(make_graph: MakeGraph) -> None:
    tree = build_tree(
        make_graph(
            [("a", "x", ["image"]), ("b", "x", ["a"]), ("c", "y", ["b"]), ("d", "y", ["c", "a"])]
        )
    )

    root = tree.edges_of(tree.root)
    members = tree.children_of(tree.root)
    lifted = {
        (int(members[one]), int(members[two]))
        for one, two in zip(root.sources, root.targets, strict=True)
    }
    x, y = tree.root + 1, tree.root + 2
    assert lifted == {(4, x), (x, y)}
    assert tree.left[[0, 1]].all()
    assert tree.entered[[2, 3]].all()


def test_that_blocks_wired_alike_have_one_shape_and_fold(
    blocks: Callable[[int], ModelGraph],
) -> None:
    tree = build_tree(blocks(5))

    run, *inner = sorted(tree.groups)
    assert tree.title(run) == "block ×5"
    assert tree.fold(run) == 5
    assert tree.children_of(run).tolist() == inner
    assert len(set(tree.shapes[inner].tolist())) == 1


def test_that_a_block_that_is_left_elsewhere_has_another_shape(make_graph: MakeGraph) -> None:
    tree = build_tree(
        make_graph(
            [
                ("a", "x", ["image"]),
                ("b", "x", ["a"]),
                ("c", "y", ["b"]),
                ("d", "y", ["c"]),
                ("e", "", ["c"]),
            ]
        )
    )
    x, y = tree.root + 1, tree.root + 2

    assert tree.left[1]
    assert not tree.left[3]
    assert tree.shapes[x] != tree.shapes[y]


def test_that_closed_groups_stand_for_all_that_lies_in_them(make_graph: MakeGraph) -> None:
    tree = build_tree(
        make_graph(
            [
                ("a", "x/p", ["image"]),
                ("b", "x/p", ["a"]),
                ("c", "x/q", ["b"]),
                ("d", "x/q", ["c"]),
                ("e", "", ["d"]),
            ]
        )
    )
    x, p, q = tree.root + 1, tree.root + 2, tree.root + 3

    assert tree.visible(frozenset())[:5].tolist() == [x, x, x, x, 4]
    assert tree.visible(frozenset({x}))[:5].tolist() == [p, p, q, q, 4]
    assert tree.visible(frozenset({x, q}))[:5].tolist() == [p, p, 2, 3, 4]
    assert tree.visible(frozenset({q}))[:5].tolist() == [x, x, x, x, 4]


def test_that_scopes_without_end_are_cut_and_drawn(make_graph: MakeGraph) -> None:
    deep = "/".join(["s"] * 3000)
    shallow = "/".join(["s"] * 2999)
    tree = build_tree(
        make_graph([("a", deep, ["image"]), ("b", deep, ["a"]), ("c", shallow, ["b"])])
    )

    assert int(tree.depth.max()) <= MAX_DEPTH + 1


def test_that_the_tiny_model_has_its_input_and_output(tiny_model) -> None:
    tree = build_tree(read_graph(tiny_model))

    assert (tree.inputs, tree.outputs) == (1, 1)
    assert tree.counts[tree.root] == tree.layers
