"""Reads OpenVINO's execution graph and counters: which kernel ran how long, for which layers."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# openvino's bindings have no complete stubs.

import math
import statistics
from collections.abc import Iterator, Mapping
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

    Without `of_all` a reading holds the times of the last inference only, as an NPU's does.
    """

    def __init__(self, *, of_all: bool = True) -> None:
        self.kinds: dict[str, tuple[str, str]] = {}
        """What ran, in the order of the counters: operation and kind of kernel by name."""
        self._of_all = of_all
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
        ran = [one for one in request.profiling_info if one.status == one.Status.EXECUTED]
        self.kinds.update({one.node_name: (one.node_type, one.exec_type) for one in ran})
        told = {one.node_name: one.real_time.total_seconds() * 1e6 for one in ran}
        if self._of_all:
            told = {name: self._total(mean) for name, mean in told.items()}
        self._readings.append((self._count, told))

    def _total(self, mean: float) -> float:
        """Microseconds of all inferences so far: the mean's rounding lost up to one for each."""
        return mean * self._count + (self._count - 1) / 2

    def milliseconds(self) -> dict[str, float]:
        """Of one inference, by kernel; kernels that never ran are missing."""
        if not self._of_all:
            return self._medians_of_single_inferences()
        if len(self._readings) < 2:
            return {
                name: total / count / 1000
                for count, totals in self._readings
                for name, total in totals.items()
            }
        return {name: self._median(name) for name in self._readings[-1][1]}

    def _medians_of_single_inferences(self) -> dict[str, float]:
        readings = [times for _, times in self._readings]
        names = dict.fromkeys(name for times in readings for name in times)
        return {
            name: statistics.median(times[name] for times in readings if name in times) / 1000
            for name in names
        }

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
    """Every kernel of the execution graph (`CompiledModel.get_runtime_model`), in its order.

    Empty where a processor shows no such graph: then its nodes have no kind.
    """
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
        if node.kind and node.kind not in _NOT_COMPUTED
    )


def kernels_of_counters(
    kinds: Mapping[str, tuple[str, str]], milliseconds: Mapping[str, float], origins: Origins
) -> tuple[ExecutedLayer, ...]:
    """Every kernel that was counted, for processors that show no execution graph.

    The NPU's plugin gives an empty one (OpenVINO 2026.4, CompiledModel::get_runtime_model). Its
    counters carry layers' names and say on which of its engines a layer ran, not in which
    precision.
    """
    return tuple(
        _of_counter(name, *kind, milliseconds.get(name), origins) for name, kind in kinds.items()
    )


def _of_counter(
    name: str, operator: str, kernel: str, milliseconds: float | None, origins: Origins
) -> ExecutedLayer:
    node = next((node for part in _parts(name) if (node := origins.find(part))), None)
    return ExecutedLayer(
        name=name,
        kind=operator,
        precision="",
        kernel=kernel,
        milliseconds=milliseconds,
        layers=(node.layer,) if node and not node.glue else (),
        converts=node is None and operator in _CONVERTERS,
    )


def _parts(name: str) -> Iterator[str]:
    """The name, and what is left of it without each part that a compiler appended."""
    yield name
    while (cut := max(name.rfind("/"), name.rfind("?"))) > 0:
        yield (name := name[:cut])


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
