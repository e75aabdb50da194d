"""Layers that only convert numbers, and what they say about the precision of those around them.

A QuantizeLinear and DequantizeLinear between two layers are no new layers to a person who reads a
difference: they say that the layer after them computes with integers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.model.graph import Layer, ModelGraph, Weight

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
_INDICES = frozenset({"int32", "int64", "uint32", "uint64", "bool", "string", "unknown", ""})
_TO_INTEGERS = frozenset({"QuantizeLinear"})
_FROM_INTEGERS = frozenset({"DequantizeLinear"})
_ROUNDING = frozenset({"FakeQuantize"})
"""OpenVINO's pair of both in one layer."""
_BETWEEN_FLOATS = frozenset({"Cast", "Convert"})
_NOTHING_AT_ALL = frozenset({"Identity"})
_SHIELD = "Sum"
"""Of one value: keeps engines from computing the layer after it with integers."""
_CANDIDATES = (
    _TO_INTEGERS | _FROM_INTEGERS | _ROUNDING | _BETWEEN_FLOATS | _NOTHING_AT_ALL | {_SHIELD}
)
_MOST_HOPS = 16


@dataclass(frozen=True)
class Constant:
    """A stored constant that a layer takes: plain, or integers with their scale."""

    main: Weight
    scale: Weight | None = None
    zero_point: str | None = None

    @property
    def per_channel(self) -> bool:
        return self.scale is not None and any(size > 1 for size in self.scale.shape)

    @property
    def dtype(self) -> str:
        return self.main.dtype


def is_conversion(layer: Layer, graph: ModelGraph) -> bool:
    """Whether a layer gives out what it takes, in other numbers at most."""
    if layer.operator not in _CANDIDATES:
        return False
    if layer.operator == _SHIELD:
        return len(layer.inputs) == 1 and not layer.weights
    if layer.operator in _BETWEEN_FLOATS:
        of_floats = bool(layer.inputs) and dtype_of(graph, layer.inputs[0]) in FLOATS
        return of_floats and layer.output_dtype in FLOATS
    return True


def dtype_of(graph: ModelGraph, tensor: str) -> str:
    """“unknown” where nothing says it."""
    known = graph.tensors.get(tensor)
    return "unknown" if known is None else known.dtype


def constants_of(graph: ModelGraph, layer: Layer) -> list[Constant]:
    """The stored constants that a layer takes, by position where the format knows positions."""
    found: list[Constant] = []
    used: set[str] = set()
    for slot in layer.slots:
        names = graph.prepared.get(slot) or ((slot,) if slot in graph.weights else ())
        weights = [graph.weights[name] for name in names if name in graph.weights]
        if weights:
            found.append(_constant(weights))
            used.update(names)
    rest = (graph.weights.get(name) for name in layer.weights if name not in used)
    return found + [Constant(weight) for weight in rest if weight is not None]


def _constant(weights: Sequence[Weight]) -> Constant:
    main, *others = weights
    if not others or main.dtype in FLOATS or others[0].dtype not in FLOATS:
        return Constant(main)
    return Constant(main, others[0], others[1].name if len(others) > 1 else None)


@dataclass(frozen=True)
class Numbers:
    """A number format that a layer meets. `integers_from` is what made the integers, if any."""

    dtype: str
    rounding: Layer | None = None


