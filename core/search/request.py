"""What an optimization is asked to do."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.contract import PreprocessingContract
from core.plan.plan import CompressionPlan
from core.search.report import Goal

SEARCH_MINUTES = 10.0


class OptimizeRequest(BaseModel):
    """Race the simple choices, or measure given plans, against the original."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path
    data: Path | None = None
    """Images; None measures speed only."""
    contract: PreprocessingContract | None = None
    """None looks for the best preset."""
    goal: Goal = Goal()
    metric: str = ""
    """Name of the metric that the limit applies to; empty takes the first that fits."""
    device: str = "local"
    threads: int = Field(default=0, ge=0)
    """0 leaves the number to each runtime."""
    runtimes: tuple[str, ...] = ()
    """Names of those that may run the model in the end; empty means all that there are."""
    effort: Literal["thorough", "quick"] = "thorough"
    """quick measures in a fraction of the time, with wider intervals; to try things out."""
    solve: bool | None = None
    """Whether to map the layers and solve for the best mix of them, which takes minutes; None does
    so with a thorough effort and images."""
    search_minutes: float = Field(default=SEARCH_MINUTES, gt=0)
    """After these the search for the best mix begins nothing new, and what it has found by then is
    judged."""
    plans: tuple[CompressionPlan, ...] = ()
    """Plans to measure beside the original; empty races every recipe on every runtime.

    A plan without a runtime is tried on all of them.
    """
    resume: Path | None = None
    """The folder of an interrupted run of the same request, whose results are used again."""

    @property
    def solves(self) -> bool:
        """Whether the solver takes part; it needs images, and given plans need no solver."""
        if self.data is None or self.plans:
            return False
        return self.effort == "thorough" if self.solve is None else self.solve


class MapRequest(BaseModel):
    """Which model, on which images, where."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path
    data: Path | None = None
    """None maps time and size only."""
    contract: PreprocessingContract | None = None
    metric: str = ""
    """Name of the metric that wholly treated models are judged by; empty takes what fits best."""
    device: str = "local"
    threads: int = Field(default=0, ge=0)
    runtimes: tuple[str, ...] = ()
    """Names of those to map; empty means all that there are."""
    images: int = Field(default=100, ge=1)
    """The most that sensitivity rests on."""
    resume: Path | None = None
    """The folder of an interrupted run of the same request."""
