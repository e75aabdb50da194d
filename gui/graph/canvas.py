"""The centre of the window: the graph of a model with its search, colours, legend and map."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from core.layout import Layout
from core.model.graph import LayerId, ModelGraph
from gui import theme
from gui.graph import viewpoints
from gui.graph.arranger import Arrangement, Arranger
from gui.graph.badge import Badge, badges_of_items
from gui.graph.camera import STEP, Camera
from gui.graph.chrome import Chrome
from gui.graph.colouring import Colouring, colourings_of
from gui.graph.colouring_set import ColouringSet
from gui.graph.labels import Labels, counted
from gui.graph.painter import Marks
from gui.graph.scene import Scene
from gui.graph.search_index import SearchIndex
from gui.graph.shading import Shading
from gui.graph.shortcuts import add_shortcuts
from gui.graph.surface import GraphSurface

MenuSection: TypeAlias = Callable[[LayerId | None], Sequence[QAction]]


class GraphCanvas(QWidget):
    """Shows a model. Give it a graph, colourings and a selection; it tells what a person did."""

    layer_selected = Signal(str)
    """LayerId of the layer that a person selected."""
    layer_activated = Signal(str)
    """LayerId of the layer that was double-clicked, or on which Enter was pressed."""
    selection_cleared = Signal()
    """A person clicked beside the layers, or on a group."""
    colouring_chosen = Signal(str)
    """Title of the colouring that a person chose."""
    open_sample_requested = Signal()
    open_model_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._arrangement: Arrangement | None = None
        self._wanted: LayerId | None = None
        self._anchor: tuple[int, QPointF] | None = None
        self._start: Camera | None = None
        self._colourings = ColouringSet()
        self._badges: Mapping[LayerId, Badge] = {}
        self._menu_sections: list[MenuSection] = []
        self.surface = GraphSurface(self)
        self.chrome = Chrome(self)
        self._arranger = Arranger(self)
        self.setFocusProxy(self.surface)
        self._connect_parts()
        add_shortcuts(
            self.surface,
            {
                ("+", "="): lambda: self.surface.zoom_by(STEP),
                ("-",): lambda: self.surface.zoom_by(1 / STEP),
                ("0",): self.actual_size,
                ("F",): self.fit,
            },
        )
        QShortcut(QKeySequence("Ctrl+K"), self).activated.connect(self.find)
        self.clear()

    def _connect_parts(self) -> None:
        surface, chrome = self.surface, self.chrome
        self._arranger.arranged.connect(self._show)
        self._arranger.failed.connect(_report)
        surface.picked.connect(self._pick)
        surface.entered.connect(self._enter)
        surface.closed.connect(self._close_group)
        surface.camera_changed.connect(self._follow_camera)
        surface.failed.connect(_report)
        chrome.minimap.wanted.connect(
            lambda point: surface.jump(surface.camera.centred(point, surface.margin))
        )
        chrome.bar.crumbs.wanted.connect(self._go_to)
        chrome.bar.search.chosen.connect(self.reveal)
        chrome.bar.colourings.picked.connect(self._choose_by_hand)
        chrome.zoom_buttons.into.connect(lambda: surface.zoom_by(STEP))
        chrome.zoom_buttons.out.connect(lambda: surface.zoom_by(1 / STEP))
        chrome.zoom_buttons.reset.connect(self.actual_size)
        chrome.zoom_buttons.fit.connect(self.fit)
        chrome.empty.open_sample.connect(self.open_sample_requested)
        chrome.empty.open_model.connect(self.open_model_requested)
        theme.changed.connect(self._colour)

    def set_graph(self, graph: ModelGraph, layout: Layout | None = None) -> None:
        """Show a model. `layout` is its saved first layout, which spares making one.

        Large models are laid out beside the window's thread and appear when they are ready.
        """
        self.clear()
        self.chrome.show_busy(f"Drawing {counted(len(graph.layers), 'layer')}…")
        self._arranger.open(graph, layout)

    def clear(self) -> None:
        """Show the invitation to open a model."""
        self._arranger.cancel()
        self._arrangement = self._anchor = self._wanted = None
        self._badges = {}
        self._colourings.clear()
        self.surface.show_model(None)
        self.chrome.bar.search.set_index(None)
        self.chrome.show_empty()

    def select(self, layer: LayerId | None) -> None:
        """Ring a layer, open what it lies in and bring it into view; None rings nothing.

        Emits no signal.
        """
        self._wanted = layer
        if self._arrangement is None:
            return
        item = -1 if layer is None else self._arrangement.graph.index_of.get(layer, -1)
        if item < 0:
            self.surface.mark(Marks())
        elif item != self.surface.marks.selected:
            self._bring_to_view(item)

    @property
    def selected(self) -> LayerId | None:
        """The layer that is ringed."""
        item = self.surface.marks.selected
        if self._arrangement is None or not 0 <= item < self._arrangement.tree.layers:
            return None
        return self._arrangement.graph.layers[item].id

    def set_colouring(self, colouring: Colouring) -> None:
        """Colour by this from now on; it replaces a colouring of the same title."""
        self._colourings.put(colouring)
        self.choose_colouring(colouring.title)

    def add_colouring(self, colouring: Colouring) -> None:
        """Offer this in the switch; it is seen at once only if its title is chosen already."""
        self._colourings.put(colouring)
        self._colour()

    def remove_colouring(self, title: str) -> None:
        self._colourings.drop(title)
        self._colour()

    def choose_colouring(self, title: str) -> None:
        """Colour by one that is offered already."""
        self._colourings.choose(title)
        self._colour()

    @property
    def colouring(self) -> Colouring | None:
        """The one that is chosen."""
        return self._colourings.chosen

    def set_badges(self, badges: Mapping[LayerId, Badge]) -> None:
        """Mark layers at a corner of their boxes; replaces the marks before."""
        self._badges = badges
        if self._arrangement is not None:
            place_of = self._arrangement.graph.index_of
            known = {place_of[id_]: badge for id_, badge in badges.items() if id_ in place_of}
            self.surface.set_badges(badges_of_items(self._arrangement.tree, known))

    def add_menu_section(self, provider: MenuSection) -> None:
        """Ask `provider` for further entries of the context menu each time it opens.

        It gets the layer under the mouse, or None for a group or the ground.
        """
        self._menu_sections.append(provider)

    def find(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # QWidget.find looks up native windows
        """Put the cursor into the search field."""
        self.chrome.bar.search.setFocus()
        self.chrome.bar.search.selectAll()

    def fit(self) -> None:
        """Show everything."""
        if self._arrangement is not None:
            bounds = self._arrangement.scene.bounds
            self.surface.fly(self.surface.camera.fitted(bounds, self.surface.margin))

    def actual_size(self) -> None:
        self.surface.zoom_by(1 / self.surface.camera.zoom)

    def reveal(self, item: int) -> None:
        """Go to an item of the tree, opening the groups around it, and select it."""
        self._bring_to_view(item)
        self._tell(item)
        self.surface.setFocus()

    def expand_all(self) -> None:
        """Open every group."""
        if self._arrangement is not None:
            tree = self._arrangement.tree
            self._open_groups(frozenset(range(tree.root + 1, tree.items)))

    def collapse_all(self) -> None:
        """Close every group."""
        self._open_groups(frozenset())

    def _show(self, arrangement: Arrangement) -> None:
        fresh = self._arrangement is None
        self._arrangement = arrangement
        if fresh:
            self.surface.show_model(Labels(arrangement.graph, arrangement.tree))
            self.chrome.bar.search.set_index(SearchIndex(arrangement.graph, arrangement.tree))
            self._colourings.put_first(colourings_of(arrangement.graph))
            self.chrome.show_graph()
            self.set_badges(self._badges)
        self._colour()
        if fresh:
            self._look_at_start()
        self._keep_anchor(arrangement.scene)
        if self._wanted is not None:
            self._bring_to_view(arrangement.graph.index_of.get(self._wanted, -1))

    def _look_at_start(self) -> None:
        if self._arrangement is not None:
            scene = self._arrangement.scene
            self.surface.jump(viewpoints.start_of(scene, self.surface.margin))
            self._start = self.surface.camera

    def _choose_by_hand(self, title: str) -> None:
        self.choose_colouring(title)
        self.colouring_chosen.emit(title)

    def _colour(self) -> None:
        """Apply the chosen colouring to the switch, the surface, the legend and the map."""
        self.chrome.bar.show_colourings(self._colourings.titles, self._colourings.title)
        arrangement, colouring = self._arrangement, self._colourings.chosen
        if arrangement is None or colouring is None:
            return
        shading = Shading(arrangement.graph, arrangement.tree, colouring)
        shading.look_at(arrangement.scene.boxes.items)
        self.surface.show_scene(arrangement.scene, shading)
        self.chrome.legend.show_shading(shading)
        self.chrome.minimap.show_scene(arrangement.scene, shading)
        self._place_parts()

    def _pick(self, item: int) -> None:
        if item >= 0:
            self._bring_to_view(item)
        else:
            self.surface.mark(Marks())
        self._tell(item)

    def _tell(self, item: int) -> None:
        layer = self.selected
        self._wanted = layer
        if layer is not None and item >= 0:
            self.layer_selected.emit(layer)
        else:
            self.selection_cleared.emit()

    def _enter(self, item: int) -> None:
        """A closed group opens, an open one closes, a layer is activated."""
        if self._arrangement is None:
            return
        if self._arrangement.tree.is_group(item):
            self._open_groups(self._arrangement.scene.expanded ^ {item}, anchor=item)
        elif item < self._arrangement.tree.layers:
            self.layer_activated.emit(self._arrangement.graph.layers[item].id)

    def _close_group(self, group: int) -> None:
        if self._arrangement is not None and group in self._arrangement.scene.expanded:
            self.surface.mark(Marks(group))
            self._wanted = None
            self._open_groups(self._arrangement.scene.expanded - {group}, anchor=group)
            self.selection_cleared.emit()

    def _open_groups(self, expanded: frozenset[int], anchor: int | None = None) -> None:
        """Lay out anew. `anchor` is the item that shall stay where it is on the screen.

        Without one it is the box that is in the middle.
        """
        view = self.surface.view()
        if self._arrangement is None or view is None:
            return
        held = view.scene.nearest_box(view.area) if anchor is None else anchor
        rectangle = None if held is None else view.scene.rectangle(held)
        if held is not None and rectangle is not None:
            self._anchor = (held, view.camera.to_view(viewpoints.top_of(rectangle)))
        self._arranger.change(self._arrangement, expanded)

    def _keep_anchor(self, scene: Scene) -> None:
        if self._anchor is None:
            return
        (item, place), self._anchor = self._anchor, None
        rectangle = scene.rectangle(item) or scene.rectangle(int(scene.shown[item]))
        if rectangle is not None:
            self.surface.jump(viewpoints.holding(self.surface.camera, place, rectangle))

    def _bring_to_view(self, item: int) -> None:
        """Ring an item; open the groups around it first, and move there if it is not seen."""
        if self._arrangement is None or item < 0:
            return
        tree, scene = self._arrangement.tree, self._arrangement.scene
        closed = frozenset(tree.ancestors(item)[:-1]) - scene.expanded
        if closed:
            self._wanted = self._arrangement.graph.layers[item].id if item < tree.layers else None
            self._open_groups(scene.expanded | closed)
            return
        self.surface.mark(Marks(item))
        rectangle = scene.rectangle(item)
        if rectangle is not None:
            camera = viewpoints.towards(self.surface.camera, rectangle, self.surface.margin)
            if camera is not None:
                self.surface.fly(camera)

    def _go_to(self, group: int) -> None:
        """Show a whole group of the path."""
        if self._arrangement is None:
            return
        scene = self._arrangement.scene
        rectangle = scene.rectangle(group) or scene.bounds
        self.surface.fly(self.surface.camera.fitted(rectangle, self.surface.margin))

    def _follow_camera(self) -> None:
        """Tell the map, the path and the zoom where the view is."""
        view = self.surface.view()
        if view is None or self._arrangement is None:
            return
        self.chrome.minimap.show_seen(view.area)
        self.chrome.zoom_buttons.show_zoom(view.camera.zoom)
        tree = self._arrangement.tree
        group = view.scene.frame_at(view.camera.to_scene(self.surface.margin.center()))
        path = [tree.root] if group is None else [*reversed(tree.ancestors(group)), group]
        labels = Labels(self._arrangement.graph, tree)
        self.chrome.bar.crumbs.show_path([(each, labels.name(each)) for each in path])

    def _place_parts(self) -> None:
        self.surface.margin = self.chrome.place(self.size())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """A view that nobody has moved yet starts anew in the new size."""
        super().resizeEvent(event)
        untouched = self.surface.camera == self._start
        self.surface.resize(self.size())
        self._place_parts()
        if untouched:
            self._look_at_start()


def _report(error: Exception) -> None:
    """A defect beside the window's thread or while painting goes where all defects go."""
    sys.excepthook(type(error), error, error.__traceback__)
