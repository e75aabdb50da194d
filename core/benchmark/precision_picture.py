"""How much of a model's time and operations ran in each precision, and what was converted."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from core.benchmark.layer_profile import Kernel, LayerProfile
from core.model.graph import ModelGraph


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True)


class PrecisionShare(_Figures):
    """What ran in one precision."""

    precision: str
    """By the runtime's word; empty where it does not say."""
    milliseconds: float
    time_share: float
    """Of all counted time, 0 to 1."""
    operations: int
    """Predicted from shapes."""
    operations_share: float
    """Of all operations of layers that ran, 0 to 1."""
    groups: int
    """Groups of layers that ran in it."""


class ConversionSum(_Figures):
    """All conversions from one precision to another; equal ones change the layout only."""

    source: str
    target: str
    count: int
    milliseconds: float

    @property
    def layout_only(self) -> bool:
        return self.source == self.target


class PrecisionPicture(_Figures):
    """Measured times, as the counters gave them; the costliest first."""

    counted_ms: float
    shares: tuple[PrecisionShare, ...]
    conversions: tuple[ConversionSum, ...]
    conversions_ms: float
    unattributed_ms: float

    @property
    def matrix(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """(from, to) → count and milliseconds."""
        return {(c.source, c.target): (c.count, c.milliseconds) for c in self.conversions}

    @property
    def conversions_share(self) -> float:
        return self.conversions_ms / self.counted_ms if self.counted_ms else 0.0


def picture_of(profile: LayerProfile, graph: ModelGraph) -> PrecisionPicture:
    """`graph` is of the model that was profiled, or of the one that it was made from."""
    return PrecisionPicture(
        counted_ms=profile.counted_ms,
        shares=_shares(profile, graph),
        conversions=_conversions(profile),
        conversions_ms=profile.conversions_ms,
        unattributed_ms=profile.unattributed_ms,
    )


def _shares(profile: LayerProfile, graph: ModelGraph) -> tuple[PrecisionShare, ...]:
    milliseconds: dict[str, float] = defaultdict(float)
    operations: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for group in profile.groups():
        groups[group.precision] += 1
        known = (graph.by_id[layer] for layer in group.layers if layer in graph.by_id)
        operations[group.precision] += sum(layer.operations or 0 for layer in known)
    for kernel in profile.kernels:
        if kernel.role == "layer":
            milliseconds[kernel.precision] += kernel.milliseconds
    counted, computed = profile.counted_ms or 1.0, operations.total() or 1
    shares = (
        PrecisionShare(
            precision=precision,
            milliseconds=taken,
            time_share=taken / counted,
            operations=operations[precision],
            operations_share=operations[precision] / computed,
            groups=groups[precision],
        )
        for precision, taken in milliseconds.items()
        if taken or operations[precision]
    )
    return tuple(sorted(shares, key=lambda share: -share.milliseconds))


def _conversions(profile: LayerProfile) -> tuple[ConversionSum, ...]:
    kinds: dict[tuple[str, str], list[Kernel]] = defaultdict(list)
    for kernel in profile.kernels:
        if kernel.role == "conversion":
            kinds[kernel.source_precision, kernel.precision].append(kernel)
    sums = (
        ConversionSum(
            source=source,
            target=target,
            count=len(kernels),
            milliseconds=sum(kernel.milliseconds for kernel in kernels),
        )
        for (source, target), kernels in kinds.items()
    )
    return tuple(sorted(sums, key=lambda one: -one.milliseconds))
