"""What a comparison of two models' insides found: plain data for people, JSON and the window.

The command `diff` prints it. It says nothing about speed or answers; that is `compare`.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

MatchedBy = Literal["id", "name", "structure"]
"""How two layers were found to be the same: by LayerId, by a name, or by what is around them."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class LayerName(_Part):
    """A layer of one of the two models, as people know it."""

    id: str
    name: str
    """With its scope: “blocks.1.0.conv_dw”."""
    operator: str


class Change(_Part):
    """One fact that is not the same in both, in words; empty where a side does not have it."""

    what: str
    """“operator”, “attribute strides”, “output shape” …"""
    before: str
    after: str


class PrecisionChange(_Part):
    """The number formats that a layer takes and gives, where they are not the same in both."""

    before: str
    """What it computes in: “float32”, or “float32 with int8 weights”."""
    after: str
    results_before: str
    """What its result is kept in for the layers after it."""
    results_after: str
    details: tuple[str, ...] = ()
    """“int8 weights per channel, symmetric”."""

    @property
    def computes_differently(self) -> bool:
        """False where only its result is rounded, for the layers after it."""
        return self.before != self.after


class LayerChange(_Part):
    """One layer that both models have, and that is not the same in both."""

    a: LayerName
    b: LayerName
    matched_by: MatchedBy
    changes: tuple[Change, ...]
    precision: PrecisionChange | None = None
    conversions: tuple[str, ...] = ()
    """Ids of layers around it that only convert numbers for it and that one model alone has."""


class TensorChange(_Part):
    """A tensor that both models have, with another element type or shape."""

    a: str
    b: str
    before: str
    """“float32 1×32×112×112”."""
    after: str


class WeightChange(_Part):
    """A stored constant that both models have, and that is not the same in both."""

    a: str
    b: str
    layer: str
    """LayerId, in A, of a layer that uses it."""
    before: str
    """“float32 32×3×3×3”."""
    after: str
    relative: float | None = None
    """‖a − b‖ ÷ ‖a‖ of its numbers; None where they were not compared."""


class Listed(_Part):
    """Names that only A has and names that only B has."""

    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class Totals(_Part):
    """Sums over one model."""

    name: str
    format: str
    """“ONNX opset 18”."""
    layers: int
    conversions: int
    """Layers, among those, that only convert numbers: QuantizeLinear, Cast and the like."""
    parameters: int
    operations: int
    file_bytes: int
    weight_bytes: dict[str, int]
    """Element type of stored weights to their bytes."""


class StructureDiff(_Part):
    """What differs in what the two files say. A is before, B after."""

    same: bool
    a: Totals
    b: Totals
    alike: int
    """Layers that both have and that are the same."""
    added: tuple[LayerName, ...]
    """Only in B; conversions that belong to a changed layer are listed there instead."""
    removed: tuple[LayerName, ...]
    changed: tuple[LayerChange, ...]
    """In A's order."""
    renamed: tuple[tuple[str, str], ...]
    """Ids of the same layer in A and in B where they are not equal."""
    tensors: tuple[TensorChange, ...]
    tensor_names: Listed
    """Tensors that only one of the two has."""
    weights: tuple[WeightChange, ...]
    weight_names: Listed
    """Stored constants that only one of the two has."""
    interface: tuple[Change, ...]
    """Inputs and outputs of the models."""
    metadata: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    """What was not compared, and why."""

    @property
    def precision_changes(self) -> tuple[LayerChange, ...]:
        """Layers that compute in another precision."""
        return tuple(
            layer
            for layer in self.changed
            if layer.precision is not None and layer.precision.computes_differently
        )


class TensorDifference(_Part):
    """How far one tensor of B is from the one of A, over all inputs."""

    layer: str
    """LayerId, in A, of the layer that makes it."""
    name: str
    """Of that layer, with its scope."""
    operator: str
    a: str
    """Name of the tensor in A."""
    b: str
    """Name of the tensor in B: behind the rounding to fewer bits, where there is one."""
    shape: str
    values: int
    """How many numbers were compared."""
    max_abs: float
    mean_abs: float
    relative: float
    """‖a − b‖ ÷ ‖a‖."""
    cosine: float
    """1 where both point the same way."""
    sqnr_db: float | None
    """20 log₁₀ (‖a‖ ÷ ‖a − b‖); None where they are equal or A is zero."""
    arrived: float | None
    """The largest `relative` among the tensors that the layer takes; None where none is known."""
    not_finite: int = 0
    """Places left out because one of the two is infinite or not a number there."""


class NumericDiff(_Part):
    """The tensors of both models on the same inputs, the farthest apart first."""

    inputs: str
    """What both were given, in words: “8 images of imagenet, prepared as …”."""
    made_up: bool
    """True for random inputs: distances on real inputs may be quite different."""
    samples: int
    engine: str
    """Which engine computed them, and how it was set."""
    tensors: tuple[TensorDifference, ...]
    outputs: tuple[TensorDifference, ...]
    """Those of them that are the models' outputs."""
    left_out: tuple[str, ...]
    """Why layers that both have could not be compared."""


class DiffReport(_Part):
    """Everything that differs between two models."""

    structure: StructureDiff
    numeric: NumericDiff | None = None
    """None where it was not asked for."""
