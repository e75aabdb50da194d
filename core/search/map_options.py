"""Which options a map has: every recipe whose time or size differs from that of the others."""

from collections.abc import Iterator

from core.model.graph import LayerId, ModelGraph
from core.plan.plan import Step
from core.plan.recipes import Recipe, recipes_for
from core.plan.resolve import full_options, resolve_plan
from core.search.layer_map import KEEP, Flow, MapOption
from core.techniques import techniques

CALIBRATION = frozenset({"method", "bias_correction"})
"""Options of how numbers are found; the best depends on the model and is found by trying."""
NUMBERS_ONLY = CALIBRATION | {"reduce_range"}
"""Options that change numbers but no kernel: one profile and one scan serve all their settings."""
_SHORT = 16


def map_options(
    graph: ModelGraph, *, has_calibration: bool, halves: bool = False
) -> dict[str, MapOption]:
    """Keep, and what of the recipes is worth measuring on this model, by id.

    `halves` admits 16-bit floats, which are slower wherever the hardware does not compute in them.
    """
    options = {KEEP: MapOption(id=KEEP, label="FP32")}
    seen: set[tuple[object, ...]] = set()
    for recipe in recipes_for(graph):
        if not _chooses_numbers(recipe) or (recipe.needs_calibration and not has_calibration):
            continue
        if techniques()[recipe.plan.steps[-1].technique].weight_bits == _SHORT and not halves:
            continue
        kernels = tuple(kernel_options(step) for step in recipe.plan.steps)
        if kernels not in seen:
            seen.add(kernels)
            options[recipe.id] = _option(recipe, graph)
    return options


def _chooses_numbers(recipe: Recipe) -> bool:
    steps = recipe.plan.steps
    return bool(steps) and techniques()[steps[-1].technique].stores_numbers


def kernel_options(step: Step) -> tuple[object, ...]:
    """The technique with those of its settings that decide which kernels run."""
    full = full_options(techniques()[step.technique], step.default or {})
    return step.technique, *sorted(
        (name, value) for name, value in full.items() if name not in NUMBERS_ONLY
    )


def _option(recipe: Recipe, graph: ModelGraph) -> MapOption:
    last = recipe.plan.steps[-1]
    return MapOption(
        id=recipe.id,
        label=recipe.label,
        steps=recipe.plan.steps,
        flow=_flow(last.technique),
        treats=frozenset(resolve_plan(recipe.plan, graph)[-1]),
    )


def _flow(technique: str) -> Flow:
    """What passes between treated layers: activations are INT8 only where they were calibrated."""
    found = techniques()[technique]
    if found.needs_calibration:
        return "int8"
    return "float16" if found.weight_bits == _SHORT else "float32"


def bytes_by_layer(graph: ModelGraph, option: MapOption) -> Iterator[tuple[LayerId, int]]:
    """Every layer's weights in the file under an option; shared ones count for the first layer."""
    counted: set[str] = set()
    technique = techniques()[option.steps[-1].technique] if option.steps else None
    for layer in graph.layers:
        own = [name for name in layer.weights if name in graph.weights and name not in counted]
        counted.update(own)
        weights = [graph.weights[name] for name in own]
        if technique is None or layer.id not in option.treats:
            yield layer.id, sum(weight.bytes for weight in weights)
        else:
            yield layer.id, sum(technique.weight_bytes_after(weight) for weight in weights)
