"""What the graph's context menu offers about the facts of a layer."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication

from core.model.graph import Layer, LayerId, ModelGraph
from core.model.layer_facts import facts_text
from gui.session import Session
from gui.wording import shape_words

_MOST = 6
"""Weights with an entry of their own; a recurrent or custom layer may have dozens."""


class FactsMenu(QObject):
    """Give `section` to the canvas."""

    weight_wanted = Signal(str)
    """Name of a stored tensor to look at; its layer is selected already."""
    model_facts_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._entries: list[QAction] = []

    def section(self, layer: LayerId | None) -> Sequence[QAction]:
        """Entries for a layer, or for the whole model."""
        for earlier in self._entries:
            earlier.deleteLater()
        self._entries = []
        graph = self._session.model.graph if self._session.model else None
        if graph is None:
            return ()
        if layer is None:
            return (self._action("About the model…", self.model_facts_wanted.emit),)
        return self._about_layer(graph.layers[graph.index_of[layer]], graph)

    def _about_layer(self, layer: Layer, graph: ModelGraph) -> list[QAction]:
        entries = [
            self._action(
                f"Look at {name} ({shape_words(graph.weights[name].shape)})…",
                lambda name=name: self._look(layer, name),
            )
            for name in layer.weights[:_MOST]
            if name in graph.weights
        ]
        return [*entries, self._action("Copy facts", lambda: _copy(layer, graph))]

    def _look(self, layer: Layer, weight: str) -> None:
        self._session.editor.select(layer.id)
        self.weight_wanted.emit(weight)

    def _action(self, words: str, act: Callable[[], object]) -> QAction:
        action = QAction(words.replace("&", "&&"), self)
        action.triggered.connect(lambda _: act())
        self._entries.append(action)
        return action


def _copy(layer: Layer, graph: ModelGraph) -> None:
    QGuiApplication.clipboard().setText(facts_text(layer, graph))
