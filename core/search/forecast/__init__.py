"""Says how fast a model would be on a device that is not there, and how far off that may be."""

from core.search.forecast.calibration import Calibration, ProbeResult, calibrate
from core.search.forecast.forecast import Forecast, Parts, forecast, forecast_runtime
from core.search.forecast.graph_work import workload_of
from core.search.forecast.workload import LayerWork, Workload

__all__ = [
    "Calibration",
    "Forecast",
    "LayerWork",
    "Parts",
    "ProbeResult",
    "Workload",
    "calibrate",
    "forecast",
    "forecast_runtime",
    "workload_of",
]
