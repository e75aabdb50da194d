"""Between plans and the map: which option a plan means for each layer, and a plan from options."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.graph import LayerId
from core.parameters import Value
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.plan.resolve import full_options
from core.search.layer_map import KEEP, MapOption, ModelMap
from core.techniques import techniques


@dataclass(frozen=True)
class Treatment:
    """The map's option for each layer that a plan treats; every other layer is kept."""

    options: Mapping[LayerId, str]
    unknown: tuple[str, ...] = ()
    """Labels of techniques in the plan that the map has no figures for."""
    approximate: bool = False
    """Whether a layer's settings were not measured, and the nearest measured ones stand in."""


@dataclass
class _Reader:
    """Reads the steps of one plan."""

    map: ModelMap
    options: dict[LayerId, str] = field(default_factory=dict[LayerId, str])
    approximate: bool = False

    def read(self, step: Step) -> bool:
        """Enter what a step does; False when the map knows nothing of its technique."""
        known = [
            o for o in self.map.options.values() if o.steps and _technique(o) == step.technique
        ]
        if not known:
            return False
        by_default = frozenset[LayerId]()
        if step.default is not None:
            nearest = self._nearest(known, step.technique, step.default)
            by_default = frozenset[LayerId]().union(*(option.treats for option in known))
            for layer in by_default - step.layers.keys():
                self.options.setdefault(layer, nearest.id)
        for name, values in step.layers.items():
            if values is not None:
                nearest = self._nearest(known, step.technique, values)
                self.options.setdefault(LayerId(name), nearest.id)
        return True

    def _nearest(
        self, known: list[MapOption], technique: str, values: Mapping[str, Value]
    ) -> MapOption:
        wanted = full_options(techniques()[technique], values)

        def differing(option: MapOption) -> int:
            default = option.steps[-1].default or {}
            measured = full_options(techniques()[technique], default)
            return sum(measured[name] != value for name, value in wanted.items())

        best = min(known, key=differing)
        self.approximate |= differing(best) > 0
        return best


def treatment_of(plan: CompressionPlan, map: ModelMap) -> Treatment:
    """Read a plan in the map's terms; takes time in proportion to the layers, no model needed."""
    reader = _Reader(map)
    unknown = [
        techniques()[step.technique].label
        for step in plan.steps
        if not reader.read(step) and techniques()[step.technique].stores_numbers
    ]
    return Treatment(reader.options, tuple(unknown), reader.approximate)


def plan_of(
    options: Mapping[LayerId, str],
    map: ModelMap,
    runtime: RuntimeChoice,
    name: str,
) -> CompressionPlan:
    """The plan that treats each layer by its option; layers that are not named are kept.

    A technique that treats most of what it can becomes its default with exceptions, which reads
    better than a long list.
    """
    used = [option for option in map.options.values() if option.id in set(options.values())]
    steps = {step.technique: step for option in used for step in option.steps[:-1]}
    for technique in dict.fromkeys(_technique(option) for option in used if option.steps):
        steps[technique] = _step_of(technique, options, map)
    return CompressionPlan(name=name, steps=tuple(steps.values()), runtime=runtime)


def _step_of(technique: str, options: Mapping[LayerId, str], map: ModelMap) -> Step:
    own = _options_with(technique, map)
    layers = {
        layer: option
        for option in own
        for layer in sorted(option.treats)
        if options.get(layer, KEEP) == option.id
    }
    main = max(own, key=lambda option: list(layers.values()).count(option))
    rest = {
        str(layer): dict(option.steps[-1].default or {})
        for layer, option in layers.items()
        if option is not main
    }
    default = dict(main.steps[-1].default or {})
    treatable = frozenset[LayerId]().union(*(option.treats for option in own))
    kept = sorted(treatable - layers.keys())
    if len(kept) * 2 < len(treatable):
        return Step(technique=technique, default=default, layers={**dict.fromkeys(kept), **rest})
    named = {str(layer): default for layer, option in layers.items() if option is main}
    return Step(technique=technique, layers={**named, **rest})


def _technique(option: MapOption) -> str:
    """The technique that chooses the number format; others may prepare for it."""
    return option.steps[-1].technique


def _options_with(technique: str, map: ModelMap) -> list[MapOption]:
    return [one for one in map.options.values() if one.steps and _technique(one) == technique]
