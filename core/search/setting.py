"""What all stages of a race share: the model, the images, the device, and what is known so far."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from core.benchmark.ground import Ground
from core.data.judge import Judge
from core.devices.base import DeviceFacts
from core.jobs.context import read_results
from core.jobs.events import Measured
from core.jobs.kinds.base import JobContext
from core.model.graph import ModelGraph
from core.runtimes.base import Runtime
from core.search.images import PreparedImages
from core.search.report import Candidate
from core.search.request import OptimizeRequest

_RESULT = TypeVar("_RESULT", bound=BaseModel)

CANDIDATES_FOLDER = "candidates"


class ScreenedLatency(BaseModel):
    """What a quick look told."""

    model_config = ConfigDict(frozen=True)

    milliseconds: float


@dataclass
class Setting:
    """The state of one race. Stages read it and replace candidates in `candidates`."""

    request: OptimizeRequest
    context: JobContext
    original: Path
    """The working copy: every node carries its LayerId."""
    graph: ModelGraph
    device: DeviceFacts
    ground: Ground
    """Where candidates run and are measured."""
    runtimes: Mapping[str, Runtime]
    """Those that can be used here, by name."""
    images: PreparedImages | None = None
    judge: Judge | None = None
    """What scores candidates; made with the original's outputs when the first one is scored."""
    candidates: dict[str, Candidate] = field(default_factory=dict[str, Candidate])
    """By id, the baselines first."""
    search_ends: float = math.inf
    """When the search for the best mix is to begin nothing new, on the monotonic clock."""
    earlier: Mapping[str, Measured] = field(default_factory=dict[str, Measured])
    """Results that an interrupted run of the same request has acknowledged."""

    @classmethod
    def remembered(cls, request: OptimizeRequest) -> Mapping[str, Measured]:
        return {} if request.resume is None else read_results(request.resume)

    @property
    def reference(self) -> Candidate:
        """The original that everything is compared with: on the first runtime that is exact.

        Exact means: what it computes in by itself is float32.
        """
        baselines = [c for c in self.candidates.values() if c.standing == "baseline"]
        for candidate in baselines:
            runtime = candidate.plan.runtime
            if runtime and self.runtimes[runtime.runtime].precisions()[0] == "f32":
                return candidate
        return baselines[0]

    def seconds_left(self) -> float:
        """For the search for the best mix; 0 when its time is over."""
        return max(self.search_ends - time.monotonic(), 0.0)

    def file_of(self, candidate: Candidate) -> Path:
        """The candidate's model file; it must have one."""
        assert candidate.model is not None
        return self.context.folder / candidate.model

    def replace(self, candidate: Candidate, **changes: object) -> Candidate:
        changed = candidate.model_copy(update=changes)
        self.candidates[candidate.id] = changed
        return changed

    def fail(self, candidate: Candidate, reason: str) -> None:
        self.replace(candidate, standing="failed", reason=reason)

    def acknowledged(self, what: str, kind: type[_RESULT]) -> _RESULT | None:
        """A result of the interrupted run that this one continues, or None."""
        event = self.earlier.get(what)
        return None if event is None else kind.model_validate(event.result)

    def acknowledge(self, what: str, result: BaseModel, title: str) -> None:
        """Save a result so that it outlives whatever happens to this process."""
        self.context.measured(what, result, title)
