"""Turns a step into what is really done: each layer that it treats, with complete options."""

from collections.abc import Collection

from core.model.graph import LayerId, ModelGraph
from core.parameters import Value, defaults
from core.plan.plan import CompressionPlan, Options, Step
from core.techniques import techniques
from core.techniques.base import Choices, Technique


def full_options(technique: Technique, options: Options) -> dict[str, Value]:
    """`options` with the technique's defaults for what is missing."""
    return {**defaults(technique.parameters), **options}


def resolve_step(
    step: Step, technique: Technique, graph: ModelGraph, taken: Collection[LayerId] = ()
) -> Choices:
    """The layers that a step treats.

    A default skips layers that the technique refuses, and layers in `taken`, whose number format
    an earlier step has chosen. Layers that were named are always included: `core.plan.checks`
    says what is wrong with them.
    """
    choices: dict[LayerId, dict[str, Value]] = {}
    for layer in graph.layers:
        options = step.options_for(layer.id)
        if options is None:
            continue
        named = layer.id in step.layers
        if named or (layer.id not in taken and technique.refusal(layer, graph) is None):
            choices[layer.id] = full_options(technique, options)
    return choices


def resolve_plan(plan: CompressionPlan, graph: ModelGraph) -> tuple[Choices, ...]:
    """What each step of a plan treats, in order. Raises InputError for an unknown technique."""
    taken: set[LayerId] = set()
    resolved: list[Choices] = []
    for step in plan.steps:
        technique = techniques()[step.technique]
        choices = resolve_step(step, technique, graph, taken if technique.stores_numbers else ())
        if technique.stores_numbers:
            taken |= set(choices)
        resolved.append(choices)
    return tuple(resolved)
