"""What a technique is: a pass from one ONNX model to another, layer by layer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.model.graph import Layer, LayerId, ModelGraph, Weight
from core.parameters import Parameter, Value

if TYPE_CHECKING:
    import numpy as np

Choices = Mapping[LayerId, Mapping[str, Value]]
"""The layers to treat, each with complete options. Layers that are not in it stay as they are."""

Feeds = Mapping[str, "np.ndarray"]
"""Model input name to array, with the dtype and shape that the model asks for."""


@dataclass(frozen=True)
class TechniqueInput:
    """What a technique may use. `calibration` is None when there are no inputs to learn from."""

    source: Path
    target: Path
    graph: ModelGraph
    choices: Choices
    calibration: Callable[[], Iterator[Feeds]] | None = None
    calibration_count: int = 0
    progress: Callable[[float, float, str], None] = lambda done, total, text: None
    """done, total, text; raises core.errors.JobCancelled when the person stopped the job."""
    scratch: Path = field(default_factory=Path)
    """An existing private folder for intermediate files."""


@dataclass(frozen=True)
class TechniqueOutcome:
    """What was done: the layers that were really treated, and sentences worth showing."""

    treated: tuple[LayerId, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Variant:
    """A good setting of a technique, offered as one of the simple choices and tried in a race."""

    id: str
    label: str
    options: Mapping[str, Value] = field(default_factory=dict[str, Value])
    """What differs from the technique's defaults."""
    after: tuple[str, ...] = ()
    """Techniques that treat the whole model first, with their defaults."""


class Technique(ABC):
    """One way to compress. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    """For files and flags: lower-case words joined by hyphens."""
    label: ClassVar[str]
    """For people: “INT8 (weights and activations)”."""
    short: ClassVar[str]
    """For a button and a box in the graph: “INT8”."""
    summary: ClassVar[str]
    """One or two sentences: what it does, what it gains, what it costs."""
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    needs_calibration: ClassVar[bool] = False
    weight_bits: ClassVar[int] = 32
    """Bits of a stored weight after the pass; predicts the file size."""
    variants: ClassVar[tuple[Variant, ...]] = ()
    """The settings worth trying without knowing the model."""

    @property
    def stores_numbers(self) -> bool:
        """Whether it chooses the number format of weights, of which a layer can have only one."""
        return self.weight_bits < 32

    def weight_bytes_after(self, weight: Weight) -> int:
        """Predicted bytes of one stored weight of a treated layer."""
        return weight.bytes * self.weight_bits // 32

    @abstractmethod
    def refusal(self, layer: Layer, graph: ModelGraph) -> str | None:
        """Why this layer cannot be treated, as a sentence, or None when it can."""

    @abstractmethod
    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        """Read `work.source`, write `work.target`; both ONNX.

        LayerIds of all layers that exist in both are the same. Raises UserError for what a
        person can mend.
        """
