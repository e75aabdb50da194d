"""Accuracy doctor: which layers lose a compressed model's accuracy, why, and what mends them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.doctors.base import Diagnosis, Doctor, Finding, Patient, Remedy, Table
from core.doctors.figures.clipping import HeldRange, held_ranges
from core.doctors.figures.cures import (
    TriedCure,
    int8_options,
    loss_of,
    preparations,
    scan_steps,
    try_cures,
)
from core.doctors.figures.layer_figures import dead_channels, facts_of, weight_channels
from core.doctors.figures.seen import layer_words
from core.doctors.figures.trying import Answers, Trial
from core.errors import UserError
from core.model.graph import LayerId
from core.plan.plan import CompressionPlan, Step
from core.search.sensitivity import SensitivityReport, keep
from core.techniques import techniques
from core.techniques.editing import ModelEdit

WORST = 5
"""Layers that are looked at closely."""
_SHARE = 0.02
"""Share of the whole loss under which a layer is not looked at."""
_HELPS = 0.2
"""Share of its loss that a cure must take from a layer to be offered."""
_MENDS = 0.8
"""Share from which on a cure is preferred to keeping the layer in FP32, which costs speed."""
_TOLERATED = 0.02
"""Share of changed answers that counts as sound."""
_QUIET = 1e-3
"""Noise over signal that counts as sound where there are no classes; 30 dB."""
_PREPARING = ("equalize", "smooth-quant")
_SHOWN = 15

_ASSUMED = (
    "The plan that made the compressed model is not known: layers were looked at as plain INT8 "
    "treats them."
)


@dataclass(frozen=True)
class _Case:
    """What is known when findings are put together."""

    patient: Patient
    trial: Trial
    plan: CompressionPlan
    answers: Answers
    losses: Mapping[LayerId, float]
    """Of each layer treated alone, the worst first."""
    unit: str

    @property
    def total(self) -> float:
        return sum(self.losses.values())

    @property
    def worst(self) -> tuple[LayerId, ...]:
        wanted = (one for one, loss in self.losses.items() if loss > _SHARE * self.total)
        return tuple(wanted)[:WORST]


class AccuracyDoctor(Doctor):
    """Treats each layer alone, looks closely at the worst, and tries cures on them."""

    name: ClassVar[str] = "accuracy"
    label: ClassVar[str] = "Accuracy doctor"
    question: ClassVar[str] = "Which layers lose the accuracy, and what mends them?"
    order: ClassVar[int] = 20
    step: ClassVar[str] = "Finding the layers that lose accuracy"

    def examine(self, patient: Patient) -> Diagnosis:
        plan = patient.request.plan or CompressionPlan(
            name="INT8", steps=(Step(technique="int8", default={}),)
        )
        steps = [step for step in plan.steps if techniques()[step.technique].stores_numbers]
        if not steps:
            return self._says(healthy=True, sentence="The plan leaves every layer as it is.")
        trial = Trial(patient)
        given = patient.request.compressed
        answers = trial.answers(plan) if given is None else trial.answers_of(given)
        report = scan_steps(patient, {str(index): step for index, step in enumerate(steps)})
        losses, unit = _losses(report)
        case = _Case(patient, trial, plan, answers, losses, unit)
        notes = tuple(f"{one.layer}: {one.reason}" for one in report.skipped if not one.refused)
        if given is not None and patient.request.plan is None:
            notes = (*notes, _ASSUMED)
        if _is_sound(answers):
            sentence = f"“{plan.name}” answers like the original: {answers.words}."
            return self._says(healthy=True, sentence=sentence, tables=(_table(case),), notes=notes)
        return self._says(
            healthy=False,
            sentence=_sentence(case),
            findings=tuple(_findings(case)),
            tables=(_table(case),),
            notes=notes,
        )

    def _says(self, **said: object) -> Diagnosis:
        return Diagnosis.model_validate({"doctor": self.name, "label": self.label, **said})


def _is_sound(answers: Answers) -> bool:
    if answers.changed is None:
        return answers.loss < _QUIET
    lost = answers.drop.value if answers.drop is not None else 0.0
    return answers.changed <= _TOLERATED and lost <= 1.0


def _losses(report: SensitivityReport) -> tuple[dict[LayerId, float], str]:
    """The loss of every layer alone, the worst first, and what it is."""
    unit = "nats" if all(one.kl is not None for one in report.entries) else "of the signal"
    found = [(one.layer, loss_of(one)) for one in report.entries]
    return dict(sorted(found, key=lambda pair: -pair[1])), unit


def _sentence(case: _Case) -> str:
    share = sum(case.losses[layer] for layer in case.worst) / case.total if case.total else 0.0
    return (
        f"“{case.plan.name}”, measured on {case.trial.count} images: {case.answers.words}. "
        f"{layer_words(case.worst)} {'make' if len(case.worst) > 1 else 'makes'} "
        f"{100 * share:.0f} % of what the layers lose one by one."
    )


def _findings(case: _Case) -> Iterator[Finding]:
    """First what mends the whole model, then layer by layer."""
    tried = try_cures(case.patient, case.plan, {one: case.losses[one] for one in case.worst})
    whole = _whole(case, tried)
    if whole:
        yield Finding(title="What mends the whole model", remedies=tuple(whole))
    graph, edit = case.patient.setting.graph, ModelEdit.open(case.patient.setting.original)
    outputs = [name for layer in case.worst for name in graph.by_id[layer].outputs]
    dead = dead_channels(case.patient.setting.original, outputs, case.trial.feeds)
    held = _held(case)
    for layer in case.worst:
        loss = case.losses[layer]
        yield Finding(
            title=f"“{layer}” loses {loss:.3g} {case.unit} when it alone is compressed",
            layer=layer,
            facts=facts_of(
                graph.by_id[layer],
                int8_options(case.plan, layer) or {},
                weight_channels(edit, layer),
                held,
                dead,
            ),
            remedies=tuple(_own(case, layer, tried.get(layer, []))),
        )


def _held(case: _Case) -> Mapping[str, HeldRange]:
    trial = case.trial
    file = trial.made(case.plan)
    return held_ranges(file, trial.feeds, trial.count, case.patient.context.progress)


def _own(case: _Case, layer: LayerId, tried: Sequence[TriedCure]) -> Iterator[Remedy]:
    """Remedies for one layer."""
    loss = case.losses[layer]
    helpful = [one for one in tried if one.saved >= _HELPS]
    keeping = Remedy(
        label=f"Keep “{layer}” in FP32",
        effect=f"its loss of {loss:.3g} {case.unit} goes away; the layer gets no faster",
        basis="measured",
        plan=_named(keep(case.plan, [layer]), f"{case.plan.name}, {layer} kept"),
    )
    if not helpful or helpful[0].saved < _MENDS:
        yield keeping
    for one in helpful:
        yield Remedy(
            label=one.cure.label.format(f"“{layer}”"),
            effect=f"its loss, treated alone, falls from {one.before:.3g} to {one.after:.3g} "
            f"{case.unit}",
            basis="measured",
            plan=_named(
                case.plan.with_choice(layer, "int8", one.options),
                f"{case.plan.name}, {one.cure.id} at {layer}",
            ),
        )
    if helpful and helpful[0].saved >= _MENDS:
        yield keeping


def _whole(case: _Case, tried: Mapping[LayerId, Sequence[TriedCure]]) -> list[Remedy]:
    """Plans for the whole model, made and measured; those that help, the best first."""
    plans = {
        f"{techniques()[name].label} first": plan
        for name, plan in preparations(case.plan, _PREPARING).items()
    }
    mixed, cured = _mixed(case, tried)
    if cured:
        each = " each" if len(case.worst) > 1 else ""
        plans[f"Treat {layer_words(case.worst)}{each} in the best way"] = mixed
    kept = _named(keep(case.plan, case.worst), f"{case.plan.name}, {len(case.worst)} kept")
    plans[f"Keep {layer_words(case.worst)} in FP32"] = kept
    found: list[tuple[float, Remedy]] = []
    for label, plan in plans.items():
        try:
            answers = case.trial.answers(plan)
        except UserError:
            continue  # a remedy that cannot be made is none
        if answers.loss < (1 - _HELPS) * case.answers.loss:
            effect = f"{answers.words}, instead of {case.answers.words}"
            remedy = Remedy(label=label, effect=effect, basis="measured", plan=plan)
            found.append((answers.loss, remedy))
    return [remedy for _, remedy in sorted(found, key=lambda pair: pair[0])]


def _mixed(
    case: _Case, tried: Mapping[LayerId, Sequence[TriedCure]]
) -> tuple[CompressionPlan, bool]:
    """The best cure for each of the worst layers; those that none mends are kept."""
    plan, cured = case.plan, False
    for layer in case.worst:
        best = next(iter(tried.get(layer, [])), None)
        if best is not None and best.saved >= _MENDS:
            plan, cured = plan.with_choice(layer, "int8", best.options), True
        else:
            plan = keep(plan, [layer])
    return _named(plan, f"{case.plan.name}, mended"), cured


def _named(plan: CompressionPlan, name: str) -> CompressionPlan:
    return plan.model_copy(update={"name": name})


def _table(case: _Case) -> Table:
    rows = [
        (
            str(layer),
            f"{loss:.3g}",
            f"{100 * loss / case.total:.1f} %" if case.total else "–",
            techniques()[choice[0]].short if (choice := case.plan.choice(layer)) else "–",
        )
        for layer, loss in [*case.losses.items()][:_SHOWN]
    ]
    return Table(
        title=f"Layers treated alone, the worst first, measured on {case.trial.count} images",
        header=("Layer", f"Loss, {case.unit}", "Share", "In"),
        rows=tuple(rows),
    )
