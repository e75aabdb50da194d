"""What an optimization is asked to do."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.contract import PreprocessingContract
from core.plan.plan import CompressionPlan
from core.search.report import Goal


class OptimizeRequest(BaseModel):
    """Race the simple choices, or measure given plans, against the original."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path
    data: Path | None = None
    """Images; None measures speed only."""
    contract: PreprocessingContract | None = None
    """None looks for the best preset."""
    goal: Goal = Goal()
    device: str = "local"
    threads: int = Field(default=0, ge=0)
    """0 leaves the number to each runtime."""
    effort: Literal["thorough", "quick"] = "thorough"
    """quick measures in a fraction of the time, with wider intervals; to try things out."""
    plans: tuple[CompressionPlan, ...] = ()
    """Plans to measure beside the original; empty races every recipe on every runtime.

    A plan without a runtime is tried on all of them.
    """
    resume: Path | None = None
    """The folder of an interrupted run of the same request, whose results are used again."""
