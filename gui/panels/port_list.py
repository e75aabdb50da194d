"""What goes into a layer and comes out of it, each with links to where it comes from or goes."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.model.graph import LayerId, ModelGraph, Weight
from core.model.layer_facts import Port
from gui import theme
from gui.panels.links import Link
from gui.panels.text import Text, plain_tip
from gui.wording import brief_shape_words, shape_words, size_words

_NAME_WIDTH = 74
_MOST_LINKS = 4
_MOST_PORTS = 12


class PortList(QWidget):
    """One block per port: its formal name, what it is, and who is on the other side."""

    layer_wanted = Signal(str)
    """LayerId of a neighbour to go to."""
    weight_wanted = Signal(str)
    """Name of a stored tensor to look at."""

    def __init__(self, arrow: str) -> None:
        """`arrow` stands before a neighbour: where the tensor comes from or goes to."""
        super().__init__()
        self._arrow = arrow
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(5)
        self._shown: tuple[Sequence[Port], ModelGraph] | None = None
        self._links: list[Link] = []

    def show_ports(self, ports: Sequence[Port], graph: ModelGraph, most: int = _MOST_PORTS) -> None:
        self._shown = ports, graph
        self._clear()
        for port in ports[:most]:
            self._add(port, graph)
        if len(ports) > most:
            self._column.addWidget(self._link(Link(f"Show all {len(ports):,}"), self._show_all))

    @property
    def links(self) -> tuple[Link, ...]:
        """What can be pressed, from top to bottom."""
        return tuple(self._links)

    def _show_all(self) -> None:
        if self._shown is not None:
            ports, graph = self._shown
            self.show_ports(ports, graph, most=len(ports))

    def _link(self, link: Link, act: Callable[[], None]) -> Link:
        link.clicked.connect(lambda _: act())
        self._links.append(link)
        return link

    def _clear(self) -> None:
        self._links = []
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, port: Port, graph: ModelGraph) -> None:
        block = QWidget()
        row = QHBoxLayout(block)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        name = Text(port.name or "–", size=theme.SMALL, tone="dim", overflow="cut")
        name.setFixedWidth(_NAME_WIDTH)
        name.setToolTip(plain_tip(port.text))
        lines = QVBoxLayout()
        lines.setSpacing(0)
        for widget in self._lines(port, graph):
            lines.addWidget(widget)
        row.addWidget(name)
        row.addLayout(lines, 1)
        row.setAlignment(name, Qt.AlignmentFlag.AlignTop)
        self._column.addWidget(block)

    def _lines(self, port: Port, graph: ModelGraph) -> list[QWidget]:
        if port.tensor is None:
            return [line for weight in port.weights for line in self._weight_lines(weight)]
        words, whole = (
            f"{words_of(port.tensor.shape)} {port.tensor.dtype}"
            for words_of in (brief_shape_words, shape_words)
        )
        shape = Text(words, size=theme.SMALL, tone="dim", overflow="cut")
        shape.setToolTip(plain_tip(whole))
        lines: list[QWidget] = [
            Text(port.tensor.name, size=theme.SMALL, overflow="cut"),
            shape,
        ]
        lines += [self._layer_link(each, graph) for each in port.layers[:_MOST_LINKS]]
        if (left := port.layer_count - _MOST_LINKS) > 0:
            lines.append(Text(f"and {left:,} more", size=theme.SMALL, tone="faint"))
        if port.outside:
            of = "input" if self._arrow == "←" else "output"
            lines.append(Text(f"{of} of the model", size=theme.SMALL, tone="faint"))
        return lines

    def _layer_link(self, layer: LayerId, graph: ModelGraph) -> Link:
        found = graph.layers[graph.index_of[layer]]
        scope = " › ".join((*found.scope, found.name))
        link = Link(f"{found.name} · {found.operator}", f"Go to {scope}", f"{self._arrow} ")
        return self._link(link, lambda: self.layer_wanted.emit(layer))

    def _weight_lines(self, weight: Weight) -> list[QWidget]:
        link = Link(weight.name, "Look at its numbers")
        self._link(link, lambda: self.weight_wanted.emit(weight.name))
        words = f"{shape_words(weight.shape)} {weight.dtype} · {size_words(weight.bytes)}"
        return [link, Text(words, size=theme.SMALL, tone="dim", overflow="cut")]
