"""What an optimization found: every candidate with its figures, the chosen one, and why."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.benchmark.results import AccuracyResult, BenchmarkResult, Estimate, Ratio
from core.data.contract import PreprocessingContract
from core.devices.base import DeviceFacts
from core.plan.plan import CompressionPlan


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


Aim = Literal["latency", "size", "memory"]


class Goal(_Part):
    """What to optimize for, and what may not be exceeded on the way."""

    aim: Aim = "latency"
    max_drop: float = 1.0
    """Percentage points of the limiting score that may be lost."""
    max_latency_ms: float | None = None
    max_bytes: int | None = None
    """Of the model's file."""
    max_memory_bytes: int | None = None
    """Largest resident memory of a process that runs the model, the runtime included."""


class Candidate(_Part):
    """One plan on one runtime, and how it fared."""

    id: str
    label: str
    """“INT8 · ONNX Runtime”."""
    plan: CompressionPlan
    model: str | None
    """The model file, relative to the run folder; None when it could not be made."""
    file_bytes: int | None
    benchmark: BenchmarkResult | None = None
    """Full protocol; None when the candidate was out before."""
    screened_ms: float | None = None
    """A quick look at the latency, good enough to leave out the hopeless."""
    against_original: Ratio | None = None
    accuracy: AccuracyResult | None = None
    standing: Literal["chosen", "baseline", "within limit", "over limit", "left out", "failed"]
    reason: str
    """One sentence: why it stands where it stands."""


class FrontPoint(_Part):
    """One plan of the solver's Pareto front: what was predicted, and the candidate if made."""

    label: str
    candidate: str | None = None
    """Id of the candidate that was made of it; its figures are measured."""
    latency_ms: Estimate | None = None
    """Predicted."""
    file_bytes: Estimate | None = None
    """Predicted."""
    drop_points: Estimate | None = None
    """Predicted."""


class OptimizationReport(_Part):
    """The outcome of the optimize job."""

    model_name: str
    model_sha256: str
    goal: Goal
    device: DeviceFacts
    contract: PreprocessingContract | None
    """None when no images were given: speed only, accuracy not checked."""
    contract_origin: str
    """“given”, “best of 12 presets by accuracy: 88.0 %” …; empty without images."""
    candidates: tuple[Candidate, ...]
    """The baselines first, then by latency."""
    chosen: str | None
    """Id of the chosen candidate; None when only the original meets the limit."""
    met: bool
    """Whether something better than the original met the goal."""
    ratios: tuple[Ratio, ...]
    """The chosen one against each baseline."""
    why: tuple[str, ...]
    """Sentences an engineer would say."""
    accuracy_checked: bool
    seconds: float
    front: tuple[FrontPoint, ...] = ()
    """The solver's plans from the best for the goal to the least loss; empty without a map."""
