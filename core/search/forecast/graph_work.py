"""A model's graph as kernels: what every runtime fuses is one, what only renames costs nothing."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.model import tensor_types
from core.model.columns import UNKNOWN, Columns
from core.model.graph import LayerId, ModelGraph
from core.model.memory import memory_over_time
from core.search.forecast.workload import LayerWork, WorkKind, Workload

_JOIN = frozenset(
    {
        "batchnormalization", "relu", "relu6", "clip", "leakyrelu", "leaky_relu", "prelu",
        "sigmoid", "hardsigmoid", "hardswish", "hswish", "mish", "swish", "silu", "add", "mul",
        "biasadd", "fakequantize",
    }
)  # fmt: skip
"""They run in the kernel that makes their input, where nothing else takes it."""

_FREE = frozenset(
    {
        "reshape", "flatten", "squeeze", "unsqueeze", "identity", "dropout", "constant",
        "constantofshape", "shape", "size", "cast", "const", "parameter", "result", "input",
        "output", "quantizelinear", "dequantizelinear", "convert", "getitem",
    }
)  # fmt: skip
"""They name or describe data, or disappear in the kernels around them."""

_MATRIX = frozenset(
    {
        "gemm", "matmul", "fusedmatmul", "qlinearmatmul", "matmulinteger", "fullyconnected",
        "fully_connected", "linear", "dense", "innerproduct", "addmm", "bmm", "batch_matmul",
        "lstm", "gru", "rnn", "attention",
    }
)  # fmt: skip
_DEPTHWISE_DETAIL = " dw "
"""As core.model.cost.detail writes it."""


def workload_of(graph: ModelGraph) -> Workload:
    """One inference of the graph, batch 1; some 0.5 s for 100,000 layers.

    Free sizes count as 1. Layers without known operations only move their values.
    """
    columns = graph.columns
    parts = _Parts.of(columns)
    kernels = parts.kernels([_word(name) for name in graph.operators])
    peak = memory_over_time(graph).peak
    return Workload(
        name=graph.name,
        kernels=kernels,
        parameters=float(graph.parameters),
        peak_values=peak / _octets_of(graph),
        peak_bytes=peak,
        unknown=int(np.count_nonzero(columns.operations == UNKNOWN)),
    )


def _word(operator: str) -> str:
    """“aten::conv2d.default” and “Conv2D” are told by one word."""
    return operator.rsplit("::", 1)[-1].split(".", 1)[0].casefold()


def _octets_of(graph: ModelGraph) -> float:
    """Bytes of one value as the model stores them."""
    for each in (*graph.inputs, *graph.outputs):
        octets = tensor_types.bytes_of(each.dtype, (8,))
        if octets:
            return octets / 8
    return 4.0


class _Parts:
    """What the columns tell of each layer."""

    def __init__(self, columns: Columns, counts: NDArray[np.float64], makers: Mapping[int, int]):
        self._columns, self._counts, self._makers = columns, counts, makers
        self._takers = np.bincount(columns.inputs.of, minlength=len(columns.texts))

    @classmethod
    def of(cls, columns: Columns) -> "_Parts":
        made = columns.outputs
        makers = dict(zip(made.of.tolist(), made.rows.tolist(), strict=True))
        return cls(columns, _counts(columns), makers)

    def kernels(self, operators: Sequence[str]) -> tuple[LayerWork, ...]:
        """Layers join the kernel before them or begin one of their own."""
        groups: list[list[int]] = []
        values: list[float] = []
        place: dict[int, int] = {}
        for row, operator in enumerate(operators):
            inputs = self._columns.inputs.row(row)
            before = [place.get(self._makers.get(name, -1)) for name in inputs]
            first = next((one for one in before if one is not None), None)
            if operator in _FREE:
                if first is not None:
                    place[row] = first
                continue
            joined = self._joined(operator, inputs, before)
            if joined is None:
                place[row] = len(groups)
                groups.append([row])
                values.append(self._moved(row, inputs))
                continue
            place[row] = joined
            groups[joined].append(row)
            values[joined] += sum(
                float(self._counts[name])
                for name, kernel in zip(inputs, before, strict=True)
                if kernel != joined
            )
        return tuple(
            self._work(rows, moved, operators[rows[0]])
            for rows, moved in zip(groups, values, strict=True)
        )

    def _joined(
        self, operator: str, inputs: Sequence[int], before: Sequence[int | None]
    ) -> int | None:
        """The latest kernel that makes an input which nothing else takes."""
        if operator not in _JOIN:
            return None
        own = [
            kernel
            for name, kernel in zip(inputs, before, strict=True)
            if kernel is not None and self._takers[name] == 1
        ]
        return max(own, default=None)

    def _moved(self, row: int, inputs: Sequence[int]) -> float:
        outputs = self._columns.outputs.row(row)
        return float(sum(self._counts[name] for name in (*inputs, *outputs)))

    def _work(self, rows: Sequence[int], moved: float, operator: str) -> LayerWork:
        columns = self._columns
        return LayerWork(
            kind=self._kind(rows[0], operator),
            operations=float(np.maximum(columns.operations[rows], 0).sum()),
            weights=float(columns.parameters[rows].sum()),
            values=moved,
            layers=tuple(LayerId(columns.texts[int(columns.ids[row])]) for row in rows),
        )

    def _kind(self, row: int, operator: str) -> WorkKind:
        if operator in _MATRIX:
            return "matrix"
        if "conv" not in operator:
            return "movement"
        detail = self._columns.texts[int(self._columns.details[row])]
        return "depthwise" if "depthwise" in operator or _DEPTHWISE_DETAIL in detail else "dense"


def _counts(columns: Columns) -> NDArray[np.float64]:
    """By the number of a tensor's name: how many values it has."""
    each = [_count(columns, row) for row in range(len(columns.sizes.starts) - 1)]
    sizes = np.array([*each, 0.0])
    counts = np.zeros(len(columns.texts))
    counts[columns.tensor_names] = sizes[columns.tensor_shapes]
    return counts


def _count(columns: Columns, row: int) -> float:
    shape = columns.shape(row) or ()
    return float(
        np.prod([float(one) if isinstance(one, int) and one > 0 else 1.0 for one in shape])
    )
