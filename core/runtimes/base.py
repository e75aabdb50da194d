"""What a runtime is: it compiles an ONNX model, runs it, and tells what it really did."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from core.errors import InputError
from core.model.graph import LayerId
from core.plan.plan import RuntimeChoice

if TYPE_CHECKING:
    import numpy as np

    Infer = Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]


WARM_INFERENCES = 3
"""The first inferences with counters, whose times are left out where there are others."""


@dataclass(frozen=True)
class Availability:
    """Whether a runtime can be used here. `reason` says why not and what to do."""

    version: str = ""
    reason: str = ""

    @property
    def ok(self) -> bool:
        return not self.reason


def library_availability(module: str, distribution: str) -> Availability:
    """Whether a library is installed, and its version, found out without importing it."""
    if util.find_spec(module) is None:
        return Availability(
            reason=f"It is not installed. Install it with: pip install {distribution}"
        )
    try:
        return Availability(version=metadata.version(distribution))
    except metadata.PackageNotFoundError:
        return Availability(version="unknown")


@dataclass(frozen=True)
class Port:
    """An input or output of a compiled model. Free dimensions are None."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


class ExecutedLayer(BaseModel):
    """One kernel that a runtime executed, and the model's layers that were fused into it."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: str
    """The runtime's own operation type."""
    precision: str
    """What it computed in: f32, bf16, f16, i8 or u8 …; empty when the runtime does not say."""
    kernel: str = ""
    milliseconds: float | None = None
    layers: tuple[LayerId, ...] = ()
    """Empty for conversions that the runtime inserted itself."""
    serves: tuple[LayerId, ...] = ()
    """Where `layers` is empty: the layers that take what it makes."""
    converts: bool = False
    """Whether it only changes the precision or layout of what flows between layers."""
    source_precision: str = ""
    """What a conversion converted from."""
    of_weight: bool = False
    """Whether a conversion converts, in every inference anew, what is stored in the model."""


class Session(ABC):
    """A compiled model. Belongs to one thread; close() frees it."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    threads: int
    """Threads that the runtime really computes with."""
    notes: tuple[str, ...] = ()
    """Sentences worth showing, such as a free batch size that was fixed at 1."""

    @abstractmethod
    def infer(self, feeds: Mapping[str, "np.ndarray"]) -> "dict[str, np.ndarray]":
        """Run once. Returned arrays are the caller's own and stay valid."""

    @property
    def lanes(self) -> "tuple[Infer, ...]":
        """What may run at the same time, each on a thread of its own; one for each stream."""
        return (self.infer,)

    @abstractmethod
    def executed_layers(self) -> tuple[ExecutedLayer, ...]:
        """What ran in which precision; with times only if compiled with profile=True.

        These are medians over the inferences so far, without the first.
        """

    @abstractmethod
    def close(self) -> None: ...


class Runtime(ABC):
    """One way to execute models. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    label: ClassVar[str]
    takes: ClassVar[frozenset[str]] = frozenset({"onnx"})
    """Names of the formats whose files it can compile as they are."""
    engine: ClassVar[str] = ""
    """The runtime whose library it shares on another processor; empty for one of its own."""
    package: ClassVar[str] = ""
    """The Python package to install for it, where that is not named like its engine."""
    device_kind: ClassVar[str] = "local"
    """Name of the kind of device (core.devices) that it computes on."""
    device_number: ClassVar[int] = 0
    """Which of several devices of that kind."""
    static_shapes_only: ClassVar[bool] = False
    """Whether every size must be fixed, apart from the batch, which is fixed when it compiles."""

    @abstractmethod
    def availability(self) -> Availability:
        """Looks for the library without importing it where possible."""

    @abstractmethod
    def load_library(self) -> None:
        """Import what is needed, so that the time of `compile` holds no import."""

    @abstractmethod
    def precisions(self) -> tuple[str, ...]:
        """What it can be told to compute in on this computer; the first is what “auto” means.

        From f32, tf32, bf16 and f16. A precision is listed only where the hardware gains from it.
        """

    @abstractmethod
    def compile(self, model: Path, choice: RuntimeChoice, *, profile: bool = False) -> Session:
        """Load and compile. Raises UserError when this runtime cannot take the model."""

    def check(self, choice: RuntimeChoice) -> None:
        """Raises InputError when this computer cannot do what `choice` asks for."""
        known = ("auto", *self.precisions())
        if choice.precision not in known:
            raise InputError(
                f"{self.label} does not compute in {choice.precision} on this computer.",
                f"It can be told: {', '.join(known)}.",
                "Choose one of these precisions.",
            )


def check_batch(model: Path, inputs: tuple[Port, ...], batch: int) -> None:
    """Raises InputError when no input of a model takes so many at once."""
    firsts = [port.shape[0] for port in inputs if port.shape]
    if batch == 1 or any(first in (None, batch) for first in firsts):
        return
    raise InputError(
        f"{model.name} cannot be run with {batch} inputs at once.",
        f"Its batch is fixed at {firsts[0] if firsts else 1}.",
        f"Set its batch to {batch} first: edgewright edit {model.name} --set-batch {batch}.",
    )
