"""What the NaN doctor has seen of one patient, and the remedies that it can offer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.doctors.base import Patient, Remedy
from core.doctors.figures.tensor_walk import TensorFigures, Walk
from core.doctors.figures.trying import Trial
from core.doctors.figures.weight_figures import WeightFigures
from core.errors import UserError
from core.model.graph import LayerId
from core.plan.plan import CompressionPlan, RuntimeChoice
from core.search.sensitivity import keep

FP16 = "fp16"
"""Name of the technique."""
_NAMED = 3
"""Layers that a label names; more are counted."""


@dataclass
class Seen:
    """What was looked at, once for one patient."""

    patient: Patient
    trial: Trial
    plan: CompressionPlan
    original: Walk
    weights: tuple[WeightFigures, ...]
    notes: list[str] = field(default_factory=list[str])

    def first(self, faulty: Sequence[LayerId]) -> LayerId | None:
        """The first of some layers in the order in which the model computes."""
        wanted = set(faulty)
        layers = self.patient.setting.graph.layers
        return next((layer.id for layer in layers if layer.id in wanted), None)

    def around(self, tensors: Sequence[str]) -> tuple[LayerId, ...]:
        """The layers that make or take one of the tensors, and that the plan treats.

        A number that is too large overflows on either side: where it is made, and where a reader
        converts it.
        """
        wanted = set(tensors)
        layers = self.patient.setting.graph.layers
        near = (one.id for one in layers if wanted & {*one.outputs} or wanted & {*one.inputs})
        return tuple(layer for layer in near if self.plan.choice(layer) is not None)


def remedies(seen: Seen, layers: Sequence[LayerId]) -> Iterator[Remedy]:
    """Keep the layers in FP32, tried at once; or compute in bfloat16, which has FP32's range."""
    if layers:
        plan = keep(seen.plan, layers)
        plan = plan.model_copy(update={"name": f"{seen.plan.name}, {len(layers)} kept"})
        yield Remedy(
            label=f"Keep {layer_words(layers)} in FP32",
            effect=_effect(seen, plan),
            basis="measured",
            plan=plan,
        )
    halves = [step for step in seen.plan.steps if step.technique == FP16]
    if halves and (choice := _bfloat16()) is not None:
        steps = tuple(step for step in seen.plan.steps if step.technique != FP16)
        yield Remedy(
            label=f"Compute in BF16 with {choice.runtime} instead of FP16",
            effect="BF16 reaches as far as FP32, with fewer digits; the file stays as large as in "
            "FP32",
            basis="predicted",
            plan=CompressionPlan(name="BF16", steps=steps, runtime=choice),
        )


def _bfloat16() -> RuntimeChoice | None:
    """A runtime that computes in bfloat16 here."""
    from core.runtimes import available_runtimes

    names = (one.name for one in available_runtimes() if "bf16" in one.precisions())
    return next((RuntimeChoice(runtime=name, precision="bf16") for name in names), None)


def _effect(seen: Seen, plan: CompressionPlan) -> str:
    try:
        before, after = seen.trial.answers(seen.plan), seen.trial.answers(plan)
    except UserError as error:
        return f"could not be tried: {error.what} {error.why}"
    return f"{before.words} before; {after.words} after, on {seen.trial.count} images"


def layer_words(layers: Sequence[LayerId]) -> str:
    """“a”, or “a”, “b” and 3 more layers."""
    named = ", ".join(f"“{layer}”" for layer in layers[:_NAMED])
    more = len(layers) - _NAMED
    return f"{named} and {more} more layer{'s' if more > 1 else ''}" if more > 0 else named


def range_words(name: str, figures: TensorFigures) -> str:
    """“a tensor: from −3.1 to 8.2 over 1000 values; 2 values are not finite.”"""
    if figures.low > figures.high:
        return f"{name}: none of {figures.values} values is finite."
    bad = f"; {figures.not_finite} values are not finite" if figures.not_finite else ""
    return (
        f"{name}: from {figures.low:.4g} to {figures.high:.4g} over {figures.values} values{bad}."
    )
