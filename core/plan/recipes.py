"""The simple choices: plans without layer names, which a race tries on any model."""

from dataclasses import dataclass
from functools import cache

from core.model.graph import ModelGraph
from core.plan.plan import CompressionPlan, Step
from core.plan.resolve import resolve_plan
from core.techniques import techniques
from core.techniques.base import Technique, Variant

KEEP = "keep"
"""Id of the recipe that changes nothing."""

WORTHWHILE = 0.1
"""A recipe is tried if it treats this share of the model's operations or of its weights."""


@dataclass(frozen=True)
class Recipe:
    """One simple choice. Its plan names neither layers nor a runtime."""

    id: str
    label: str
    plan: CompressionPlan
    needs_calibration: bool


@cache
def recipes() -> tuple[Recipe, ...]:
    """Keep, then what every technique declares, by technique."""
    keep = Recipe(KEEP, "FP32", CompressionPlan(name="FP32"), needs_calibration=False)
    return (
        keep,
        *(
            Recipe(
                variant.id,
                variant.label,
                CompressionPlan(name=variant.label, steps=_steps(technique, variant)),
                technique.needs_calibration,
            )
            for technique in techniques()
            for variant in technique.variants
        ),
    )


def _steps(technique: Technique, variant: Variant) -> tuple[Step, ...]:
    prepare = (Step(technique=name, default={}) for name in variant.after)
    return (*prepare, Step(technique=technique.name, default=dict(variant.options)))


def recipes_for(graph: ModelGraph) -> tuple[Recipe, ...]:
    """Keep, and the recipes that treat enough of a model to make a difference."""
    return tuple(recipe for recipe in recipes() if recipe.id == KEEP or _pays(recipe, graph))


def _pays(recipe: Recipe, graph: ModelGraph) -> bool:
    treated = [
        graph.by_id[layer] for choices in resolve_plan(recipe.plan, graph) for layer in choices
    ]
    operations = sum(layer.operations or 0 for layer in treated)
    stored = sum(layer.weight_bytes for layer in treated)
    whole = sum(layer.weight_bytes for layer in graph.layers)
    return operations > WORTHWHILE * graph.operations or stored > WORTHWHILE * whole
