"""How far the tensors of two models are apart on the same inputs, tensor by tensor."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.diff.conversions import Passages
from core.diff.inputs import Inputs
from core.diff.report import NumericDiff, TensorDifference
from core.diff.structure import Compared
from core.diff.watching import WatchedModel, engine_words
from core.errors import InputError
from core.model.graph import Tensor
from core.model.summary import full_name
from core.model.tensor_types import bytes_of

if TYPE_CHECKING:
    import numpy as np

GROUP_BYTES = 256 << 20
"""Of both models' tensors held at once; one pair larger than this is held alone."""
_BLOCK = 1 << 20
"""Numbers that are compared at once, in float64."""
_GUESSED_SIZE = 64
"""Of a free dimension, before the tensor has been seen."""
_MOST_REASONS = 20

Progress = Callable[[float, float, str], None]


@dataclass(frozen=True)
class _Pair:
    """One tensor of A and what corresponds to it in B."""

    layer: int
    a: str
    b: str
    is_output: bool
    bytes: int


@dataclass
class _Sums:
    """What is added up over all inputs."""

    values: int = 0
    not_finite: int = 0
    max_abs: float = 0.0
    abs_sum: float = 0.0
    error: float = 0.0
    power_a: float = 0.0
    power_b: float = 0.0
    product: float = 0.0
    shape: str = ""

    def add(self, a: "np.ndarray", b: "np.ndarray") -> None:
        self.shape = "×".join(map(str, a.shape)) or "scalar"
        flat_a, flat_b = a.reshape(-1), b.reshape(-1)
        for start in range(0, a.size, _BLOCK):
            self._add_block(flat_a[start : start + _BLOCK], flat_b[start : start + _BLOCK])

    def _add_block(self, a: "np.ndarray", b: "np.ndarray") -> None:
        import numpy as np

        a, b = a.astype(np.float64), b.astype(np.float64)
        finite = np.isfinite(a) & np.isfinite(b)
        if not finite.all():
            self.not_finite += int(finite.size - finite.sum())
            a, b = a[finite], b[finite]
        if not a.size:
            return
        gap = np.abs(a - b)
        self.values += a.size
        self.max_abs = max(self.max_abs, float(gap.max()))
        self.abs_sum += float(gap.sum())
        self.error += float(gap @ gap)
        self.power_a += float(a @ a)
        self.power_b += float(b @ b)
        self.product += float(a @ b)

    @property
    def relative(self) -> float:
        if self.error == 0:
            return 0.0
        return math.sqrt(self.error / self.power_a) if self.power_a else math.sqrt(self.error)

    @property
    def cosine(self) -> float:
        lengths = math.sqrt(self.power_a * self.power_b)
        if lengths == 0:
            return 1.0 if self.power_a == self.power_b else 0.0
        return min(1.0, max(-1.0, self.product / lengths))

    @property
    def sqnr_db(self) -> float | None:
        if not self.error or not self.power_a:
            return None
        return 10 * math.log10(self.power_a / self.error)


@dataclass
class _Found:
    """Sums by pair, and why some have none."""

    sums: dict[_Pair, _Sums] = field(default_factory=dict["_Pair", "_Sums"])
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    """Tensor of A to the reason."""


def compare_numbers(
    compared: Compared, a: WatchedModel, b: WatchedModel, inputs: Inputs, progress: Progress
) -> NumericDiff:
    """Run both on all inputs and compare every tensor that both have.

    `progress` may raise JobCancelled. Raises UserError when one of them cannot be run.
    """
    names_b = _input_names(compared, a, b)
    found = _Found()
    groups = list(_groups(_pairs(compared, a, b)))
    total = len(groups) * inputs.count
    for number, group in enumerate(groups):
        samples = zip(
            inputs.feeds(a.inputs, [port.name for port in a.inputs]),
            inputs.feeds(b.inputs, names_b),
            strict=True,
        )
        for done, (feeds_a, feeds_b) in enumerate(samples):
            progress(number * inputs.count + done, total, "Running both models")
            values_a = a.run([pair.a for pair in group], feeds_a)
            values_b = b.run([pair.b for pair in group], feeds_b)
            _add(found, group, values_a, values_b)
    progress(total, total, "Running both models")
    return _report(compared, found, inputs)


def _input_names(compared: Compared, a: WatchedModel, b: WatchedModel) -> list[str]:
    """For each input of B the name of A's input that feeds it."""
    same = {port.name for port in a.inputs} >= {port.name for port in b.inputs}
    if same:
        return [port.name for port in b.inputs]
    if len(a.inputs) != len(b.inputs):
        raise InputError(
            "The two models cannot be given the same inputs.",
            f"A takes {len(a.inputs)} inputs, B {len(b.inputs)}.",
            "Compare the structure alone, or two models with the same inputs.",
        )
    return [port.name for port in a.inputs]


