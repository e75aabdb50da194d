"""Other ways to treat a layer, each tried on that layer alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.doctors.base import Patient
from core.model.graph import LayerId
from core.parameters import Value
from core.plan.plan import CompressionPlan, Step
from core.plan.resolve import full_options
from core.search.sensitivity import LayerSensitivity, ScanWork, SensitivityReport, scan
from core.search.sensitivity.store import user_folder
from core.techniques import techniques

INT8 = "int8"


@dataclass(frozen=True)
class Cure:
    """One change of a technique's options."""

    id: str
    label: str
    """An instruction; “{}” stands for the layer."""
    options: Mapping[str, Value]
    """What changes."""


CURES = (
    Cure("per-channel", "Give each channel of {} a scale of its own", {"per_channel": True}),
    Cure("minmax", "Let INT8 hold the whole range at {}", {"method": "minmax"}),
    Cure("percentile", "Cut off rare outliers at {} (99.99 %)", {"method": "percentile"}),
    Cure("mse", "Choose the range at {} by the least squared error", {"method": "mse"}),
    Cure("asymmetric", "Use all integers at {} (asymmetric)", {"symmetric": False, "dense": True}),
    Cure("bias-correction", "Correct the biases of {}", {"bias_correction": True}),
)
"""What may help a layer in INT8; a cure that changes nothing is not tried."""


@dataclass(frozen=True)
class TriedCure:
    """What a cure did for one layer alone."""

    cure: Cure
    options: dict[str, Value]
    """Complete: the layer's own with the cure in them."""
    before: float
    after: float
    """The layer's loss, treated alone."""

    @property
    def saved(self) -> float:
        """Share of the layer's loss that is gone."""
        return 1 - self.after / self.before if self.before > 0 else 0.0


def loss_of(figures: LayerSensitivity) -> float:
    """KL divergence in nats, or the noise's power over the outputs' power."""
    if figures.kl is not None:
        return max(figures.kl.value, 0.0)
    return 10 ** (-figures.sqnr_db.value / 10)


def scan_steps(patient: Patient, settings: Mapping[str, Step]) -> SensitivityReport:
    """Treat each of the layers alone on the evaluation images; known figures are used again."""
    setting, images, context = patient.setting, patient.images, patient.context
    work = ScanWork(
        model=setting.original,
        graph=setting.graph,
        settings=settings,
        inputs=images.inputs,
        images=min(patient.request.images, images.inputs.count),
        calibration=images.calibration_feeds,
        calibration_count=images.calibration_count,
        labels=images.labels,
        cache=patient.request.cache or user_folder(),
    )
    return scan(work, progress=context.progress, check_cancelled=context.check_cancelled)


def try_cures(
    patient: Patient, plan: CompressionPlan, losses: Mapping[LayerId, float]
) -> dict[LayerId, list[TriedCure]]:
    """Every cure on every one of some layers that are in INT8, the most helpful first."""
    options = {layer: own for layer in losses if (own := int8_options(plan, layer)) is not None}
    settings: dict[str, Step] = {}
    for cure in CURES:
        changed = {
            str(layer): {**own, **cure.options}
            for layer, own in options.items()
            if any(own.get(name) != value for name, value in cure.options.items())
        }
        if changed:
            settings[cure.id] = Step(technique=INT8, layers={**changed})
    if not settings:
        return {}
    report = scan_steps(patient, settings)
    return {layer: _ranked(report, settings, layer, losses[layer]) for layer in options}


def _ranked(
    report: SensitivityReport, settings: Mapping[str, Step], layer: LayerId, before: float
) -> list[TriedCure]:
    found: list[TriedCure] = []
    for cure in CURES:
        figures = report.of(cure.id).get(layer)
        options = settings[cure.id].layers.get(layer) if cure.id in settings else None
        if figures is not None and options is not None:
            found.append(TriedCure(cure, options, before, loss_of(figures)))
    return sorted(found, key=lambda tried: tried.after)


def int8_options(plan: CompressionPlan, layer: LayerId) -> dict[str, Value] | None:
    """A layer's complete options in INT8; None where the plan does something else with it."""
    choice = plan.choice(layer)
    if choice is None or choice[0] != INT8:
        return None
    return full_options(techniques()[INT8], choice[1])


def preparations(plan: CompressionPlan, names: Sequence[str]) -> dict[str, CompressionPlan]:
    """By technique: the plan with that technique over the whole model before all else."""
    known = [name for name in names if name in techniques() and plan.step(name) is None]
    return {
        name: plan.model_copy(
            update={
                "steps": (Step(technique=name, default={}), *plan.steps),
                "name": f"{plan.name}, {techniques()[name].short}",
            }
        )
        for name in known
    }
