"""What pre-flight checks look at: a file's graph, and what shall be made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core.model.graph import LayerId, ModelGraph
from core.plan.plan import CompressionPlan
from core.tensorrt.dialects import Dialect, dialect_of
from core.tensorrt.preflight_report import PreflightRequest
from core.tensorrt.settings import EnginePrecision, ShapeRange
from core.tensorrt.target import TensorRtTarget
from core.tensorrt.version import TensorRtVersion

_PAIR = frozenset({"QuantizeLinear", "DequantizeLinear"})


@dataclass(frozen=True)
class Subject:
    """One model file before one build."""

    graph: ModelGraph
    request: PreflightRequest

    @property
    def path(self) -> Path:
        return self.request.model

    @property
    def target(self) -> TensorRtTarget:
        return self.request.target

    @property
    def plan(self) -> CompressionPlan | None:
        return self.request.plan

    @property
    def shapes(self) -> dict[str, ShapeRange]:
        return self.request.shapes

    @property
    def version(self) -> TensorRtVersion:
        return self.target.tensorrt

    @cached_property
    def dialect(self) -> Dialect:
        """Raises InputError for a version that is too old."""
        return dialect_of(self.version)

    @cached_property
    def is_quantized(self) -> bool:
        return not _PAIR.isdisjoint(self.graph.operators)

    @property
    def is_of_plan(self) -> bool:
        """Whether another plan would make another file: not for one that came in quantized."""
        return self.plan is not None or not self.is_quantized

    @cached_property
    def precision(self) -> EnginePrecision:
        """As asked for, else INT8 where the model has Q/DQ and FP16 where it has not."""
        if self.target.precision is not None:
            return self.target.precision
        wanted: EnginePrecision = "i8" if self.is_quantized else "f16"
        return wanted if wanted in self.dialect.precisions else "model"

    def last_before(self, ids: Sequence[LayerId]) -> dict[str, Any] | None:
        """The edit that ends the model before these layers; None where nothing useful is left."""
        graph = self.graph
        first = graph.by_id[ids[0]]
        after = self._downstream(ids)
        kept = [
            tensor.name
            for tensor in graph.outputs
            if (maker := graph.producers.get(tensor.name)) is not None and maker not in after
        ]
        ends = [name for name in first.inputs if graph.producers.get(name, ids[0]) not in after]
        if not ends:
            return None
        return {"kind": "cut-out", "end": list(dict.fromkeys((*kept, *ends)))}

    def _downstream(self, ids: Sequence[LayerId]) -> set[LayerId]:
        """These layers and all that depend on them."""
        graph = self.graph
        reached = {graph.index_of[layer] for layer in ids}
        for source, reader in graph.edges:  # in topological order of the reader
            if source in reached:
                reached.add(reader)
        return {graph.layers[index].id for index in reached}
