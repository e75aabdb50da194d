"""Finds the layers that a plan hurts most, each treated alone, on calibration images."""

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from core.data.inputs import InputSet
from core.model.graph import LayerId
from core.plan.plan import CompressionPlan
from core.search.sensitivity.report import SensitivityReport
from core.search.sensitivity.scanning import scan
from core.search.sensitivity.work import ScanWork
from core.search.setting import Setting
from core.techniques import techniques

IMAGES = 32
"""Calibration images that a layer is judged on."""
_LOST = 1.0
"""Noise of a layer that could not be treated alone: as much as there is signal."""


class Sensitivity(BaseModel):
    """How much noise each layer adds when it alone is treated; the worst first."""

    model_config = ConfigDict(frozen=True)

    noise: tuple[tuple[LayerId, float], ...]
    """Power of the noise in the outputs over the outputs' own. Where the outputs are class scores,
    the order is that of the divergence of the classes' probabilities."""

    @property
    def worst_first(self) -> tuple[LayerId, ...]:
        return tuple(layer for layer, _ in self.noise)


def rank_layers(
    setting: Setting, plan: CompressionPlan, progress: Callable[[float, float, str], None]
) -> Sensitivity:
    """Treat each of the plan's layers alone and compare the outputs with the original's.

    Steps that choose no number format, such as an equalization, have no part in it.
    """
    assert setting.images is not None
    images = setting.images
    steps = [step for step in plan.steps if techniques()[step.technique].stores_numbers]
    work = ScanWork(
        model=setting.original,
        graph=setting.graph,
        settings={str(index): step for index, step in enumerate(steps)},
        inputs=InputSet(images.calibration, images.input_name),
        images=min(IMAGES, images.calibration_count),
        calibration=images.calibration_feeds,
        calibration_count=images.calibration_count,
    )
    report = scan(work, progress=progress, check_cancelled=setting.context.check_cancelled)
    return _ranking(report)


def _ranking(report: SensitivityReport) -> Sensitivity:
    failed = [skipped.layer for skipped in report.skipped if not skipped.refused]
    noise = dict.fromkeys(failed, _LOST)
    for setting in report.settings:
        figures = report.of(setting)
        for layer in report.worst_first(setting):
            noise.setdefault(layer, 10 ** (-figures[layer].sqnr_db.value / 10))
    return Sensitivity(noise=tuple(noise.items()))


def keep(plan: CompressionPlan, layers: Sequence[LayerId]) -> CompressionPlan:
    """The plan with some layers kept as they are."""
    for layer in layers:
        plan = plan.with_choice(layer, None, {})
    return plan
