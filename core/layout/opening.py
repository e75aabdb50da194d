"""Which groups are open when a model is first shown."""

from core.layout.tree import Tree

COMFORTABLE = 60
"""So many boxes can be taken in by scrolling a little."""


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
        if shown > COMFORTABLE and len(level) > 1:
            break
        opened.update(level)
        boxes = shown
        level = [inner for group in level for inner in _groups_in(tree, group)]
    return frozenset(opened)


def _groups_in(tree: Tree, group: int) -> list[int]:
    return [item for item in tree.children_of(group).tolist() if tree.is_group(item)]
