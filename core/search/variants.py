"""Other ways to find a plan's numbers: calibration, correction of biases, preparations for INT8."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.parameters import Choice, Toggle, Value
from core.plan.plan import CompressionPlan, Step
from core.plan.resolve import full_options
from core.search.layer_map import MapEntry, MapOption, ModelMap
from core.search.map_options import CALIBRATION
from core.techniques import techniques
from core.techniques.base import Technique


@dataclass(frozen=True)
class NumbersVariant:
    """One change to a calibrated technique that moves numbers but no kernel."""

    technique: str
    """The one that is calibrated."""
    words: str
    options: Mapping[str, Value] = field(default_factory=dict[str, Value])
    prepare: str | None = None
    """A technique that treats the whole model first."""

    def applied(self, plan: CompressionPlan) -> CompressionPlan:
        return plan.model_copy(
            update={"name": f"{plan.name}, {self.words}", "steps": self._steps(plan.steps)}
        )

    def applied_to_map(self, map: ModelMap, factor: float) -> ModelMap:
        """The map whose options are changed likewise, and lose `factor` times as much."""
        options = {
            option.id: option.model_copy(update={"steps": self._steps(option.steps)})
            if self._concerns(option)
            else option
            for option in map.options.values()
        }
        entries = tuple(
            _losing(entry, factor) if self._concerns(map.options[entry.option]) else entry
            for entry in map.entries
        )
        return map.changed(options=options, entries=entries)

    def _concerns(self, option: MapOption) -> bool:
        return any(step.technique == self.technique for step in option.steps)

    def _steps(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        first = () if self.prepare is None else (Step(technique=self.prepare, default={}),)
        return (*first, *(self._step(step) for step in steps))

    def _step(self, step: Step) -> Step:
        if step.technique != self.technique:
            return step
        default = None if step.default is None else {**step.default, **self.options}
        layers = {
            layer: None if options is None else {**options, **self.options}
            for layer, options in step.layers.items()
        }
        return step.model_copy(update={"default": default, "layers": layers})


def variants_of(plan: CompressionPlan) -> Iterator[NumbersVariant]:
    """Every way to find a plan's numbers that differs from the plan in one thing.

    Other ways to find ranges, corrections that are off, and preparations that are missing, as far
    as the techniques offer them.
    """
    present = {step.technique for step in plan.steps}
    for step in plan.steps:
        technique = techniques()[step.technique]
        if not technique.needs_calibration:
            continue
        yield from _other_settings(technique, step)
        for other in techniques():
            if not other.stores_numbers and other.name not in present:
                words = f"{other.short} first"
                yield NumbersVariant(technique.name, words, prepare=other.name)


def _other_settings(technique: Technique, step: Step) -> Iterator[NumbersVariant]:
    named = [options for options in step.layers.values() if options is not None]
    current = full_options(technique, [step.default or {}, *named][-1 if named else 0])
    for parameter in technique.parameters:
        if parameter.name not in CALIBRATION:
            continue
        if isinstance(parameter, Toggle) and not current[parameter.name]:
            words = parameter.label.lower()
            yield NumbersVariant(technique.name, words, {parameter.name: True})
        if isinstance(parameter, Choice):
            for option in parameter.options:
                if option.value != current[parameter.name]:
                    words = f"ranges: {option.label}"
                    yield NumbersVariant(technique.name, words, {parameter.name: option.value})


def _losing(entry: MapEntry, factor: float) -> MapEntry:
    return entry.model_copy(
        update={
            "kl": None if entry.kl is None else entry.kl * factor,
            "noise": None if entry.noise is None else entry.noise * factor,
        }
    )
