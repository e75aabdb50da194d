"""What the pre-flight doctor hands back: findings with their fixes, sizes to give, a forecast."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.model.graph import Dimension, LayerId
from core.plan.plan import CompressionPlan
from core.tensorrt.forecast_build import BuildForecast, PastBuild
from core.tensorrt.settings import EnginePrecision, ShapeRange
from core.tensorrt.target import TensorRtTarget

Severity = Literal["stops", "falsifies", "warns", "notes"]
"""The build will fail; it succeeds and the engine computes something else; worth knowing before;
for information."""
SEVERITIES: tuple[Severity, ...] = ("stops", "falsifies", "warns", "notes")
SEVERITY_LABELS: Mapping[Severity, str] = {
    "stops": "Stops the build",
    "falsifies": "Gives wrong answers",
    "warns": "Worth knowing",
    "notes": "For information",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fix(_Part):
    """One thing that mends a finding. Exactly one of `edits`, `plan` and `shapes` is given."""

    label: str
    """An instruction: “Fix the input image at 1×3×224×224”."""
    effect: str
    edits: tuple[dict[str, Any], ...] = ()
    """Edits of the model, as core.edit.edits_file reads them."""
    plan: CompressionPlan | None = None
    """The whole plan to use instead."""
    shapes: dict[str, ShapeRange] | None = None
    """Sizes for the form."""


class PreflightFinding(_Part):
    """One thing that stands between the model and an engine."""

    rule: str
    """Short name of the check that found it, e.g. “operator”, “zero-point”."""
    severity: Severity
    title: str
    why: str
    remedy: str = ""
    """What to do, in words, where no fix can be applied by a click."""
    layers: tuple[LayerId, ...] = ()
    """Those that it concerns."""
    fixes: tuple[Fix, ...] = ()


class InputForm(_Part):
    """An input with a free size, and the sizes that an engine could be built for."""

    name: str
    shape: tuple[Dimension, ...]
    suggested: ShapeRange
    given: ShapeRange | None = None


class ParserNode(_Part):
    """A node that TensorRT's own parser refused."""

    name: str
    operator: str
    said: str


class ParserVerdict(_Part):
    """What the parser of TensorRT for RTX says, where that component is installed."""

    version: str
    accepted: bool
    refused: tuple[ParserNode, ...] = ()
    warnings: tuple[str, ...] = ()
    layers: int = 0
    """Of TensorRT's own network."""
    built: dict[str, bool] = Field(default_factory=dict[str, bool])
    """Compute capability → whether an engine for it could be built without its GPU."""
    build_seconds: dict[str, float] = Field(default_factory=dict[str, float])
    engine_bytes: dict[str, int] = Field(default_factory=dict[str, int])
    errors: tuple[str, ...] = ()
    """What it called errors, one after the other."""


class PreflightRequest(_Part):
    """Which file, for what, and how it came to be."""

    model: Path
    target: TensorRtTarget
    plan: CompressionPlan | None = None
    """How the file was compressed, so that a better plan can be offered."""
    edits: tuple[dict[str, Any], ...] = ()
    """Edits of the file that are not saved yet, as core.edit.edits_file reads them."""
    shapes: dict[str, ShapeRange] = Field(default_factory=dict[str, ShapeRange])
    """Sizes of the inputs that have a free one."""
    python: Path | None = None
    """Interpreter that has tensorrt-rtx; None takes our own."""
    ask_parser: bool = True
    """Whether the real parser is asked too, where it is installed."""
    build_for: tuple[str, ...] = ()
    """Compute capabilities to try a build for, without their GPU, e.g. “8.6”."""
    past: tuple[PastBuild, ...] = ()
    """Earlier builds on such a board."""


class PreflightReport(_Part):
    """Everything that is known before a build."""

    model_name: str
    target: TensorRtTarget
    precision: EnginePrecision
    ready: bool
    """Whether nothing stops the build or falsifies its answers."""
    sentence: str
    findings: tuple[PreflightFinding, ...]
    """The most serious first."""
    forms: tuple[InputForm, ...] = ()
    build: BuildForecast
    parser: ParserVerdict | None = None
    parser_missing: str = ""
    """Why the real parser was not asked, and how to get it."""
    fallback: tuple[LayerId, ...] = ()
    """Layers that fall back from the DLA to the GPU, where a DLA was asked for."""

    def of(self, severity: Severity) -> tuple[PreflightFinding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == severity)
