"""The words on boxes and frames, made when they are first needed."""

from core.layout import Tree
from core.model.graph import Layer, ModelGraph
from gui.wording import brief_shape_words, counted, shape_words

LONGEST = 200
"""Names from hostile files may be of any length; nobody reads more than this of one."""


class Labels:
    """Name, detail and tooltip of every item of a tree."""

    def __init__(self, graph: ModelGraph, tree: Tree) -> None:
        self._graph = graph
        self._tree = tree

    def name(self, item: int) -> str:
        """Short: without what the frames around already say."""
        tree = self._tree
        if tree.is_group(item):
            mark = "≈ " if tree.inferred[item - tree.root] else ""
            return f"{mark}{tree.title(item)}"[:LONGEST] or self._graph.name
        if item < tree.layers:
            return short_name(self._graph.layers[item])
        return self._port(item).name[:LONGEST]

    def detail(self, item: int) -> str:
        tree = self._tree
        if tree.is_group(item):
            count = counted(int(tree.counts[item]), "layer")
            contents = tree.contents[item - tree.root]
            return f"{contents} · {count}"[:LONGEST] if contents else count
        if item < tree.layers:
            layer = self._graph.layers[item]
            return f"{layer.operator} {layer.detail}".strip()[:LONGEST]
        return brief_shape_words(self._port(item).shape)

    def tip(self, item: int) -> str:
        tree = self._tree
        if tree.is_group(item):
            path = " › ".join(tree.path(item))
            found = "\nFound by how the layers are wired" if tree.inferred[item - tree.root] else ""
            return f"{path[:LONGEST]}\n{self.detail(item)}{found}\nDouble-click to open or close"
        if item < tree.layers:
            layer = self._graph.layers[item]
            return (
                f"{layer.name[:LONGEST]}\n{self.detail(item)}\n→ {shape_words(layer.output_shape)}"
            )
        port = self._port(item)
        role = "input" if item < tree.layers + tree.inputs else "output"
        return f"{port.name[:LONGEST]}\n{role} {shape_words(port.shape)} {port.dtype}"

    def _port(self, item: int):
        inputs = self._tree.layers + self._tree.inputs
        if item < inputs:
            return self._graph.inputs[item - self._tree.layers]
        return self._graph.outputs[item - inputs]


def short_name(layer: Layer) -> str:
    """A layer's name without the scope in front of it."""
    name = layer.name[:LONGEST]
    for scope in reversed(layer.scope):
        for joint in ("/", "."):
            if name.startswith(scope + joint):
                return name[len(scope) + 1 :].rsplit("/", 1)[-1] or name
    return name.rsplit("/", 1)[-1] or name
