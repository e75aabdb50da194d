"""Lays out models for the canvas: small ones at once, large ones beside the window's thread."""

from collections.abc import Callable, Collection, Set
from dataclasses import dataclass, replace
from time import monotonic
from typing import Self

import numpy as np
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, SignalInstance
from typing_extensions import override

from core.layout import Layout, Memo, Progress, Tree, arrange, build_tree, first_layout
from core.model.graph import ModelGraph
from gui.graph.scene import Scene

QUICK_LAYERS = 1500
"""Models with fewer layers are laid out within a few milliseconds."""
QUICK_BOXES = 500
PATIENCE = 0.25
"""Seconds before progress is told for the first time, and between two reports."""


@dataclass(frozen=True)
class Arrangement:
    """A model and the drawing of it with some of its groups open."""

    graph: ModelGraph
    tree: Tree
    memo: Memo
    scene: Scene

    @classmethod
    def first(cls, graph: ModelGraph, layout: Layout | None) -> Self:
        """`layout` is the model's saved first layout; None has it made."""
        memo = Memo()
        if layout is None or not _belongs(layout.tree, graph):
            layout = first_layout(graph, memo)
        return cls(graph, layout.tree, memo, Scene(layout.tree, layout.drawing))

    def with_open(self, expanded: frozenset[int], progress: Progress | None = None) -> Self:
        drawing = arrange(self.tree, expanded, self.memo, progress)
        return replace(self, scene=Scene(self.tree, drawing))

    def with_hidden(self, hidden: Collection[int]) -> Self:
        """With other layers hidden; groups of the same path stay open."""
        tree = build_tree(self.graph, hidden)
        open_paths = {self.tree.path(group) for group in self.scene.expanded}
        drawing = arrange(tree, _at_paths(tree, open_paths), self.memo)
        return replace(self, tree=tree, scene=Scene(tree, drawing))

    def with_open_paths(self, paths: Set[tuple[str, ...]]) -> Self:
        return self.with_open(_at_paths(self.tree, paths))

    def boxes_with(self, expanded: frozenset[int]) -> int:
        """About how many boxes there would be."""
        more = np.array(sorted(expanded - self.scene.expanded), np.int64) - self.tree.root
        children = np.diff(self.tree.member_bounds)[more]
        return len(self.scene.boxes) + int(children.sum())


class Arranger(QObject):
    """Of several wishes only the last is answered."""

    arranged = Signal(object)
    """An Arrangement."""
    failed = Signal(object)
    """An exception, which is a defect."""
    advanced = Signal(float)
    """Share of the groups that are laid out, while it takes long."""
    _done = Signal(int, object)
    _advanced = Signal(int, float)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._latest = 0
        self._done.connect(self._take)
        self._advanced.connect(self._tell)

    def open(
        self, graph: ModelGraph, layout: Layout | None, paths: Set[tuple[str, ...]] | None = None
    ) -> None:
        """`paths` are the groups to open; None opens those of the first layout."""

        def work(_: Progress) -> Arrangement:
            first = Arrangement.first(graph, layout)
            return first if paths is None else first.with_open_paths(paths)

        self._run(work, quick=len(graph.layers) < QUICK_LAYERS)

    def change(self, current: Arrangement, expanded: frozenset[int]) -> None:
        quick = current.boxes_with(expanded) < QUICK_BOXES
        self._run(lambda progress: current.with_open(expanded, progress), quick=quick)

    def hide(self, current: Arrangement, hidden: Collection[int]) -> None:
        """Draw the model without these layers and with all others."""
        quick = len(current.graph.layers) < QUICK_LAYERS
        self._run(lambda _: current.with_hidden(hidden), quick=quick)

    def cancel(self) -> None:
        """Nothing that is still under way will be answered."""
        self._latest += 1

    def _run(self, work: Callable[[Progress], Arrangement], *, quick: bool) -> None:
        self._latest += 1
        number, told = self._latest, monotonic()

        def watch(done: int, total: int) -> None:
            nonlocal told
            if number != self._latest:
                raise _GivenUp
            if monotonic() - told > PATIENCE:
                told = monotonic()
                self._advanced.emit(number, done / total)

        if quick:
            self.arranged.emit(work(_unwatched))
        else:
            QThreadPool.globalInstance().start(_Work(lambda: work(watch), number, self._done))

    def _take(self, number: int, result: object) -> None:
        if number == self._latest:
            (self.failed if isinstance(result, Exception) else self.arranged).emit(result)

    def _tell(self, number: int, share: float) -> None:
        if number == self._latest:
            self.advanced.emit(share)


class _Work(QRunnable):
    def __init__(self, work: Callable[[], Arrangement], number: int, done: SignalInstance) -> None:
        super().__init__()
        self._work = work
        self._number = number
        self._done = done

    @override
    def run(self) -> None:
        try:
            result: object = self._work()
        except _GivenUp:
            return
        except Exception as error:  # the thread's edge: it goes to the window's thread as it is
            result = error
        try:
            self._done.emit(self._number, result)
        except RuntimeError:  # the window was closed meanwhile
            return


class _GivenUp(Exception):
    """Another wish came meanwhile."""


def _at_paths(tree: Tree, paths: Set[tuple[str, ...]]) -> frozenset[int]:
    return frozenset(group for group in tree.groups if tree.path(group) in paths)


def _unwatched(done: int, total: int) -> None:
    pass


def _belongs(tree: Tree, graph: ModelGraph) -> bool:
    """Whether a saved tree is that of this model."""
    ports = (len(graph.inputs), len(graph.outputs))
    return (tree.layers, tree.inputs, tree.outputs) == (len(graph.layers), *ports)
