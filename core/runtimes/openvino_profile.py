"""Reads OpenVINO's execution graph and counters: which kernel ran how long, for which layers."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# openvino's bindings have no complete stubs.

import math
import statistics
from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.model.graph import LayerId
from core.runtimes.base import WARM_INFERENCES, ExecutedLayer
from core.runtimes.origins import Origins

if TYPE_CHECKING:
    import openvino

_STORED = frozenset({"Const", "Constant"})
_NOT_COMPUTED = frozenset({"Input", "Output", "Parameter", "Result"}) | _STORED
_CONVERTERS = frozenset({"Reorder", "Convert"})
_SPLIT_OFF = "/WithoutBiases"
"""OpenVINO 2026.4 names the parts of a layer that it splits after the layer, this, and more."""
_GROWTH = 1.6


class Counters:
    """The counters of a compiled model, read now and then between inferences.

    OpenVINO 2026.4 gives for each kernel its mean over all inferences so far, in whole
    microseconds: one hiccup stays in it for ever (a reorder of 30 µs still read 190 after eleven
    inferences), and the first, slow inferences too. From two readings follows the mean of the
    inferences between them; the median of several such means is what is reported. Readings are
    taken at counts that grow by a factor, which keeps the error of rounding below a microsecond.
    """

    def __init__(self) -> None:
        self._count = 0
        self._next = WARM_INFERENCES
        self._readings: list[tuple[int, dict[str, float]]] = []

    def after_inference(self, request: "openvino.InferRequest") -> None:
        """To be called after each inference."""
        self._count += 1
        if self._count == self._next:
            self.read(request)
            self._next = math.ceil(self._count * _GROWTH)

    def read(self, request: "openvino.InferRequest") -> None:
        if self._count == 0 or (self._readings and self._readings[-1][0] == self._count):
            return
        totals = {
            info.node_name: self._total(info.real_time.total_seconds() * 1e6)
            for info in request.profiling_info
            if info.status == info.Status.EXECUTED
        }
        self._readings.append((self._count, totals))

    def _total(self, mean: float) -> float:
        """Microseconds of all inferences so far: the mean's rounding lost up to one for each."""
        return mean * self._count + (self._count - 1) / 2

    def milliseconds(self) -> dict[str, float]:
        """Of one inference, by kernel; kernels that never ran are missing."""
        if len(self._readings) < 2:
            return {
                name: total / count / 1000
                for count, totals in self._readings
                for name, total in totals.items()
            }
        return {name: self._median(name) for name in self._readings[-1][1]}

    def _median(self, name: str) -> float:
        pairs = zip(self._readings, self._readings[1:], strict=False)
        means = [
            (after.get(name, 0.0) - before.get(name, 0.0)) / (count - earlier)
            for (earlier, before), (count, after) in pairs
        ]
        return max(statistics.median(means), 0.0) / 1000


def kernels_of(
    executed: "openvino.Model", milliseconds: Mapping[str, float], origins: Origins
) -> tuple[ExecutedLayer, ...]:
    """Every kernel of the execution graph (`CompiledModel.get_runtime_model`), in its order."""
    nodes = [_Executed(op, origins) for op in executed.get_ordered_ops()]
    for node, layers in zip(nodes, origins.between([node.made for node in nodes]), strict=True):
        node.layers = node.serves = layers
    by_name = {node.name: node for node in nodes}
    for node in reversed(nodes):
        node.look(by_name, node.readers)
    for node in nodes:
        node.look(by_name, node.makers)
    return tuple(
        node.told(milliseconds.get(node.name), by_name)
        for node in nodes
        if node.kind not in _NOT_COMPUTED
    )


class _Executed:
    """One node of the execution graph."""

    def __init__(self, op: "openvino.Node", origins: Origins) -> None:
        info = op.get_rt_info()
        words = {key: str(info[key].value) for key in info}
        self.name = op.get_friendly_name()
        self.kind = words.get("layerType", "")
        self._kernel = words.get("primitiveType", "")
        self._computes_in = words.get("runtimePrecision", "")
        self.makes = words.get("outputPrecisions", "").partition(",")[0]
        fused = words.get("originalLayersNames", "").split(",")
        found = [origins.find(name.partition(_SPLIT_OFF)[0]) for name in fused]
        named = [node for node in found if node]
        self.made = [v for node in named if not node.glue for v in origins.made_by(node)]
        self._converts = not self.made and (self.kind in _CONVERTERS or bool(named))
        self.layers: tuple[LayerId, ...] = ()
        self.serves: tuple[LayerId, ...] = ()
        self.readers = [
            reader.get_node().get_friendly_name()
            for port in op.outputs()
            for reader in port.get_target_inputs()
        ]
        self.makers = [
            port.get_source_output().get_node().get_friendly_name() for port in op.inputs()
        ]

    def look(self, nodes: Mapping[str, "_Executed"], neighbours: list[str]) -> None:
        """Without layers of its own it worked for its neighbours."""
        if not self.serves and self.kind not in _NOT_COMPUTED:
            found = (layer for name in neighbours for layer in nodes[name].serves)
            self.serves = tuple(dict.fromkeys(found))

    def told(self, milliseconds: float | None, nodes: Mapping[str, "_Executed"]) -> ExecutedLayer:
        source = nodes[self.makers[0]] if self._converts and self.makers else None
        return ExecutedLayer(
            name=self.name,
            kind=self.kind,
            precision=self.makes if self._converts else self._computes_in,
            source_precision=source.makes if source else "",
            kernel=self._kernel,
            milliseconds=milliseconds,
            layers=self.layers,
            serves=() if self.layers else self.serves,
            converts=self._converts,
            of_weight=source is not None and source.kind in _STORED,
        )
