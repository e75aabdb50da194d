"""How an engine shall be built and timed, whatever the version."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EnginePrecision = Literal["f32", "f16", "bf16", "i8", "fp8", "best", "model"]
"""“model” takes every type from the model itself; from version 11 on there is nothing else."""

PRECISION_LABELS: Mapping[EnginePrecision, str] = {
    "f32": "FP32",
    "f16": "FP16",
    "bf16": "BF16",
    "i8": "INT8 by Q/DQ, FP16 elsewhere",
    "fp8": "FP8 by Q/DQ, FP16 elsewhere",
    "best": "Whatever is fastest",
    "model": "The types of the model",
}


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShapeRange(_Settings):
    """The shapes that one input may take at run time; all three of the same rank."""

    smallest: tuple[int, ...]
    best: tuple[int, ...]
    """The one that kernels are chosen for."""
    largest: tuple[int, ...]


Shapes = Mapping[str, ShapeRange]
"""Input to its range, for the inputs that have a free size."""


class BuildSettings(_Settings):
    """What an engine is made for."""

    precision: EnginePrecision = "f16"
    shapes: dict[str, ShapeRange] = Field(default_factory=dict[str, ShapeRange])
    sparsity: bool = False
    """Use 2:4 sparse kernels where the weights have that pattern (Ampere and later)."""
    dla: int | None = Field(default=None, ge=0)
    """Number of the DLA core; None builds for the GPU."""
    gpu_fallback: bool = True
    """Let the GPU take what the DLA cannot; without it such a model is refused."""
    workspace_mb: int | None = Field(default=None, gt=0)
    """None leaves it to TensorRT, which takes all of the board's memory from 8.4 on."""
    optimization_level: int | None = Field(default=None, ge=0, le=5)
    """From 8.6 on; higher is slower to build."""
    timing_cache: str | None = None
    """File on the board that keeps what was timed; the next build is far shorter."""


class TimingSettings(_Settings):
    """One run of an engine. The defaults make the same run of every version."""

    seconds: float = Field(default=10.0, ge=0)
    warm_up_ms: int = Field(default=500, ge=0)
    inferences: int | None = Field(default=None, gt=0)
    """At least so many, whatever the seconds."""
    transfers: bool = False
    """Count the copies of inputs and outputs between host and GPU memory."""
    spin_wait: bool = True
    cuda_graph: bool = True
    streams: int = Field(default=1, ge=1)
    shapes: dict[str, tuple[int, ...]] = Field(default_factory=dict[str, tuple[int, ...]])
    """Of the inputs with a free size."""
    dla: int | None = Field(default=None, ge=0)
    """As the engine was built."""


class ResultFiles(_Settings):
    """Files on the board that trtexec writes; None where it need not."""

    times: str | None = None
    profile: str | None = None
    layers: str | None = None
