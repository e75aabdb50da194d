"""Menus of the graph: of a layer, a group or the ground, of operators to show, and of all else."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget
from typing_extensions import override

from core.model.graph import ModelGraph
from gui.graph.commands import CommandActions
from gui.graph.visibility import Visibility, operator_counts

LONGEST = 60
MOST_CHOICES = 30

_OF_LAYER = (
    ("producers", "consumers"),
    ("start", "paths", "before", "after"),
    ("zoom_to", "bookmark", "hide"),
    ("copy_name", "copy_text"),
)
_OF_GROUP = (("zoom_to", "bookmark", "copy_name"),)
_OF_GROUND = (
    ("fit", "full"),
    ("expand", "collapse", "depth1", "depth2", "depth3"),
    ("bookmarks", "colours", "figures"),
    ("quantization", "show_all"),
    ("picture", "keys"),
)


def fill_layer_menu(menu: QMenu, actions: CommandActions, name: str) -> None:
    _title(menu, name)
    _sections(menu, actions, _OF_LAYER)


def fill_group_menu(
    menu: QMenu,
    actions: CommandActions,
    name: str,
    entries: Sequence[tuple[str, Callable[..., object]]],
) -> None:
    """`entries`: words and what they do, such as to open the group."""
    _title(menu, name)
    for words, act in entries:
        menu.addAction(words).triggered.connect(act)
    menu.addSeparator()
    _sections(menu, actions, _OF_GROUP)


def fill_ground_menu(menu: QMenu, actions: CommandActions) -> None:
    _sections(menu, actions, _OF_GROUND)


def add_section(menu: QMenu, entries: Sequence[QAction]) -> None:
    """Entries of others, set apart."""
    if entries:
        menu.addSeparator()
        menu.addActions(list(entries))


def choice_menu(
    parent: QWidget, choices: Sequence[tuple[str, int]], take: Callable[[int], object]
) -> QMenu:
    """A small list of items to go to."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for name, item in choices[:MOST_CHOICES]:
        menu.addAction(plain(name)).triggered.connect(partial(_call, take, item))
    if len(choices) > MOST_CHOICES:
        menu.addAction(f"and {len(choices) - MOST_CHOICES:,} more").setEnabled(False)
    return menu


def plain(name: str) -> str:
    """A name as it is, in a menu: no mnemonics, not too long, no tabs."""
    half = LONGEST // 2
    short = name if len(name) <= LONGEST else f"{name[:half]}…{name[-half:]}"
    return short.replace("&", "&&").replace("\t", " ").replace("\n", " ")


class ShowMenu(QMenu):
    """Operators with a tick for each that is drawn; stays open while they are changed."""

    def __init__(self, parent: QWidget, change: Callable[[Visibility], object]) -> None:
        super().__init__(parent)
        self._change = change
        self._seen = Visibility()
        self.setAccessibleName("Show or hide operators")

    def show_operators(self, graph: ModelGraph, seen: Visibility, actions: CommandActions) -> None:
        """Fill it anew."""
        self.clear()
        self._seen = seen
        self.addActions([actions["quantization"], actions["show_all"]])
        self.addSeparator()
        for operator, count in operator_counts(graph):
            entry = self.addAction(f"{plain(operator)}\t{count:,}")
            entry.setCheckable(True)
            entry.setChecked(operator not in seen.hidden)
            entry.toggled.connect(partial(self._toggle, operator))

    def _toggle(self, operator: str, _: bool) -> None:
        self._seen = self._seen.toggled(operator)
        self._change(self._seen)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._stay(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() not in keys or not self._stay(self.activeAction()):
            super().keyPressEvent(event)

    def _stay(self, entry: QAction | None) -> bool:
        """Toggle an operator without closing; False for what is no operator."""
        if entry is None or not entry.isCheckable() or "\t" not in entry.text():
            return False
        entry.toggle()
        return True


def _call(take: Callable[[int], object], item: int, *_: object) -> None:
    take(item)


def _title(menu: QMenu, name: str) -> None:
    menu.addAction(plain(name)).setEnabled(False)
    menu.addSeparator()


def _sections(menu: QMenu, actions: CommandActions, sections: Sequence[Sequence[str]]) -> None:
    for place, names in enumerate(sections):
        if place:
            menu.addSeparator()
        menu.addActions([actions[name] for name in names if actions[name].isVisible()])
