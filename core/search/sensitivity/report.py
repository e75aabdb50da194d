"""What a scan finds: how much each layer costs in accuracy when it alone is treated."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from core.benchmark.results import Estimate
from core.data.metrics.base import Score
from core.model.graph import LayerId
from core.plan.plan import Step


class LayerSensitivity(BaseModel):
    """One layer treated alone in one setting, against the original on the same inputs."""

    model_config = ConfigDict(frozen=True)

    layer: LayerId
    setting: str
    """Id of a setting of the report."""
    sqnr_db: Estimate
    """Signal to noise of the outputs in decibels; `NO_NOISE_DB` where nothing changed."""
    kl: Estimate | None
    """Kullback-Leibler divergence from the original's class probabilities, in nats, mean over the
    inputs; None where the outputs are no class scores."""
    flips: Score | None
    """Share of inputs whose best answer changed; None where the outputs are no class scores."""
    drop: Estimate | None
    """Points of top-1 accuracy lost against the original; None without labels."""
    images: int
    """How many inputs the figures rest on."""


class SkippedLayer(BaseModel):
    """A layer that was not looked at in a setting, and why."""

    model_config = ConfigDict(frozen=True)

    layer: LayerId
    setting: str
    reason: str
    refused: bool = False
    """Whether the technique says so of layers like this one; else it failed at this very one."""


class SensitivityReport(BaseModel):
    """A whole scan. Every figure is measured."""

    model_config = ConfigDict(frozen=True)

    model_sha256: str
    data_sha256: str
    settings: dict[str, Step]
    """The layers of a step are left out: each was treated alone, with the step's default."""
    entries: tuple[LayerSensitivity, ...]
    skipped: tuple[SkippedLayer, ...] = ()
    images: int
    """The most inputs that a figure may rest on; each entry says how many it took."""
    stability: dict[str, float] = {}
    """Per setting, the rank correlation that the order of layers is expected to keep on other
    inputs (Spearman, from a bootstrap); 1 means that the order is certain."""
    cpu_seconds: float
    """Processor time of everything, worker processes included; 0 when all figures were known."""

    def of(self, setting: str) -> Mapping[LayerId, LayerSensitivity]:
        """The figures of one setting by layer."""
        return {entry.layer: entry for entry in self.entries if entry.setting == setting}

    def worst_first(self, setting: str) -> tuple[LayerId, ...]:
        """The layers that hurt most come first: by divergence, by noise where there is none."""
        return tuple(entry.layer for entry in sorted(self._entries(setting), key=_merit))

    def _entries(self, setting: str) -> list[LayerSensitivity]:
        return [entry for entry in self.entries if entry.setting == setting]


NO_NOISE_DB = 200.0
"""Float32 ends near 150 dB, so this says: nothing changed."""


def _merit(entry: LayerSensitivity) -> tuple[float, float]:
    divergence = 0.0 if entry.kl is None else -entry.kl.value
    return divergence, entry.sqnr_db.value
