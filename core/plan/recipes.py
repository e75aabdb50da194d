"""The simple choices: plans without layer names, which a race tries on any model."""

from dataclasses import dataclass
from functools import cache

from core.plan.plan import CompressionPlan, Step
from core.techniques import techniques

KEEP = "keep"
"""Id of the recipe that changes nothing."""


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
                CompressionPlan(
                    name=variant.label,
                    steps=(Step(technique=technique.name, default=dict(variant.options)),),
                ),
                technique.needs_calibration,
            )
            for technique in techniques()
            for variant in technique.variants
        ),
    )
