"""The centre of the window: the graph of a model with its search, colours, legend and map."""

import sys
from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from core.jobs.events import Failed
from core.layout import Layout
from core.model.graph import LayerId, ModelGraph
from gui.graph.acts import acts_of
from gui.graph.badge import Badge, badges_of_items
from gui.graph.camera import STEP
from gui.graph.canvas_menus import CanvasMenus, MenuSection
from gui.graph.chrome import Chrome
from gui.graph.colouring import Colouring
from gui.graph.colours import Colours
from gui.graph.commands import CommandActions
from gui.graph.drawn import Drawn
from gui.graph.guide import Guide
from gui.graph.keeping import Keeping
from gui.graph.memory import ViewMemory
from gui.graph.selecting import Selecting
from gui.graph.stage import Stage
from gui.graph.standpoint import Standpoint
from gui.graph.surface import GraphSurface
from gui.later import later
from gui.wording import counted

WORK = "work"
"""Key of the chip that tells how far a layout is."""


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
    picture_requested = Signal()
    """A person wants to save the drawing."""
    figures_requested = Signal()
    """A person wants to colour by figures from a file."""
    model_drawn = Signal()
    """A model that was given has been painted for the first time."""

    def __init__(self, parent: QWidget | None = None, memory: ViewMemory | None = None) -> None:
        """`memory` keeps bookmarks and what is hidden for each model; None forgets them."""
        super().__init__(parent)
        self._tell_drawn = later(self, self.model_drawn.emit)
        self._badges: Mapping[LayerId, Badge] = {}
        self._again: str | None = None
        """Title of the colouring to go on with, where the same model is shown again."""
        self.surface = GraphSurface(self)
        self.chrome = Chrome(self)
        self.stage = Stage(self.surface)
        self.guide = Guide(self.stage, self.chrome)
        self.keeping = Keeping(self.stage, memory or ViewMemory())
        self.colours = Colours(self.stage, self.chrome)
        self.drawn = Drawn(self.stage, self.chrome, self.keeping)
        self.selecting = Selecting(self.stage, self.guide, self.drawn)
        self.commands = CommandActions(self, self.surface, acts_of(self))
        self.menus = CanvasMenus(self, self.stage, self.guide, self.keeping, self.commands)
        self.chrome.bar.search.finder.figures = self.colours.figures()
        self.setFocusProxy(self.surface)
        self._connect_parts()
        self.clear()

    def _connect_parts(self) -> None:
        surface, chrome, stage = self.surface, self.chrome, self.stage
        stage.shown.connect(self._show)
        stage.failed.connect(_report)
        stage.arranger.advanced.connect(self._show_progress)
        surface.picked.connect(self.selecting.pick)
        surface.entered.connect(self.selecting.enter)
        surface.closed.connect(self.selecting.close_group)
        surface.camera_changed.connect(self._follow_camera)
        surface.failed.connect(_report)
        self.selecting.layer_selected.connect(self.layer_selected)
        self.selecting.layer_activated.connect(self.layer_activated)
        self.selecting.cleared.connect(self.selection_cleared)
        chrome.minimap.wanted.connect(
            lambda point: surface.jump(surface.camera.centred(point, surface.margin))
        )
        chrome.bar.crumbs.wanted.connect(stage.zoom_to)
        search = chrome.bar.search
        search.chosen.connect(self.selecting.go_to)
        search.taken.connect(self.reveal)
        search.left.connect(surface.setFocus)
        for defects in (search.finder.failed, self.guide.tracer.failed):
            defects.connect(_report_failure)
        chrome.bar.colourings.picked.connect(self._choose_by_hand)
        self.drawn.told.connect(self._place_parts)
        chrome.bar.show_button.setMenu(self.menus.operators)
        chrome.bar.more_button.setMenu(self.menus.more)
        self.colours.applied.connect(self._place_parts)
        chrome.zoom_buttons.into.connect(lambda: surface.zoom_by(STEP))
        chrome.zoom_buttons.out.connect(lambda: surface.zoom_by(1 / STEP))
        chrome.zoom_buttons.reset.connect(self.actual_size)
        chrome.zoom_buttons.fit.connect(self.fit)
        chrome.empty.open_sample.connect(self.open_sample_requested)
        chrome.empty.open_model.connect(self.open_model_requested)

    # what it shows

    def set_graph(self, graph: ModelGraph, layout: Layout | None = None) -> None:
        """Show a model. `layout` is its saved first layout, which spares making one.

        Large models are laid out beside the window's thread and appear when they are ready.
        """
        self._again = None
        self._open(graph, layout)

    def follow(self, graph: ModelGraph, layout: Layout | None = None) -> None:
        """Show another state of the same model: view, open groups, colours, bookmarks stay."""
        chosen = self.colours.chosen
        self._again = chosen.title if chosen is not None else ""
        self._open(graph, layout, self.stage.standpoint())

    def _open(
        self, graph: ModelGraph, layout: Layout | None, stand: Standpoint | None = None
    ) -> None:
        self.clear()
        self.chrome.show_busy(f"Drawing {counted(len(graph.layers), 'layer')}…")
        self.stage.open(graph, layout, stand)

    def clear(self) -> None:
        """Show the invitation to open a model."""
        self.stage.clear()
        self._badges = {}
        self.colours.clear()
        self.guide.begin()
        self.chrome.bar.search.finder.show(None)
        self.chrome.bar.search.finish()
        self.chrome.notices.clear()
        self.chrome.show_empty()

    def select(self, layer: LayerId | None) -> None:
        """Ring a layer, open what it lies in and bring it into view; None rings nothing.

        A hidden layer stays hidden: what it is folded into is ringed. Emits no signal.
        """
        self.stage.wanted = layer
        graph = self.stage.graph
        if graph is None:
            return
        item = -1 if layer is None else graph.index_of.get(layer, -1)
        if item < 0:
            self.stage.ring(-1)
        elif item != self.stage.item:
            self.stage.bring_to_view(self.guide.host_of(item))
            self.guide.visit(item)

    @property
    def selected(self) -> LayerId | None:
        """The layer that is ringed."""
        return self.stage.layer

    def reveal(self, item: int) -> None:
        """Go to an item of the tree, opening the groups around it, and select it."""
        self.selecting.go_to(item)
        self.surface.setFocus()

    def set_badges(self, badges: Mapping[LayerId, Badge]) -> None:
        """Mark layers at a corner of their boxes; replaces the marks before."""
        self._badges = badges
        arrangement = self.stage.arrangement
        if arrangement is not None and not badges:
            self.surface.set_badges({})  # sparing to read the identities of all layers
        elif arrangement is not None:
            place_of = arrangement.graph.index_of
            known = {place_of[id_]: badge for id_, badge in badges.items() if id_ in place_of}
            self.surface.set_badges(badges_of_items(arrangement.tree, known))

    # colours

    def set_colouring(self, colouring: Colouring) -> None:
        """Colour by this from now on; it replaces a colouring of the same title."""
        self.colours.put(colouring)
        self.colours.choose(colouring.title)

    def add_colouring(self, colouring: Colouring) -> None:
        """Offer this in the switch; it is seen at once only if its title is chosen already."""
        self.colours.put(colouring)

    def remove_colouring(self, title: str) -> None:
        self.colours.drop(title)

    def choose_colouring(self, title: str) -> None:
        """Colour by one that is offered already."""
        self.colours.choose(title)

    @property
    def colouring(self) -> Colouring | None:
        """The one that is chosen."""
        return self.colours.chosen

    # what is drawn

    def expand_all(self) -> None:
        """Open every group."""
        self.stage.expand_all()

    def collapse_all(self) -> None:
        """Close every group."""
        self.stage.set_expanded(frozenset())

    def fit(self) -> None:
        """Show everything."""
        self.stage.fit()

    def actual_size(self) -> None:
        self.surface.zoom_by(1 / self.surface.camera.zoom)

    def find(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # QWidget.find looks up native windows
        """Put the cursor into the search field."""
        self.chrome.bar.search.start()

    def add_menu_section(self, provider: MenuSection) -> None:
        """Ask `provider` for further entries of the context menu each time it opens.

        It gets the layer that the menu is of, or None for a group or the ground.
        """
        self.menus.add_section(provider)

    def choose_colours(self) -> None:
        """Offer the colourings in a list."""
        self.menus.show_colourings(self.colours.titles, self._choose_by_hand)

    def show_keys(self) -> None:
        """What every key does, on a sheet."""
        from gui.graph.keys_sheet import KeysSheet

        KeysSheet(self).open()

    # what follows from what a person does

    def _show(self, first: bool) -> None:
        arrangement = self.stage.arrangement
        assert arrangement is not None
        finder = self.chrome.bar.search.finder
        finder.tree = arrangement.tree
        if first:
            finder.show(arrangement.graph)
            self.guide.begin()
            if self._again is None:
                self.keeping.recall()
            self.colours.begin(self.keeping.colouring if self._again is None else self._again)
            self.chrome.show_graph()
        self.colours.apply()
        self.set_badges(self._badges)
        self.guide.emphasize()
        self.chrome.notices.put(WORK, "")
        self.drawn.tell()
        self.stage.settle(first=first)
        if first:
            self.drawn.begin()
            self._tell_drawn()

    def _choose_by_hand(self, title: str) -> None:
        self.choose_colouring(title)
        self.keeping.colouring = title
        self.keeping.save()
        self.colouring_chosen.emit(title)

    def _show_progress(self, share: float) -> None:
        text = f"Laying out… {100 * share:.0f} %"
        if self.stage.arrangement is None:
            self.chrome.busy.setText(text)
        else:
            self.chrome.notices.put(WORK, text, "Cancel", self._stop_laying_out)

    def _stop_laying_out(self) -> None:
        self.stage.arranger.cancel()
        self.chrome.notices.put(WORK, "")

    def _follow_camera(self) -> None:
        """Tell the map, the path and the zoom where the view is."""
        view, tree = self.surface.view(), self.stage.tree
        if view is None or tree is None:
            return
        self.chrome.minimap.show_seen(view.area)
        self.chrome.zoom_buttons.show_zoom(view.camera.zoom)
        group = view.scene.frame_at(view.camera.to_scene(self.surface.margin.center()))
        path = [tree.root] if group is None else [*reversed(tree.ancestors(group)), group]
        self.chrome.bar.crumbs.show_path([(each, self.stage.name(each)) for each in path])

    def _place_parts(self) -> None:
        self.surface.margin = self.chrome.place(self.size())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """A view that nobody has moved yet starts anew in the new size."""
        super().resizeEvent(event)
        untouched = self.stage.is_untouched
        self.surface.resize(self.size())
        self._place_parts()
        if untouched:
            self.stage.look_at_start()


def _report(error: Exception) -> None:
    """A defect beside the window's thread or while painting goes where all defects go."""
    sys.excepthook(type(error), error, error.__traceback__)


def _report_failure(failed: Failed) -> None:
    _report(RuntimeError(f"{failed.what} {failed.why}"))
