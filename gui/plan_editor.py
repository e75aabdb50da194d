"""The plan as it is edited: choices for layers, undo and redo, problems, predicted size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from typing_extensions import override

from core.model.columns import Ints
from core.model.graph import Layer, LayerId, ModelGraph
from core.parameters import Value, defaults
from core.plan.checks import Problem, check_plan
from core.plan.plan import CompressionPlan, Step
from core.plan.size import predicted_bytes
from core.techniques import techniques
from core.techniques.base import Technique
from gui.jobs import Errand

KEEP = "keep"
"""The choice that leaves a layer as it is."""


@dataclass(frozen=True)
class Chosen:
    """What applies to a layer: KEEP, a technique's name, or nothing common."""

    value: str
    options: Mapping[str, Value] = field(default_factory=dict[str, Value])
    note: str = ""


@dataclass(frozen=True)
class Outlook:
    """What can be said of a plan before it is measured."""

    problems: tuple[Problem, ...] = ()
    predicted_bytes: int | None = None
    counts: tuple[tuple[str, int], ...] = ()
    """Choice in words to number of layers."""
    choices: Mapping[LayerId, str] = field(default_factory=dict[LayerId, str])
    """Technique that really treats each layer; kept layers are missing."""


class PlanEditor(QObject):
    """Holds the plan and its history. Every change is a command on `undo_stack`."""

    changed = Signal()
    """The plan is another one, or another one is measured."""
    edited = Signal()
    """A person changed the plan, or took a change back."""
    outlook_changed = Signal()
    selected_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.undo_stack = QUndoStack(self)
        self.graph: ModelGraph | None = None
        self.plan = CompressionPlan()
        self.measured = CompressionPlan()
        """The plan that the figures on screen belong to."""
        self.outlook = Outlook()
        self.selected: Layer | None = None
        self._surroundings: tuple[bool, tuple[str, ...] | None] = (False, None)
        self._newest: object = None
        self._refusals: dict[tuple[str, LayerId], str | None] = {}

    def begin(self, graph: ModelGraph | None, plan: CompressionPlan) -> None:
        """Edit another model's plan; the history starts anew."""
        self.graph, self.plan, self.measured = graph, plan, plan
        self.selected = None
        self.outlook = Outlook()
        self._refusals = {}
        self.undo_stack.clear()
        self.selected_changed.emit()
        self._announce()

    def follow(self, graph: ModelGraph) -> None:
        """The model was edited: plan, history and selection go on with what it is now."""
        selected = self.selected
        self.graph = graph
        self._refusals = {}
        self.selected = graph.by_id.get(selected.id) if selected else None
        self.selected_changed.emit()
        self._announce()

    def set_surroundings(self, *, has_images: bool, runtimes: Sequence[str] | None) -> None:
        """What the checks need to know besides model and plan."""
        self._surroundings = (has_images, tuple(runtimes) if runtimes is not None else None)
        self._look_ahead()

    def settle(self, plan: CompressionPlan) -> None:
        """The figures on screen now belong to `plan`."""
        self.measured = plan
        self.changed.emit()

    @property
    def is_edited(self) -> bool:
        """Whether the plan does something that has not been measured."""
        return bool(self.plan.steps) and self.plan.steps != self.measured.steps

    def select(self, layer_id: str | None) -> None:
        layer = self.graph.by_id.get(LayerId(layer_id)) if self.graph and layer_id else None
        if layer is not self.selected:
            self.selected = layer
            self.selected_changed.emit()

    # choices

    def choose(self, technique: str | None) -> None:
        """Treat the selected layer, or all layers while none is selected."""
        options = self._usual_options(technique) if technique else {}
        words = technique_words(technique)
        if self.selected is not None:
            plan = self.plan.with_choice(self.selected.id, technique, options)
            self._push(f"{words} for {self.selected.name}", plan)
        else:
            steps = (Step(technique=technique, default=dict(options)),) if technique else ()
            self._push(f"{words} for all layers", self.plan.model_copy(update={"steps": steps}))

    def set_option(self, name: str, value: Value) -> None:
        chosen = self.choice_of(self.selected)
        options = {**chosen.options, name: value}
        technique = techniques()[chosen.value]
        label = next((p.label for p in technique.parameters if p.name == name), name)
        if self.selected is not None:
            plan = self.plan.with_choice(self.selected.id, chosen.value, options)
        else:
            steps = tuple(
                step.model_copy(update={"default": options})
                if step.technique == chosen.value
                else step
                for step in self.plan.steps
            )
            plan = self.plan.model_copy(update={"steps": steps})
        self._push(f"{label}", plan)

    def apply_to_alike(self) -> None:
        """Give every layer with the selected one's operator the same choice."""
        if self.selected is None:
            return
        chosen = self.choice_of(self.selected)
        technique = None if chosen.value == KEEP else chosen.value
        plan = self.plan
        for layer in self.alike(self.selected):
            plan = plan.with_choice(layer.id, technique, chosen.options)
        operator = self.selected.operator
        self._push(f"{technique_words(technique)} for all {operator} layers", plan)

    def use(self, plan: CompressionPlan, words: str) -> None:
        self._push(words, plan)

    def alike(self, layer: Layer) -> tuple[Layer, ...]:
        """All layers with the same operator."""
        if self.graph is None:
            return ()
        layers = self.graph.layers
        return tuple(layers[place] for place in self._places_alike(layer).tolist())

    def alike_count(self, layer: Layer) -> int:
        """How many they are, without making them."""
        return 0 if self.graph is None else len(self._places_alike(layer))

    def _places_alike(self, layer: Layer) -> Ints:
        assert self.graph is not None
        operators = self.graph.columns.operators
        return np.flatnonzero(operators == operators[self.graph.index_of[layer.id]])

    def choice_of(self, layer: Layer | None) -> Chosen:
        """What the plan does to a layer; for None: to all that have no choice of their own."""
        if layer is None:
            return self._general_choice()
        choice = self.plan.choice(layer.id)
        if choice is None:
            return Chosen(KEEP)
        name, options = choice
        if name not in techniques():
            return Chosen("", note=f"The plan asks for “{name}”, which this version does not know.")
        if (refusal := self.refusal(name, layer)) is not None:
            return Chosen(KEEP, note=refusal)
        return Chosen(name, {**defaults(techniques()[name].parameters), **options})

    def _general_choice(self) -> Chosen:
        steps = self.plan.steps
        general = [step for step in steps if step.default is not None]
        own = {layer for step in steps for layer in step.layers}
        note = f"{len(own):,} layer{'s have' if len(own) > 1 else ' has'} a choice of their own."
        if len(general) > 1:
            return Chosen("", note="Several steps apply one after the other.")
        if not general:
            return Chosen(KEEP, note=note if own else "")
        step = general[0]
        technique = techniques()[step.technique]
        options = {**defaults(technique.parameters), **(step.default or {})}
        return Chosen(step.technique, options, note if own else "")

    def technique_choices(self) -> list[tuple[Technique, str | None]]:
        """Every technique, and why it cannot treat the selected layer."""
        layer = self.selected
        return [
            (each, None if layer is None else self.refusal(each.name, layer))
            for each in techniques()
        ]

    def refusal(self, technique: str, layer: Layer) -> str | None:
        key = (technique, layer.id)
        if key not in self._refusals:
            assert self.graph is not None
            self._refusals[key] = techniques()[technique].refusal(layer, self.graph)
        return self._refusals[key]

    def _usual_options(self, technique: str) -> dict[str, Value]:
        step = self.plan.step(technique)
        return {**defaults(techniques()[technique].parameters), **((step and step.default) or {})}

    # history and outlook

    def _push(self, words: str, plan: CompressionPlan) -> None:
        if plan != self.plan:
            self.undo_stack.push(_Change(self, words, self.plan, plan))

    def put(self, plan: CompressionPlan) -> None:
        """For commands only: everything else goes through the history."""
        self.plan = plan
        self.edited.emit()
        self._announce()

    def _announce(self) -> None:
        self.changed.emit()
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Check the plan on another thread: a large model has many layers."""
        if self.graph is None:
            return
        graph, plan = self.graph, self.plan
        has_images, runtimes = self._surroundings
        errand = Errand(lambda: _outlook(plan, graph, has_images, runtimes))
        self._newest = errand
        errand.done.connect(lambda outlook: self._take(errand, outlook))
        errand.start()

    def _take(self, errand: object, outlook: Outlook) -> None:
        if errand is self._newest:
            self.outlook = outlook
            self.outlook_changed.emit()


class _Change(QUndoCommand):
    def __init__(
        self, editor: PlanEditor, words: str, before: CompressionPlan, after: CompressionPlan
    ) -> None:
        super().__init__(words)
        self._editor, self._before, self._after = editor, before, after

    @override
    def redo(self) -> None:
        self._editor.put(self._after)

    @override
    def undo(self) -> None:
        self._editor.put(self._before)


def technique_words(technique: str | None) -> str:
    if technique is None:
        return "Keep"
    return techniques()[technique].short if technique in techniques() else technique


def _outlook(
    plan: CompressionPlan,
    graph: ModelGraph,
    has_images: bool,
    runtimes: tuple[str, ...] | None,
) -> Outlook:
    choices: dict[LayerId, str] = {}
    for layer in graph.layers if plan.steps else ():
        choice = plan.choice(layer.id)
        if choice and choice[0] in techniques():
            name = choice[0]
            if techniques()[name].refusal(layer, graph) is None:
                choices[layer.id] = name
    treated = list(choices.values())
    counts = [(technique_words(name), treated.count(name)) for name in dict.fromkeys(treated)]
    counts.append(("Kept", len(graph.layers) - len(treated)))
    problems = check_plan(plan, graph, has_calibration=has_images, runtimes=runtimes)
    return Outlook(problems, predicted_bytes(plan, graph), tuple(counts), choices)
