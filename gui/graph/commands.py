"""All that can be done in the graph: words, keys and a tip for each, in one list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Command:
    """One thing to do; its keys act while the graph has the focus."""

    name: str
    text: str
    keys: tuple[str, ...]
    section: str
    tip: str = ""
    everywhere: bool = False
    """Whether the keys act in the search field too."""


FIND, MOVE, GROUPS, FOLLOW, KEEP, SHOW = (
    "Find",
    "Move",
    "Groups",
    "Follow tensors",
    "Keep and copy",
    "Show and hide",
)

COMMANDS = (
    Command("find", "Find…", ("Ctrl+K", "Ctrl+F", "/"), FIND, everywhere=True),
    Command("next", "Next found", ("F3",), FIND, everywhere=True),
    Command("previous", "Previous found", ("Shift+F3",), FIND, everywhere=True),
    Command("fit", "Show everything", ("F",), MOVE),
    Command("zoom_to", "Zoom to the selection", ("Z",), MOVE),
    Command("in", "Zoom in", ("+", "="), MOVE),
    Command("out", "Zoom out", ("-",), MOVE),
    Command("full", "Zoom to 100 %", ("0",), MOVE),
    Command("back", "Back", ("Alt+Left",), MOVE, "To what was selected before"),
    Command("forward", "Forward", ("Alt+Right",), MOVE),
    Command("expand", "Expand all", ("E",), GROUPS),
    Command("collapse", "Collapse all", ("Shift+E",), GROUPS),
    Command("depth1", "Expand one level", ("1",), GROUPS),
    Command("depth2", "Expand two levels", ("2",), GROUPS),
    Command("depth3", "Expand three levels", ("3",), GROUPS),
    Command("producers", "Go to where it comes from…", ("Alt+Up",), FOLLOW),
    Command("consumers", "Go to where it flows…", ("Alt+Down",), FOLLOW),
    Command("start", "Mark as start of paths", ("S",), FOLLOW),
    Command("paths", "Paths from the start to here", ("P",), FOLLOW),
    Command("before", "Everything it depends on", ("U",), FOLLOW, "Upstream"),
    Command("after", "Everything that depends on it", ("D",), FOLLOW, "Downstream"),
    Command("end", "End search and paths", ("Esc",), FOLLOW),
    Command("bookmark", "Bookmark", ("Ctrl+B",), KEEP),
    Command("bookmarks", "Bookmarks…", ("B",), KEEP),
    Command("copy_name", "Copy name", ("Ctrl+C",), KEEP),
    Command("copy_text", "Copy as text", ("Ctrl+Shift+C",), KEEP, "Name, operator, shapes …"),
    Command("picture", "Save picture…", ("Ctrl+P",), KEEP, "SVG or PNG"),
    Command("hide", "Hide this operator", ("H",), SHOW),
    Command("show_all", "Show all operators", ("Shift+H",), SHOW),
    Command("quantization", "Show Q/DQ", ("Q",), SHOW, "Quantize and dequantize layers"),
    Command("colours", "Colour by…", ("C",), SHOW),
    Command("figures", "Figures from a file…", ("Ctrl+Shift+F",), SHOW, "CSV or JSON"),
    Command("menu", "Menu of the selection", ("Menu", "Shift+F10"), SHOW),
    Command("keys", "Keys", ("F1", "?"), SHOW, everywhere=True),
)

FIXED_KEYS = (
    (MOVE, "Drag, or two fingers", "Move the graph"),
    (MOVE, "Wheel, or Ctrl + two fingers", "Zoom where the mouse is"),
    (FOLLOW, "↑ ↓", "Walk along the lines"),
    (FOLLOW, "← →", "To the box beside this one"),
    (GROUPS, "Enter, or double-click", "Open or close a group"),
    (GROUPS, "Backspace", "Close the group around"),
    (FIND, "Enter, Shift+Enter", "In the search field: next, previous"),
)
"""What has keys of its own, for the sheet of keys."""


class CommandActions(QObject):
    """One QAction per command, with its keys on the canvas."""

    def __init__(
        self, canvas: QWidget, surface: QWidget, acts: Mapping[str, Callable[[], object]]
    ) -> None:
        super().__init__(canvas)
        self._actions = {each.name: self._action(each, canvas, surface) for each in COMMANDS}
        for name, action in self._actions.items():
            action.triggered.connect(_without_arguments(acts[name]))

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def reach_window(self) -> None:
        """Let search and help answer to their keys wherever the focus is in the window."""
        for command in COMMANDS:
            if command.everywhere:
                self[command.name].setShortcutContext(Qt.ShortcutContext.WindowShortcut)

    def _action(self, command: Command, canvas: QWidget, surface: QWidget) -> QAction:
        action = QAction(command.text, self)
        action.setToolTip(command.tip or command.text)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        context = Qt.ShortcutContext
        action.setShortcutContext(
            context.WidgetWithChildrenShortcut if command.everywhere else context.WidgetShortcut
        )
        (canvas if command.everywhere else surface).addAction(action)
        return action


def keys_text(command: Command) -> str:
    """“F3”, “Ctrl+K, Ctrl+F, /”."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(key).toString(native) for key in command.keys)


def _without_arguments(act: Callable[[], object]) -> Callable[..., None]:
    def slot(*_: object) -> None:
        act()

    return slot
