"""How much each layer costs in accuracy, found by treating one layer at a time."""

from core.search.sensitivity.ranking import Sensitivity, keep, rank_layers
from core.search.sensitivity.report import LayerSensitivity, SensitivityReport, SkippedLayer
from core.search.sensitivity.scanning import scan
from core.search.sensitivity.work import ScanWork

__all__ = [
    "LayerSensitivity",
    "ScanWork",
    "Sensitivity",
    "SensitivityReport",
    "SkippedLayer",
    "keep",
    "rank_layers",
    "scan",
]
