"""Where edits begin: entries in the context menu and in the main menu, their dialogs, the chip."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from core.jobs.events import Failed
from core.model.graph import LayerId
from gui.edit.edit_chip import EditChip
from gui.graph.canvas import GraphCanvas
from gui.session import Session

if TYPE_CHECKING:
    from core.edit.kinds.base import Offer

_EDITABLE = "onnx"
_SIZES = "input-shapes"
_MENU = "Edit the model"
_KEYS = {"rename-layer": "F2", "delete-layer": "Del"}
"""Name of a kind to the key that begins it for the selected layer."""
_ORDER = (
    "rename-layer",
    "attributes",
    "bypass",
    "delete-layer",
    "add-output",
    "remove-output",
    "cut-out",
    "rename-tensor",
    "input-shapes",
    "batch",
    "dimension",
    "opset",
    "metadata",
)
"""Of the entries in menus: what is wanted most comes first; kinds that are not named come last."""


class EditDesk(QObject):
    """Connects the session's edits with the window."""

    def __init__(self, window: QWidget, session: Session, canvas: GraphCanvas) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self.chip = EditChip(canvas, session)
        self.chip.save_wanted.connect(self.show_save)
        self._menus: dict[str, QMenu] = {}
        canvas.add_menu_section(self.section)
        for name, keys in _KEYS.items():
            shortcut = QShortcut(QKeySequence(keys), canvas)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._start_kind, name))

    def section(self, layer: LayerId | None) -> Sequence[QAction]:
        """Entries for the context menu of a layer, or of the whole model."""
        model = self._session.model
        if model is None:
            return ()
        if model.graph.format != _EDITABLE:
            return self._refusal("Edit: convert the model to ONNX first")
        if self._session.edits.is_busy:
            return self._refusal("Edit: an edit is being made")
        menu = self._fresh_menu("layer" if layer is not None else "model")
        for offer in self.offers(layer):
            self._add(menu, offer, layer)
        return menu.actions() if layer is not None else (menu.menuAction(),)

    def fill(self, menu: QMenu) -> None:
        """The same for the selected layer, and for the model, in a menu of the window."""
        menu.clear()
        selected = self._session.editor.selected
        if self._session.model is None:
            menu.addAction("Open a model first").setEnabled(False)
            return
        if selected is not None:
            menu.addSection(selected.name.replace("&", "&&"))
            menu.addActions(list(self.section(selected.id)))
            menu.addSeparator()
        menu.addActions(list(self.section(None)))

    def offers(self, layer: LayerId | None) -> "list[Offer]":
        """Every edit that can be made here, in the menu's order."""
        from core.edit.kinds import edit_kinds

        model = self._session.model
        assert model is not None
        known = model.graph.by_id.get(layer) if layer is not None else None
        kinds = sorted(edit_kinds(), key=lambda kind: _place(kind.name))
        return [offer for kind in kinds for offer in kind.offers(model.graph, known)]

    def start(self, offer: "Offer", layer: LayerId | None) -> None:
        """Ask what the edit needs to know, or make it at once where it needs nothing."""
        from gui.edit.edit_sheet import EditSheet

        edits, subject = self._session.edits, self._subject(layer)

        def ask(failed: Failed | None) -> None:
            sheet = EditSheet(offer, edits, subject, self._window)
            sheet.open()
            if failed is not None:
                sheet.refuse(failed)

        if offer.parameters:
            ask(None)
        else:
            edits.make(offer.make({}), lambda: None, ask)

    def _start_kind(self, name: str) -> None:
        """A key was pressed: the first edit of this kind for the selected layer."""
        from core.edit.kinds import edit_kinds

        model, selected = self._session.model, self._session.editor.selected
        if model is None or selected is None or self._session.edits.is_busy:
            return
        if model.graph.format == _EDITABLE:
            for offer in edit_kinds()[name].offers(model.graph, selected)[:1]:
                self.start(offer, selected.id)

    def set_sizes(self) -> None:
        """Ask for the sizes of the model's inputs."""
        from core.edit.kinds import edit_kinds

        model = self._session.model
        if model is not None and model.graph.format == _EDITABLE:
            for offer in edit_kinds()[_SIZES].offers(model.graph, None):
                self.start(offer, None)

    def show_save(self) -> None:
        """Ask where to save the model."""
        from gui.edit.save_sheet import SaveSheet

        if self._session.model is None:
            return
        sheet = SaveSheet(self._session, self._window)
        sheet.saved.connect(self._open)
        sheet.open()

    def _open(self, path: Path) -> None:
        self._session.open(path)

    def _subject(self, layer: LayerId | None) -> str:
        model = self._session.model
        assert model is not None
        if layer is None:
            return f"The model “{model.title}”"
        found = model.graph.by_id[layer]
        return f"{found.operator} “{found.name}”"

    def _fresh_menu(self, subject: str) -> QMenu:
        """A menu that keeps its entries alive until the next one for such a subject."""
        if (earlier := self._menus.get(subject)) is not None:
            earlier.deleteLater()
        menu = self._menus[subject] = QMenu(_MENU, self._window)
        menu.setToolTipsVisible(True)
        return menu

    def _refusal(self, text: str) -> Sequence[QAction]:
        menu = self._fresh_menu("refusal")
        menu.addAction(text).setEnabled(False)
        return menu.actions()

    def _add(self, menu: QMenu, offer: "Offer", layer: LayerId | None) -> None:
        action = menu.addAction(offer.label)
        action.setToolTip(offer.about)
        action.triggered.connect(lambda: self.start(offer, layer))


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
