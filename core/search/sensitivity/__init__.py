"""How much each layer costs in accuracy, found by treating one layer at a time."""

from core.search.sensitivity.ranking import Sensitivity, keep, rank_layers
from core.search.sensitivity.report import LayerSensitivity, SensitivityReport, SkippedLayer

__all__ = [
    "LayerSensitivity",
    "Sensitivity",
    "SensitivityReport",
    "SkippedLayer",
    "keep",
    "rank_layers",
]
