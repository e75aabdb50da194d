"""A forecast: latency, memory and fit of one model on one device, with an honest band."""

from pydantic import BaseModel, ConfigDict

from core.benchmark.results import Estimate


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Parts(_Part):
    """Where the forecast milliseconds go; they add up to the latency."""

    compute_ms: float
    """Kernels that wait for arithmetic."""
    memory_ms: float
    """Kernels that wait for weights and values from memory."""
    overhead_ms: float
    """Starting kernels, and what the harness adds to every inference."""


class Forecast(_Part):
    """Everything in it is predicted; nothing was measured on this device, unless `calibrated`."""

    profile: str
    """Id of the device profile."""
    mode: str | None
    """Id of the power mode; None for a device without any."""
    runtime: str
    precision: str
    harness: str
    """Whose way of timing the figure compares with, such as “mlperf” or “edgewright”."""
    latency_ms: Estimate
    """With the band that holds for nine in ten rows of left-out devices."""
    parts: Parts
    per_layer_ms: dict[str, float]
    """LayerId to milliseconds without the harness's share; empty where layers are not known."""
    memory_bytes: Estimate
    """Weights, values alive at the same time and the runtime's own needs."""
    fits: bool | None
    """Whether even the upper end of `memory_bytes` fits; None where it is open: the band reaches
    over the device's memory, or that is not known."""
    calibrated: bool = False
    """Whether constants were refitted to probes measured on the device itself."""
    basis: str
    """What the figures rest on, in words, and their error on left-out devices."""
    warnings: tuple[str, ...] = ()
