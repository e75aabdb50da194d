"""Groups that names do not give: runs, repeated patterns, parts; grids and columns for them."""

from collections.abc import Callable

import numpy as np

from core.layout import arrange, build_tree
from core.layout.blocks import MANY
from core.layout.quality import crossings
from core.layout.tree import Tree
from core.model.graph import ModelGraph

MakeGraph = Callable[..., ModelGraph]


def flat_chain(count: int) -> list[tuple[str, str, list[str]]]:
    specs = [("n0", "", ["image"])]
    specs += [(f"n{index}", "", [f"n{index - 1}"]) for index in range(1, count)]
    return specs


def residual_blocks(count: int) -> list[tuple[str, str, list[str]]]:
    """Blocks of four layers without scopes; each block's first value skips to its last layer."""
    specs: list[tuple[str, str, list[str]]] = []
    last = "image"
    for block in range(count):
        one, two, three, four = (f"{part}{block}" for part in ("in", "a", "b", "add"))
        specs += [(one, "", [last]), (two, "", [one]), (three, "", [two]), (four, "", [three, one])]
        last = four
    return specs


def experts(count: int) -> list[tuple[str, str, list[str]]]:
    specs: list[tuple[str, str, list[str]]] = [("gate", "moe", ["image"])]
    for index in range(count):
        scope = f"moe/experts.{index}"
        specs += [(f"up{index}", scope, ["gate"]), (f"down{index}", scope, [f"up{index}"])]
    return [*specs, ("sum", "moe", [f"down{index}" for index in range(count)])]


def run_of(tree: Tree) -> int:
    return next(group for group in sorted(tree.groups) if tree.fold(group))


def test_that_a_long_flat_model_gets_parts(make_graph: MakeGraph) -> None:
    tree = build_tree(make_graph(flat_chain(400)))

    assert len(tree.children_of(tree.root)) <= MANY + 1
    assert tree.inferred[1:].all()
    assert tree.counts[tree.root] == 400


def test_that_a_short_flat_model_stays_flat(make_graph: MakeGraph) -> None:
    assert build_tree(make_graph(flat_chain(30))).groups == frozenset()


def test_that_parts_are_found_alike_every_time(make_graph: MakeGraph) -> None:
    graph = make_graph(residual_blocks(60))

    one, two = build_tree(graph), build_tree(graph)

    assert one.titles == two.titles
    assert one.parent.tolist() == two.parent.tolist()


def test_that_a_part_is_cut_where_few_values_pass(make_graph: MakeGraph) -> None:
    tree = build_tree(make_graph(residual_blocks(60)))

    edges = tree.edges_of(tree.root)
    assert len(edges.sources) == len(tree.children_of(tree.root)) - 1


def test_that_siblings_that_differ_do_not_fold(make_graph: MakeGraph) -> None:
    specs: list[tuple[str, str, list[str]]] = []
    last = "image"
    for block in range(6):
        for part in range(2 + block):
            name = f"b{block}.{part}"
            specs.append((name, f"block.{block}", [last]))
            last = name

    tree = build_tree(make_graph(specs))

    assert not tree.folds.any()


def test_that_experts_fold_and_stand_in_a_grid(make_graph: MakeGraph) -> None:
    tree = build_tree(make_graph(experts(40)))
    run = run_of(tree)

    drawing = arrange(tree, tree.groups - set(tree.children_of(run).tolist()))

    assert tree.title(run) == "experts ×40"
    assert tree.contents[run - tree.root] == "0 … 39"
    shown = np.isin(drawing.items, tree.children_of(run))
    assert shown.sum() == 40
    columns, rows = len(set(drawing.x[shown])), len(set(drawing.y[shown]))
    assert columns * rows >= 40
    assert 3 <= rows <= 20
    assert crossings(drawing) == 0


def test_that_a_long_chain_stands_in_columns_and_goes_on_from_each_to_the_next(
    blocks: Callable[[int], ModelGraph],
) -> None:
    tree = build_tree(blocks(120))
    run = run_of(tree)

    drawing = arrange(tree, frozenset([run]))

    boxes = np.isin(drawing.items, tree.children_of(run))
    assert 2 <= len(set(drawing.x[boxes])) <= 20
    width, height = drawing.size.tolist()
    assert 0.4 < width / height < 2.5
    assert crossings(drawing) == 0


def test_that_crossings_count_what_is_seen(make_graph: MakeGraph) -> None:
    planar = make_graph([("a", "", ["image"]), ("b", "", ["image"]), ("c", "", ["a", "b"])])
    tangled = make_graph(
        [(name, "", ["image"]) for name in "abc"]
        + [(f"{name}{index}", "", list("abc")) for index, name in enumerate("xyz")]
    )

    planar_tree, tangled_tree = build_tree(planar), build_tree(tangled)

    assert crossings(arrange(planar_tree, frozenset())) == 0
    assert crossings(arrange(tangled_tree, frozenset())) >= 9