def _pairs(compared: Compared, a: WatchedModel, b: WatchedModel) -> Iterator[_Pair]:
    """Each result of each layer that both have, seen in B behind its rounding."""
    one, other = compared.a, compared.b
    passages = Passages(other.graph, other.layers, other.conversions)
    passages_a = Passages(one.graph, one.layers, one.conversions)
    outputs = set(a.outputs)
    for i, j in compared.alignment.pairs:
        if one.conversions[i]:
            continue
        for name, name_b in zip(one.layers[i].outputs, other.layers[j].outputs, strict=False):
            seen, seen_b = passages_a.rounded(name), passages.rounded(name_b)
            if name_b in b.outputs:
                seen_b = name_b
            if seen in a.tensors and seen_b in b.tensors:
                size = _bytes(one.graph.tensors.get(seen)) + _bytes(other.graph.tensors.get(seen_b))
                yield _Pair(i, seen, seen_b, name in outputs, size)


def _bytes(tensor: Tensor | None) -> int:
    """A guess for what has free sizes."""
    if tensor is None or tensor.shape is None:
        return 1 << 20
    first = [1 if index == 0 else _GUESSED_SIZE for index in range(len(tensor.shape))]
    shape = [
        size if isinstance(size, int) else guess
        for size, guess in zip(tensor.shape, first, strict=True)
    ]
    return bytes_of(tensor.dtype, shape) or 1 << 20


def _groups(pairs: Iterator[_Pair]) -> Iterator[list[_Pair]]:
    group: list[_Pair] = []
    total = 0
    for pair in pairs:
        if group and total + pair.bytes > GROUP_BYTES:
            yield group
            group, total = [], 0
        group.append(pair)
        total += pair.bytes
    if group:
        yield group


def _add(
    found: _Found,
    group: Sequence[_Pair],
    values_a: "Sequence[np.ndarray | None]",
    values_b: "Sequence[np.ndarray | None]",
) -> None:
    for pair, a, b in zip(group, values_a, values_b, strict=True):
        if a is None or b is None:
            found.reasons[pair.a] = f"{pair.a} is no tensor of numbers."
        elif a.shape != b.shape:
            shapes = ("×".join(map(str, each.shape)) for each in (a, b))
            found.reasons[pair.a] = f"{pair.a} has the shape {' in A and '.join(shapes)} in B."
        else:
            found.sums.setdefault(pair, _Sums()).add(a, b)


def _report(compared: Compared, found: _Found, inputs: Inputs) -> NumericDiff:
    rows = [(pair, _difference(compared, pair, sums)) for pair, sums in found.sums.items()]
    far = {row.a: row.relative for _, row in rows}
    told = [(pair, _with_arrival(compared, pair, row, far)) for pair, row in rows]
    told.sort(key=lambda entry: -entry[1].relative)
    reasons = list(found.reasons.values())
    if len(reasons) > _MOST_REASONS:
        reasons = [*reasons[:_MOST_REASONS], f"{len(reasons) - _MOST_REASONS} more."]
    return NumericDiff(
        inputs=inputs.words,
        made_up=inputs.made_up,
        samples=inputs.count,
        engine=engine_words(),
        tensors=tuple(row for _, row in told),
        outputs=tuple(row for pair, row in told if pair.is_output),
        left_out=tuple(reasons),
    )


def _difference(compared: Compared, pair: _Pair, sums: _Sums) -> TensorDifference:
    layer = compared.a.layers[pair.layer]
    return TensorDifference(
        layer=layer.id,
        name=full_name(layer),
        operator=layer.operator,
        a=pair.a,
        b=pair.b,
        shape=sums.shape,
        values=sums.values,
        max_abs=sums.max_abs,
        mean_abs=sums.abs_sum / sums.values if sums.values else 0.0,
        relative=sums.relative,
        cosine=sums.cosine,
        sqnr_db=sums.sqnr_db,
        arrived=None,
        not_finite=sums.not_finite,
    )


def _with_arrival(
    compared: Compared, pair: _Pair, row: TensorDifference, far: Mapping[str, float]
) -> TensorDifference:
    """With how far apart the layer's inputs were already."""
    known = [far[name] for name in compared.a.layers[pair.layer].inputs if name in far]
    return row.model_copy(update={"arrived": max(known)}) if known else row
