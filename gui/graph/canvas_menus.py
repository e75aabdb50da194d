"""The menus of the canvas, filled with what fits the moment each time they open."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QMenu, QWidget

from core.model.graph import LayerId
from gui.graph import menus
from gui.graph.commands import CommandActions
from gui.graph.guide import Guide
from gui.graph.keeping import Keeping
from gui.graph.stage import Stage
from gui.graph.visibility import Visibility

MenuSection: TypeAlias = Callable[[LayerId | None], Sequence[QAction]]


class CanvasMenus(QObject):
    """The context menu, the operators to show, and the menu of all else."""

    def __init__(
        self,
        canvas: QWidget,
        stage: Stage,
        guide: Guide,
        keeping: Keeping,
        commands: CommandActions,
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._stage = stage
        self._guide = guide
        self._keeping = keeping
        self._commands = commands
        self._sections: list[MenuSection] = []
        self._open: QMenu | None = None
        for name in ("bookmark", "quantization"):
            commands[name].setCheckable(True)
        self.operators = menus.ShowMenu(canvas, self._change_visibility)
        self.operators.aboutToShow.connect(self._fill_operators)
        self.more = QMenu(canvas)
        self.more.aboutToShow.connect(self._fill_more)
        stage.surface.menu_wanted.connect(self.pop_up)

    def add_section(self, provider: MenuSection) -> None:
        self._sections.append(provider)

    def pop_up(self, item: int, place: QPoint) -> None:
        """The menu of an item, or of the ground for −1; what it is of gets the selection first."""
        if self._stage.arrangement is None:
            return
        if item >= 0 and item != self._stage.item:
            self._stage.surface.picked.emit(item)
        menu = self.context_menu(item)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def context_menu(self, item: int) -> QMenu:
        menu = QMenu(self._canvas)
        menu.setAccessibleName("What can be done here")
        menu.setToolTipsVisible(True)
        self.renew()
        tree = self._stage.tree
        if tree is None or item < 0 or item == tree.root:
            menus.fill_ground_menu(menu, self._commands)
        elif tree.is_group(item):
            self._fill_group(menu, item)
        else:
            menus.fill_layer_menu(menu, self._commands, self._stage.name(item))
        layer = self._stage.layer if item >= 0 else None
        for section in self._sections:
            menus.add_section(menu, section(layer))
        return menu

    def renew(self) -> None:
        """Let the actions say what they would do now."""
        stage, keeping, tracer = self._stage, self._keeping, self._guide.tracer
        tree, graph = stage.tree, stage.graph
        on_layer = tree is not None and 0 <= stage.item < tree.layers
        self._commands["bookmark"].setChecked(keeping.selected_place() in keeping.bookmarks)
        self._commands["quantization"].setChecked(keeping.visibility.quantization)
        self._commands["show_all"].setEnabled(bool(keeping.visibility.hidden))
        start = "" if tracer.start is None else stage.qualified(tracer.start)
        self._commands["paths"].setVisible(bool(start))
        self._commands["paths"].setText(menus.plain(f"Paths from {start} to here"))
        self._commands["hide"].setVisible(on_layer)
        if on_layer and graph is not None:
            operator = menus.plain(graph.operators[stage.item])
            self._commands["hide"].setText(f"Hide every {operator}")

    def show_bookmarks(self, take: Callable[[int], object]) -> None:
        """The list of bookmarks where the mouse is."""
        menu = QMenu(self._canvas)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Bookmarks")
        self._keeping.fill_bookmarks(menu, take)
        menu.popup(QCursor.pos())

    def show_colourings(self, titles: Sequence[str], take: Callable[[str], object]) -> None:
        """The list of colourings where the mouse is."""
        menu = QMenu(self._canvas)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Colour by")
        for title in titles:
            menu.addAction(menus.plain(title)).triggered.connect(partial(_take, take, title))
        menu.popup(QCursor.pos())

    def _fill_group(self, menu: QMenu, group: int) -> None:
        arrangement = self._stage.arrangement
        is_open = arrangement is not None and group in arrangement.scene.expanded
        entries = (
            ("Close" if is_open else "Open", partial(_take, self._stage.toggle, group)),
            ("Open all inside", partial(_take, self._stage.open_inside, group)),
        )
        menus.fill_group_menu(menu, self._commands, self._stage.name(group), entries)

    def _fill_operators(self) -> None:
        self.renew()
        if self._stage.graph is not None:
            self.operators.show_operators(
                self._stage.graph, self._keeping.visibility, self._commands
            )

    def _fill_more(self) -> None:
        self.renew()
        self.more.clear()
        menus.fill_ground_menu(self.more, self._commands)

    def _change_visibility(self, visibility: Visibility) -> None:
        self._keeping.see(visibility)


def _take(take: Callable[..., object], value: object, *_: object) -> None:
    take(value)
