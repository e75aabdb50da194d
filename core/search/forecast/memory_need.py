"""How much memory an inference would need, and whether that fits."""

import math
from collections.abc import Sequence

from core.benchmark.results import Estimate
from core.devices.profile import DeviceProfile
from core.search.forecast.constants import Figure, MemoryNeeds
from core.search.forecast.workload import Workload

_SURE = 1.64
"""Spreads on either side that hold nine in ten of a normal distribution."""


def memory_need(workload: Workload, needs: MemoryNeeds, number_bytes: float) -> Estimate:
    """Bytes of weights, of values alive at the same time, and of the runtime itself.

    Where it is not known which values are alive together, the largest kernel's stand for them.
    """
    alive = workload.peak_values
    if alive is None:
        alive = float(workload.columns.values.max(initial=0.0))
    return _sum(
        (
            (workload.parameters * number_bytes, needs.weights),
            (alive * workload.batch * number_bytes, needs.values),
            (1e6, needs.runtime_mb),
        )
    )


def fits(need: Estimate, needs: MemoryNeeds, profile: DeviceProfile) -> bool | None:
    """Beside the operating system; None where the band reaches over what is there."""
    if profile.memory_gb is None:
        return None
    there = profile.memory_gb * 1e9 - needs.system_mb * 1e6
    if need.high <= there:
        return True
    return False if need.low > there else None


def _sum(parts: Sequence[tuple[float, Figure]]) -> Estimate:
    """Log-normal parts, taken as independent: their spreads add up as squares."""
    values = [size * figure.value for size, figure in parts]
    total = sum(values)
    wide = math.sqrt(
        sum((value * part[1].spread) ** 2 for value, part in zip(values, parts, strict=True))
    )
    factor = math.exp(_SURE * wide / total)
    return Estimate(value=total, low=total / factor, high=total * factor)
