"""The job that maps a model: what every layer costs under every option, on this device."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel

from core.jobs.kinds.base import JobContext, JobKind
from core.search.layer_map import ModelMap
from core.search.request import MapRequest


class Map(JobKind[MapRequest, ModelMap]):
    """Time every layer on every runtime, treated and not, and what treating it costs."""

    name: ClassVar[str] = "map"
    title: ClassVar[str] = "Mapping the model"
    request_type: ClassVar[type[BaseModel]] = MapRequest
    outcome_type: ClassVar[type[BaseModel]] = ModelMap

    def steps(self, request: MapRequest) -> Sequence[tuple[str, float]]:
        from core.search.mapping import map_steps

        return map_steps(request)

    def run(self, request: MapRequest, context: JobContext) -> ModelMap:
        from core.search.mapping import make_map

        return make_map(request, context)
