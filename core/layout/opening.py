"""What is shown of a model at first: which layers are hidden and which groups are open."""

from core.layout.compound import Memo, arrange
from core.layout.hiding import folded_by_default
from core.layout.layout_file import Layout
from core.layout.tree import Tree, build_tree
from core.model.graph import ModelGraph

COMFORTABLE = 60
"""So many boxes can be taken in by scrolling a little."""


def first_layout(graph: ModelGraph, memo: Memo | None = None) -> Layout:
    """The tree without the layers that are folded by default, and the drawing of it."""
    tree = build_tree(graph, folded_by_default(graph))
    return Layout(tree, arrange(tree, initial_expansion(tree), memo))


def initial_expansion(tree: Tree) -> frozenset[int]:
    """Open level after level while the boxes stay comfortably few.

    A level that would show too many is opened only where it consists of a single group, such as
    the “model” that some exporters put around everything.
    """
    opened: set[int] = set()
    level = _groups_in(tree, tree.root)
    boxes = len(tree.children_of(tree.root))
    while level:
        shown = boxes + sum(len(tree.children_of(group)) - 1 for group in level)
        if shown > COMFORTABLE and (len(level) > 1 or tree.fold(level[0])):
            break
        opened.update(level)
        boxes = shown
        level = [inner for group in level for inner in _groups_in(tree, group)]
    return frozenset(opened)


def _groups_in(tree: Tree, group: int) -> list[int]:
    return [item for item in tree.children_of(group).tolist() if tree.is_group(item)]
