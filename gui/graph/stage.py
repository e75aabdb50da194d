"""The drawing that is shown: which groups are open, which item is ringed, where the camera goes."""

from collections.abc import Collection

from PySide6.QtCore import QObject, QPointF, Signal

from core.layout import Layout, Tree
from core.model.graph import LayerId, ModelGraph
from gui.graph import viewpoints
from gui.graph.arranger import Arrangement, Arranger
from gui.graph.camera import Camera
from gui.graph.labels import Labels
from gui.graph.painter import Marks
from gui.graph.scene import Scene
from gui.graph.standpoint import Standpoint
from gui.graph.surface import GraphSurface


class Stage(QObject):
    """Keeps what a person looks at in place while groups open and layers hide."""

    shown = Signal(bool)
    """A new arrangement is there; True for the first one of a model."""
    failed = Signal(object)
    """An exception, which is a defect."""

    def __init__(self, surface: GraphSurface) -> None:
        super().__init__(surface)
        self.surface = surface
        self.arrangement: Arrangement | None = None
        self.wanted: LayerId | None = None
        """The layer to ring; it may wait for its groups to open."""
        self._after: int | None = None
        """A group to ring as soon as it is drawn."""
        self._anchor: tuple[int, QPointF] | None = None
        self._start: Camera | None = None
        self._stand: Standpoint | None = None
        self.arranger = Arranger(self)
        self.arranger.arranged.connect(self._show)
        self.arranger.failed.connect(self.failed)

    def open(
        self, graph: ModelGraph, layout: Layout | None, stand: Standpoint | None = None
    ) -> None:
        """`stand` is where a person looked at another state of the same model."""
        self._stand = stand
        self.arranger.open(graph, layout, stand.open_groups if stand is not None else None)

    def standpoint(self) -> Standpoint | None:
        """What is looked at now; None where nothing is shown."""
        view = self.surface.view()
        if self.arrangement is None or view is None:
            return None
        return Standpoint.of(self.arrangement, view)

    def clear(self) -> None:
        self.arranger.cancel()
        self.arrangement = self._anchor = self.wanted = self._after = None
        self.surface.show_model(None)

    @property
    def graph(self) -> ModelGraph | None:
        return self.arrangement.graph if self.arrangement else None

    @property
    def tree(self) -> Tree | None:
        return self.arrangement.tree if self.arrangement else None

    @property
    def item(self) -> int:
        """The ringed item; −1 for none."""
        return self.surface.marks.selected if self.arrangement else -1

    @property
    def layer(self) -> LayerId | None:
        """The ringed layer."""
        if self.arrangement is None or not 0 <= self.item < self.arrangement.tree.layers:
            return None
        return self.arrangement.graph.layers[self.item].id

    def name(self, item: int) -> str:
        """How an item is called on its box."""
        if self.arrangement is None:
            return ""
        return Labels(self.arrangement.graph, self.arrangement.tree).name(item)

    def qualified(self, item: int) -> str:
        """The same with the name of the group around it: “blocks.1.0 › conv_dw”."""
        tree = self.tree
        around = int(tree.parent[item]) if tree is not None else -1
        if tree is None or around <= tree.root:
            return self.name(item)
        return f"{self.name(around)} › {self.name(item)}"

    def ring(self, item: int) -> None:
        """Ring an item where it is; −1 rings nothing."""
        self.surface.mark(Marks(item))

    def bring_to_view(self, item: int) -> None:
        """Ring an item; open the groups around it first, and move there if it is not seen."""
        if self.arrangement is None or item < 0:
            return
        tree, scene = self.arrangement.tree, self.arrangement.scene
        closed = frozenset(tree.ancestors(item)[:-1]) - scene.expanded
        if closed:
            self.wanted = self.arrangement.graph.layers[item].id if item < tree.layers else None
            self._after = item if item >= tree.layers else None
            self.set_expanded(scene.expanded | closed)
            return
        self.ring(item)
        rectangle = scene.rectangle(item)
        if rectangle is not None:
            camera = viewpoints.towards(self.surface.camera, rectangle, self.surface.margin)
            if camera is not None:
                self.surface.fly(camera)

    def set_expanded(self, expanded: frozenset[int], anchor: int | None = None) -> None:
        """Lay out anew. `anchor` is the item that shall stay where it is on the screen.

        Without one it is the box that is in the middle.
        """
        if self.arrangement is not None and self._hold(anchor):
            self.arranger.change(self.arrangement, expanded)

    def hide(self, layers: Collection[int]) -> None:
        """Draw the model without these layers."""
        if self.arrangement is None or not self._hold(None):
            return
        if self.arrangement.tree.is_group(self.item):
            self.ring(-1)  # groups are numbered anew
        self.wanted = self.layer or self.wanted
        self.arranger.hide(self.arrangement, layers)

    def expand_to(self, depth: int) -> None:
        """Open the groups down to a depth; 0 closes all."""
        if (tree := self.tree) is not None:
            groups = range(tree.root + 1, tree.items)
            self.set_expanded(frozenset(each for each in groups if tree.depth[each] <= depth))

    def expand_all(self) -> None:
        if (tree := self.tree) is not None:
            self.set_expanded(frozenset(range(tree.root + 1, tree.items)))

    def toggle(self, group: int) -> None:
        """Open a closed group, close an open one."""
        if self.arrangement is not None:
            self.set_expanded(self.arrangement.scene.expanded ^ {group}, anchor=group)

    def open_inside(self, group: int) -> None:
        """Open a group and all groups in it."""
        if self.arrangement is None:
            return
        tree, inside = self.arrangement.tree, {group}
        for each in range(group + 1, tree.items):  # groups have larger numbers than those around
            if int(tree.parent[each]) in inside:
                inside.add(each)
        self.set_expanded(self.arrangement.scene.expanded | inside, anchor=group)

    def close(self, group: int) -> bool:
        """Close a group and ring it; False where it is not open."""
        if self.arrangement is None or group not in self.arrangement.scene.expanded:
            return False
        self.ring(group)
        self.wanted = None
        self.toggle(group)
        return True

    def fit(self) -> None:
        """Show everything."""
        if self.arrangement is not None:
            self._fly_to_fit(self.arrangement.tree.root)

    def zoom_to(self, item: int) -> None:
        """Show all of an item, no larger than it is meant to be read."""
        if self.arrangement is not None and item >= 0:
            self._fly_to_fit(int(self.arrangement.scene.shown[item]))

    def _fly_to_fit(self, item: int) -> None:
        if self.arrangement is not None:
            scene, margin = self.arrangement.scene, self.surface.margin
            rectangle = scene.rectangle(item) or scene.bounds
            self.surface.fly(self.surface.camera.fitted(rectangle, margin))

    def look_at_start(self) -> None:
        if self.arrangement is not None:
            scene = self.arrangement.scene
            self.surface.jump(viewpoints.start_of(scene, self.surface.margin))
            self._start = self.surface.camera

    @property
    def is_untouched(self) -> bool:
        """Nobody has moved the view yet."""
        return self.surface.camera == self._start

    def settle(self, *, first: bool) -> None:
        """After a new arrangement is painted: go to the start, keep the anchor, ring what waits."""
        if self.arrangement is None:
            return
        if first:
            self.look_at_start()
            if self._stand is not None:
                self.surface.jump(self._stand.camera_for(self.arrangement))
        self._keep_anchor(self.arrangement.scene)
        if self.wanted is not None:
            self.bring_to_view(self.arrangement.graph.index_of.get(self.wanted, -1))
        elif self._after is not None:
            item, self._after = self._after, None
            self.bring_to_view(item)

    def _show(self, arrangement: Arrangement) -> None:
        before, self.arrangement = self.arrangement, arrangement
        first = before is None
        if before is None or before.tree is not arrangement.tree:
            marks = Marks() if first else self.surface.marks
            self.surface.show_model(Labels(arrangement.graph, arrangement.tree))
            self.surface.mark(marks)
        self.shown.emit(first)

    def _hold(self, anchor: int | None) -> bool:
        """Remember where an item is on the screen; False where nothing is shown."""
        view = self.surface.view()
        if view is None:
            return False
        held = view.scene.nearest_box(view.area) if anchor is None else anchor
        rectangle = None if held is None else view.scene.rectangle(held)
        if held is not None and rectangle is not None:
            self._anchor = (held, view.camera.to_view(viewpoints.top_of(rectangle)))
        return True

    def _keep_anchor(self, scene: Scene) -> None:
        if self._anchor is None:
            return
        (item, place), self._anchor = self._anchor, None
        if item >= scene.tree.items:
            return
        rectangle = scene.rectangle(item) or scene.rectangle(int(scene.shown[item]))
        if rectangle is not None:
            self.surface.jump(viewpoints.holding(self.surface.camera, place, rectangle))
