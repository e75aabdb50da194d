"""Says how fast a model would be on a device that is not there, and how far off that may be."""

from core.search.forecast.forecast import Forecast, Parts
from core.search.forecast.workload import LayerWork, Workload

__all__ = ["Forecast", "LayerWork", "Parts", "Workload"]
