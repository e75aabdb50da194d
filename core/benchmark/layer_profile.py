"""Where a model's time goes: which kernel ran how long, in which precision, for which layers."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

from core.benchmark.results import Estimate
from core.model.graph import LayerId
from core.plan.plan import RuntimeChoice

Role = Literal["layer", "conversion", "other"]


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True)


class Kernel(_Figures):
    """One kernel of a runtime, timed by the runtime's own counter."""

    name: str
    kind: str
    """The runtime's own operation type."""
    kernel: str
    """Which of its implementations ran; empty when the runtime does not say."""
    precision: str
    """What it computed in, or converted to: f32, bf16, i8, u8 …"""
    source_precision: str = ""
    """What a conversion converted from; empty for everything else."""
    milliseconds: float
    """Median over inferences and processes."""
    layers: tuple[LayerId, ...]
    """The layers of the model that were fused into it, or that a conversion was made for."""
    role: Role
    """A conversion is a change of precision or layout between layers, such as a reorder; other
    is what belongs to no layer."""


class LayerGroup(_Figures):
    """Layers that a runtime executed together, and the time of all kernels that did it."""

    layers: tuple[LayerId, ...]
    milliseconds: float
    precision: str
    """Of the kernel that took most of the time."""
    kernels: tuple[str, ...]
    """Names of implementations, longest first, each once."""


class LayerProfile(_Figures):
    """One contender's time, kernel by kernel, in the order of execution."""

    label: str
    model_sha256: str
    choice: RuntimeChoice
    threads: int
    inferences: int
    """Counted in each process, after those that warmed up."""
    processes: int
    kernels: tuple[Kernel, ...]
    with_counters_ms: float
    """Median latency of the inferences that were counted."""
    clean_ms: Estimate | None = None
    """Latency without counters, in the same processes."""

    @computed_field
    @cached_property
    def counted_ms(self) -> float:
        """Sum of all counters."""
        return sum(kernel.milliseconds for kernel in self.kernels)

    @property
    def conversions_ms(self) -> float:
        return self._in_role("conversion")

    @property
    def unattributed_ms(self) -> float:
        """Counted time that belongs to no layer and no conversion."""
        return self._in_role("other")

    def _in_role(self, role: Role) -> float:
        return sum(kernel.milliseconds for kernel in self.kernels if kernel.role == role)

    def groups(self) -> tuple[LayerGroup, ...]:
        """Every executed layer in exactly one group, in the order of execution."""
        return self._groups

    def by_layer(self) -> Mapping[LayerId, LayerGroup]:
        return self._by_layer

    @cached_property
    def _by_layer(self) -> Mapping[LayerId, LayerGroup]:
        return {layer: group for group in self._groups for layer in group.layers}

    @cached_property
    def _groups(self) -> tuple[LayerGroup, ...]:
        parts: list[list[Kernel]] = []
        for kernel in self.kernels:
            if kernel.role != "layer":
                continue
            shared = set(kernel.layers)
            together = [part for part in parts if any(shared & set(one.layers) for one in part)]
            for part in together:
                parts.remove(part)
            parts.append([*(one for part in together for one in part), kernel])
        return tuple(_group(part) for part in parts)


def _group(kernels: list[Kernel]) -> LayerGroup:
    longest = sorted(kernels, key=lambda kernel: -kernel.milliseconds)
    return LayerGroup(
        layers=tuple(dict.fromkeys(layer for one in kernels for layer in one.layers)),
        milliseconds=sum(kernel.milliseconds for kernel in kernels),
        precision=longest[0].precision,
        kernels=tuple(dict.fromkeys(kernel.kernel or kernel.kind for kernel in longest)),
    )
