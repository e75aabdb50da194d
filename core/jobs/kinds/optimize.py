"""The job that finds the best way to compress a model for a device."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel

from core.jobs.kinds.base import JobContext, JobKind
from core.search.report import OptimizationReport
from core.search.request import OptimizeRequest


class Optimize(JobKind[OptimizeRequest, OptimizationReport]):
    """Compress in every way that fits, measure, and choose."""

    name: ClassVar[str] = "optimize"
    title: ClassVar[str] = "Optimizing"
    request_type: ClassVar[type[BaseModel]] = OptimizeRequest
    outcome_type: ClassVar[type[BaseModel]] = OptimizationReport

    def steps(self, request: OptimizeRequest) -> Sequence[tuple[str, float]]:
        from core.search.race import race_steps

        return race_steps(request)

    def run(self, request: OptimizeRequest, context: JobContext) -> OptimizationReport:
        from core.search.race import race

        return race(request, context)
