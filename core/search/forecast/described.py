"""A workload from a model's sums alone, where its layers are not at hand."""

from core.search.forecast.workload import LayerWork, WorkKind, Workload

_KERNELS = {"conv": 60, "dw": 55, "tfm": 200}
"""How many kernels published models of a kind run, in the middle."""
_VALUES_PER_KFLOP = {"conv": 2.0, "dw": 18.0, "tfm": 1.8}
"""Values moved per thousand operations, in the middle of published models."""
_DEPTHWISE_SHARE = 0.06
"""Of the operations of models with depthwise convolutions."""


def described(name: str, gflops: float, million_parameters: float, kind: str) -> Workload:
    """`kind` is conv, dw (with depthwise convolutions) or tfm (a transformer).

    Operations, weights and values are spread evenly over as many kernels as such models have.
    """
    known = kind if kind in _KERNELS else "conv"
    count = _KERNELS[known]
    depthwise = count // 3 if known == "dw" else 0
    operations, weights = gflops * 1e9, million_parameters * 1e6
    values = operations / 1000 * _VALUES_PER_KFLOP[known] / count
    lighter = operations * _DEPTHWISE_SHARE if depthwise else 0.0
    main = count - depthwise
    main_kind: WorkKind = "matrix" if known == "tfm" else "dense"
    kernels = [LayerWork(main_kind, (operations - lighter) / main, weights / main, values)] * main
    kernels += [LayerWork("depthwise", lighter / max(depthwise, 1), 0, values)] * depthwise
    return Workload(name, tuple(kernels), weights)