class Passages:
    """Walks through the conversions of one graph."""

    def __init__(self, graph: ModelGraph, layers: Sequence[Layer], flags: Sequence[bool]) -> None:
        """`flags` says for each layer whether it is a conversion."""
        self.graph = graph
        self._by_output: dict[str, Layer] = {}
        self._readers: dict[str, list[Layer]] = {}
        for layer, converts in zip(layers, flags, strict=True):
            if converts:
                for name in layer.outputs:
                    self._by_output.setdefault(name, layer)
                for name in layer.inputs[:1]:
                    self._readers.setdefault(name, []).append(layer)

    def before(self, tensor: str) -> list[Layer]:
        """The conversions that a tensor came through, the nearest first."""
        found: list[Layer] = []
        while (layer := self._by_output.get(tensor)) is not None and len(found) < _MOST_HOPS:
            found.append(layer)
            if not layer.inputs:
                break
            tensor = layer.inputs[0]
        return found

    def after(self, tensor: str) -> list[Layer]:
        """The conversions that a tensor goes through next, along its first reader."""
        found: list[Layer] = []
        while tensor in self._readers and len(found) < _MOST_HOPS:
            layer = self._readers[tensor][0]
            found.append(layer)
            if not layer.outputs:
                break
            tensor = layer.outputs[0]
        return found

    def touches(self, layer: Layer) -> bool:
        """Whether a conversion stands directly before or after a layer."""
        before = any(name in self._by_output for name in layer.inputs)
        return before or any(name in self._readers for name in layer.outputs)

    def arriving(self, tensor: str) -> Numbers:
        """What a layer that takes `tensor` computes with: the integers behind it, if any."""
        for layer in self.before(tensor):
            if layer.operator == _SHIELD:
                break
            if layer.operator in _FROM_INTEGERS and layer.inputs:
                return Numbers(dtype_of(self.graph, layer.inputs[0]), layer)
            if layer.operator in _ROUNDING:
                return Numbers("int8", layer)
        return Numbers(dtype_of(self.graph, tensor))

    def kept(self, tensor: str) -> Numbers:
        """What a result is kept in for the layers after it."""
        for layer in self.after(tensor):
            if layer.operator in _TO_INTEGERS and layer.outputs:
                return Numbers(dtype_of(self.graph, layer.outputs[0]), layer)
            if layer.operator in _ROUNDING:
                return Numbers("int8", layer)
        return Numbers(dtype_of(self.graph, tensor))

    def rounded(self, tensor: str) -> str:
        """The tensor that the layers after it see: behind DequantizeLinear where there is one."""
        for layer in self.after(tensor):
            if layer.operator in _FROM_INTEGERS | _ROUNDING and layer.outputs:
                return layer.outputs[0]
        return tensor


@dataclass(frozen=True)
class Precision:
    """The number formats of one layer."""

    inputs: str
    """Of what flows in: “int8”, or “float32 and int8”; empty where nothing flows in."""
    weights: str
    """Empty without weights."""
    results: str
    details: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        if not self.weights or self.weights == self.inputs:
            return self.inputs or self.weights
        if {self.inputs, self.weights} == {"int8", "uint8"}:
            return "int8"  # what people call it; the details tell them apart
        return f"{self.inputs} with {self.weights} weights" if self.inputs else self.weights


def precision_of(
    layer: Layer,
    constants: Sequence[Constant],
    passages: Passages,
    shifted: Mapping[str, bool],
) -> Precision:
    """`shifted` says for a stored zero point whether it holds anything but zeros."""
    arriving = [passages.arriving(name) for name in layer.inputs]
    telling = [each for each in arriving if each.dtype not in _INDICES]
    learnt = [each for each in constants if each.dtype not in _INDICES]
    main = max(learnt, key=lambda each: each.main.bytes, default=None)
    kept = passages.kept(layer.outputs[0]) if layer.outputs else Numbers("")
    details: list[str] = []
    if main is not None and main.scale is not None:
        details.append(f"weights {_scheme(main, shifted)}")
    rounding = [each for each in telling if each.rounding is not None]
    if rounding:
        details.append(f"inputs {_scheme_of(rounding[0], passages.graph, shifted)}")
    if kept.rounding is not None:
        details.append(f"result {_scheme_of(kept, passages.graph, shifted)}")
    return Precision(
        inputs=" and ".join(dict.fromkeys(each.dtype for each in telling)),
        weights=main.dtype if main else "",
        results=kept.dtype,
        details=tuple(details),
    )


def _scheme_of(numbers: Numbers, graph: ModelGraph, shifted: Mapping[str, bool]) -> str:
    assert numbers.rounding is not None
    known = [graph.weights[name] for name in numbers.rounding.weights if name in graph.weights]
    scale = known[0] if known else None
    zero = known[1].name if len(known) > 1 else None
    return _scheme(Constant(Weight("", numbers.dtype, (), 0), scale, zero), shifted)


def _scheme(constant: Constant, shifted: Mapping[str, bool]) -> str:
    """“int8 per channel, symmetric”; says nothing about symmetry that is not known."""
    words = f"{constant.dtype} {'per channel' if constant.per_channel else 'per tensor'}"
    if constant.zero_point is None:
        return words
    known = shifted.get(constant.zero_point)
    return words if known is None else f"{words}, {'asymmetric' if known else 'symmetric'}"
