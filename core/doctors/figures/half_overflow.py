"""What FP16 cannot hold of a model's activations and weights."""

from collections.abc import Iterator, Sequence

from core.doctors.base import Finding
from core.doctors.figures.seen import FP16, Seen, range_words, remedies
from core.doctors.figures.weight_figures import WeightFigures
from core.model.graph import LayerId
from core.model.half_floats import LARGEST
from core.techniques import techniques

_MUCH_VANISHED = 0.5
"""Share of a weight's values that FP16 rounds to 0 from which on it is told."""


def halves(seen: Seen) -> Iterator[Finding]:
    """What FP16 cannot hold, where the plan uses FP16."""
    graph = seen.patient.setting.graph
    beyond = {
        name: figures for name, figures in seen.original.figures.items() if figures.beyond_half
    }
    makers = {graph.producers[name]: name for name in beyond if name in graph.producers}
    heavy = {weight.layer: weight for weight in seen.weights if weight.beyond_half}
    affected = [layer for layer in seen.around(tuple(beyond)) if _in_half(seen, layer)]
    if affected and (first := seen.first(tuple(makers))) is not None:
        tensor = makers[first]
        others = len(makers) - 1
        facts = [
            range_words(tensor, beyond[tensor]),
            f"FP16 ends at {LARGEST:g}; {beyond[tensor].beyond_half} of {beyond[tensor].values} "
            "values lie beyond and become infinite.",
        ]
        if others:
            facts.append(f"{others} later layer{'s' if others > 1 else ''} overflow as well.")
        yield Finding(
            title=f"“{first}” overflows in FP16",
            layer=first,
            tensor=tensor,
            facts=tuple(facts),
            remedies=tuple(remedies(seen, affected)),
        )
    elif beyond:
        seen.notes.append(
            f"In FP16 {len(beyond)} tensors would overflow, first {next(iter(beyond))}; the plan "
            "keeps the layers around them in another precision."
        )
    seen.notes.extend(_weight_notes(seen, tuple(heavy.values())))


def _in_half(seen: Seen, layer: LayerId) -> bool:
    choice = seen.plan.choice(layer)
    graph = seen.patient.setting.graph
    return (
        choice is not None
        and choice[0] == FP16
        and techniques()[FP16].refusal(graph.by_id[layer], graph) is None
    )


def _weight_notes(seen: Seen, heavy: Sequence[WeightFigures]) -> Iterator[str]:
    for weight in heavy:
        if _in_half(seen, weight.layer):
            yield (
                f"{weight.name} of “{weight.layer}” reaches {weight.largest:.4g}, beyond FP16: the "
                "technique FP16 leaves that layer in FP32 by itself."
            )
    for weight in seen.weights:
        lost = weight.vanished / max(weight.values, 1)
        if lost > _MUCH_VANISHED and _in_half(seen, weight.layer):
            yield (
                f"{100 * lost:.0f} % of {weight.name} of “{weight.layer}” are so small that FP16 "
                "rounds them to 0."
            )
