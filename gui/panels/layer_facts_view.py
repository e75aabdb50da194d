"""What a layer is: figures, what goes in and comes out, attributes, its operator in words."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.model.graph import Layer, ModelGraph
from core.model.layer_facts import attributes_of, inputs_of, operator_of_layer, outputs_of
from core.model.operator_docs import Operator
from core.runtimes.base import ExecutedLayer
from gui import theme
from gui.panels.attribute_list import AttributeList
from gui.panels.port_list import PortList
from gui.panels.section import Section
from gui.panels.text import Facts, Text
from gui.wording import (
    brief_shape_words,
    count_words,
    milliseconds_words,
    shape_words,
    share_words,
    size_words,
)


class LayerFactsView(QWidget):
    """Everything that is known of one layer without compressing it."""

    layer_wanted = Signal(str)
    """LayerId of a neighbour to go to."""
    weight_wanted = Signal(str)
    """Name of a stored tensor to look at."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.figures = Facts()
        self.inputs, self.outputs = PortList("←"), PortList("→")
        self.attributes = AttributeList()
        self.about = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sections = {
            "Inputs": Section("Inputs", self.inputs),
            "Outputs": Section("Outputs", self.outputs),
            "Attributes": Section("Attributes", self.attributes),
            "Operator": Section("Operator", self.about, opened=False),
        }
        column.addWidget(self.figures)
        for section in self.sections.values():
            column.addWidget(section)
        for ports in (self.inputs, self.outputs):
            ports.layer_wanted.connect(self.layer_wanted)
            ports.weight_wanted.connect(self.weight_wanted)

    def show_layer(
        self, layer: Layer, graph: ModelGraph, operations: int, ran: ExecutedLayer | None
    ) -> None:
        """`operations` are those of the whole model; `ran` is what the candidate ran it in."""
        operator = operator_of_layer(layer, graph)
        self._show_figures(layer, operations)
        if ran is not None:
            self._show_executed(ran)
        self._show_ports(layer, graph, operator)
        self._show_attributes(layer, operator)
        self._show_operator(layer, operator)

    def _show_figures(self, layer: Layer, operations: int) -> None:
        figures = self.figures
        figures.clear()
        output, whole = (
            f"{words_of(layer.output_shape)} {layer.output_dtype}".strip()
            for words_of in (brief_shape_words, shape_words)
        )
        figures.add("Output", output, tip=whole if whole != output else "")
        if layer.weight_bytes:
            count = f"{count_words(layer.parameters)} · " if layer.parameters else ""
            figures.add("Weights", count + size_words(layer.weight_bytes))
        if layer.operations is not None:
            share = share_words(layer.operations, operations)
            figures.add(
                "Operations",
                count_words(layer.operations, "FLOP") + (f" ({share})" if share else ""),
            )

    def _show_executed(self, ran: ExecutedLayer) -> None:
        if ran.milliseconds is not None:
            fused = len(ran.layers)
            together = f", {fused} layers together" if fused > 1 else ""
            words = milliseconds_words(ran.milliseconds) + together
            self.figures.add("Latency", words, "measured", "good")
        kernel = ran.kernel or ran.kind
        self.figures.add("Ran in", " · ".join(filter(None, (ran.precision, kernel))))

    def _show_ports(self, layer: Layer, graph: ModelGraph, operator: Operator | None) -> None:
        inputs = inputs_of(layer, graph, operator)
        outputs = outputs_of(layer, graph, operator)
        for title, view, ports in (
            ("Inputs", self.inputs, inputs),
            ("Outputs", self.outputs, outputs),
        ):
            self.sections[title].setVisible(bool(ports))
            self.sections[title].set_note(str(len(ports)) if len(ports) > 1 else "")
            view.show_ports(ports, graph)

    def _show_attributes(self, layer: Layer, operator: Operator | None) -> None:
        facts = attributes_of(layer, operator)
        section = self.sections["Attributes"]
        section.setVisible(bool(facts))
        given = sum(fact.given for fact in facts)
        section.set_note(f"{given} given" if given < len(facts) else str(given))
        self.attributes.show_attributes(facts)

    def _show_operator(self, layer: Layer, operator: Operator | None) -> None:
        section = self.sections["Operator"]
        section.setVisible(operator is not None or bool(layer.domain))
        if operator is None:
            section.set_note(layer.domain)
            self.about.setText("It belongs to no domain that Edgewright knows.")
            return
        outdated = ", outdated" if operator.deprecated else ""
        section.set_note(f"{operator.name}, {operator.domain} since {operator.since}{outdated}")
        self.about.setText(operator.text or "Its definition says nothing about it.")
