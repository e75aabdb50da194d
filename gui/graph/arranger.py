"""Lays out models for the canvas: small ones at once, large ones beside the window's thread."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, SignalInstance
from typing_extensions import override

from core.layout import Drawing, Memo, Tree, arrange, build_tree, initial_expansion
from core.model.graph import ModelGraph
from gui.graph.scene import Scene

QUICK_LAYERS = 1500
"""Models with fewer layers are laid out within a few milliseconds."""
QUICK_BOXES = 1500


@dataclass(frozen=True)
class Arrangement:
    """A model and the drawing of it with some of its groups open."""

    graph: ModelGraph
    tree: Tree
    memo: Memo
    scene: Scene

    @classmethod
    def first(cls, graph: ModelGraph, drawing: Drawing | None) -> Self:
        """`drawing` is the model's saved first layout; None has it made."""
        tree, memo = build_tree(graph), Memo()
        if drawing is None or not _belongs(drawing, tree):
            drawing = arrange(tree, initial_expansion(tree), memo)
        return cls(graph, tree, memo, Scene(tree, drawing))

    def with_open(self, expanded: frozenset[int]) -> Self:
        return replace(self, scene=Scene(self.tree, arrange(self.tree, expanded, self.memo)))

    def boxes_with(self, expanded: frozenset[int]) -> int:
        """About how many boxes there would be."""
        more = expanded - self.scene.expanded
        return len(self.scene.boxes) + sum(len(self.tree.children_of(group)) for group in more)


class Arranger(QObject):
    """Of several wishes only the last is answered."""

    arranged = Signal(object)
    """An Arrangement."""
    failed = Signal(object)
    """An exception, which is a defect."""
    _done = Signal(int, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._latest = 0
        self._done.connect(self._take)

    def open(self, graph: ModelGraph, drawing: Drawing | None) -> None:
        self._run(lambda: Arrangement.first(graph, drawing), quick=len(graph.layers) < QUICK_LAYERS)

    def change(self, current: Arrangement, expanded: frozenset[int]) -> None:
        quick = current.boxes_with(expanded) < QUICK_BOXES
        self._run(lambda: current.with_open(expanded), quick=quick)

    def cancel(self) -> None:
        """Nothing that is still under way will be answered."""
        self._latest += 1

    def _run(self, work: Callable[[], Arrangement], *, quick: bool) -> None:
        self._latest += 1
        if quick:
            self.arranged.emit(work())
        else:
            QThreadPool.globalInstance().start(_Work(work, self._latest, self._done))

    def _take(self, number: int, result: object) -> None:
        if number == self._latest:
            (self.failed if isinstance(result, Exception) else self.arranged).emit(result)


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
        except Exception as error:  # the thread's edge: it goes to the window's thread as it is
            result = error
        try:
            self._done.emit(self._number, result)
        except RuntimeError:  # the window was closed meanwhile
            return


def _belongs(drawing: Drawing, tree: Tree) -> bool:
    """Whether the items of a saved drawing are those of this tree."""
    return bool(len(drawing) and drawing.items.max() < tree.items)
