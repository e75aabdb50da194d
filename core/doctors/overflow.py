"""NaN doctor: the first layer whose numbers overflow, vanish or stop being numbers."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from core.doctors.base import Diagnosis, Doctor, Finding, Patient, Table
from core.doctors.figures.compressed_overflow import compressed_findings
from core.doctors.figures.cures import INT8
from core.doctors.figures.half_overflow import halves
from core.doctors.figures.seen import FP16, Seen, range_words
from core.doctors.figures.tensor_walk import walk
from core.doctors.figures.trying import Trial
from core.doctors.figures.weight_figures import weight_figures
from core.model.half_floats import LARGEST
from core.plan.plan import CompressionPlan, Step
from core.techniques.editing import ModelEdit

_SHOWN = 12


class OverflowDoctor(Doctor):
    """Watches every tensor of the original and of the compressed model on the given inputs."""

    name: ClassVar[str] = "overflow"
    label: ClassVar[str] = "NaN doctor"
    question: ClassVar[str] = "Does a layer overflow in FP16 or INT8?"
    order: ClassVar[int] = 30
    step: ClassVar[str] = "Watching for overflows"

    def examine(self, patient: Patient) -> Diagnosis:
        seen = _look(patient)
        findings = list(_broken_original(seen))
        plans = _plans(patient)
        for plan in plans:
            if not findings:
                seen.plan = plan
                findings = list(halves(seen)) or list(compressed_findings(seen))
        return self._diagnosis(seen, plans, findings)

    def _diagnosis(
        self, seen: Seen, plans: Sequence[CompressionPlan], findings: Sequence[Finding]
    ) -> Diagnosis:
        count = seen.original.inputs
        images = f"{count} image{'' if count == 1 else 's'}"
        held = " and ".join(f"“{plan.name}”" for plan in plans)
        sentence = f"On {images} every number stays finite and within what {held} can hold"
        if findings:
            sentence = f"{findings[0].title}, seen on {images}"
        return Diagnosis(
            doctor=self.name,
            label=self.label,
            healthy=not findings,
            sentence=f"{sentence}.",
            findings=tuple(findings),
            tables=(_table(seen),),
            notes=tuple(seen.notes),
        )


def _plans(patient: Patient) -> tuple[CompressionPlan, ...]:
    """The plan that was given, else FP16 and INT8 over the whole model."""
    if patient.request.plan is not None:
        return (patient.request.plan,)
    known = (("FP16", FP16), ("INT8", INT8))
    return tuple(
        CompressionPlan(name=name, steps=(Step(technique=technique, default={}),))
        for name, technique in known
    )


def _look(patient: Patient) -> Seen:
    """Run the original on the images with every tensor watched."""
    setting, trial = patient.setting, Trial(patient)
    names = [name for layer in setting.graph.layers for name in layer.outputs if name]
    return Seen(
        patient=patient,
        trial=trial,
        plan=_plans(patient)[0],
        original=walk(setting.original, names, trial.feeds, trial.count, patient.context.progress),
        weights=tuple(weight_figures(ModelEdit.open(setting.original), setting.graph)),
    )


def _broken_original(seen: Seen) -> Iterator[Finding]:
    """Numbers that are no numbers before anything was compressed."""
    for weight in seen.weights:
        if weight.not_finite:
            yield Finding(
                title=f"The weights of “{weight.layer}” hold NaN or infinite numbers",
                layer=weight.layer,
                tensor=weight.name,
                facts=(
                    f"{weight.not_finite} of {weight.values} numbers in {weight.name} are not "
                    "finite. The file itself is broken: export the model again.",
                ),
            )
            return
    for name, figures in seen.original.figures.items():
        if figures.not_finite:
            layer = seen.patient.setting.graph.producers.get(name)
            yield Finding(
                title=f"“{layer}” gives NaN or infinite numbers in FP32 already",
                layer=layer,
                tensor=name,
                facts=(
                    range_words(name, figures),
                    "Nothing was compressed yet: look at the preprocessing and at the model.",
                ),
            )
            return


def _table(seen: Seen) -> Table:
    """The tensors that reach farthest."""
    graph = seen.patient.setting.graph
    figures = seen.original.figures
    ranked = sorted(figures, key=lambda name: -figures[name].largest)[:_SHOWN]
    return Table(
        title="The largest activations of the original in FP32, measured",
        header=("Layer", "Tensor", "Smallest", "Largest", "Of what FP16 holds"),
        rows=tuple(
            (
                graph.producers.get(name, ""),
                name,
                f"{figures[name].low:.4g}",
                f"{figures[name].high:.4g}",
                f"{100 * figures[name].largest / LARGEST:.2g} %",
            )
            for name in ranked
        ),
    )
