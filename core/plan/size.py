"""Predicts the file size of a compressed model from its graph, at once and without the weights."""

from core.model.graph import ModelGraph
from core.plan.plan import CompressionPlan
from core.plan.resolve import resolve_plan
from core.techniques import techniques


def predicted_bytes(plan: CompressionPlan, graph: ModelGraph) -> int:
    """Bytes of the file that the plan would give; a prediction, off by a few per cent.

    A weight that several layers share counts once, at the size for the layer that compresses it
    most. Raises InputError for an unknown technique.
    """
    if not plan.steps:
        return graph.file_bytes
    smallest = {name: weight.bytes for name, weight in graph.weights.items()}
    for step, choices in zip(plan.steps, resolve_plan(plan, graph), strict=True):
        technique = techniques()[step.technique]
        for layer in choices:
            for name in graph.by_id[layer].weights:
                if name in smallest:
                    after = technique.weight_bytes_after(graph.weights[name])
                    smallest[name] = min(smallest[name], after)
    saved = sum(weight.bytes - smallest[name] for name, weight in graph.weights.items())
    return max(graph.file_bytes - saved, 0)
