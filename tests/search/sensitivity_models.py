"""Small random networks, and the plain loop that a scan of them must equal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from core.formats import read_graph
from core.model.graph import LayerId
from core.model.identity import stamp
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan, Step
from core.plan.resolve import resolve_plan
from core.search.answers import form_of
from core.search.sensitivity import ScanWork, keep
from core.search.sensitivity.numbers import Numbers, Original, joined
from core.search.sensitivity.part_session import Lot, PartSession

CHANNELS, SIZE, CLASSES = 4, 6, 3
CALIBRATION, INPUTS = 4, 6
PARTS = ("conv", "depthwise", "relu6", "swish", "residual", "concat", "shared", "side", "pool")


@dataclass(frozen=True)
class Case:
    """How a random network is made."""

    parts: tuple[str, ...]
    seed: int
    free_batch: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    parts = draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=5))
    return Case(tuple(parts), draw(st.integers(0, 1000)), draw(st.booleans()))


class Builder:
    """Appends parts behind each other; `now` is the tensor at the end."""

    def __init__(self, case: Case) -> None:
        self.random = np.random.default_rng(case.seed)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.outputs = ["scores"]
        self.now = "image"
        self.batch: int | str = "batch" if case.free_batch else 1
        self.conv()
        for part in case.parts:
            getattr(self, part)()
        self.head()

    def model(self) -> onnx.ModelProto:
        shape = [self.batch, CHANNELS, SIZE, SIZE]
        graph = helper.make_graph(
            self.nodes,
            "random",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs],
            self.weights,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)

    def add(self, operator: str, inputs: list[str], **attributes: object) -> str:
        name = f"{operator}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], f"{name}/node", **attributes))
        return name

    def weight(self, *shape: int) -> str:
        name = f"weight{len(self.weights)}"
        values = self.random.normal(0, 0.5, shape).astype(np.float32)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def conv(self) -> None:
        weights = [self.weight(CHANNELS, CHANNELS, 3, 3), self.weight(CHANNELS)]
        self.now = self.add("Relu", [self.add("Conv", [self.now, *weights], pads=[1] * 4)])

    def depthwise(self) -> None:
        weights = [self.weight(CHANNELS, 1, 3, 3), self.weight(CHANNELS)]
        self.now = self.add("Conv", [self.now, *weights], pads=[1] * 4, group=CHANNELS)

    def relu6(self) -> None:
        self.depthwise()
        limits = [numpy_helper.from_array(np.array(v, np.float32), f"limit{v}") for v in (0, 6)]
        known = {weight.name for weight in self.weights}
        self.weights += [limit for limit in limits if limit.name not in known]
        self.now = self.add("Clip", [self.now, "limit0", "limit6"])

    def swish(self) -> None:
        self.depthwise()
        self.now = self.add("Mul", [self.now, self.add("Sigmoid", [self.now])])

    def residual(self) -> None:
        before = self.now
        self.conv()
        self.depthwise()
        self.now = self.add("Add", [before, self.now])

    def concat(self) -> None:
        before = self.now
        self.conv()
        both = self.add("Concat", [before, self.now], axis=1)
        self.now = self.add("Conv", [both, self.weight(CHANNELS, 2 * CHANNELS, 1, 1)])

    def shared(self) -> None:
        kernel = self.weight(CHANNELS, CHANNELS, 1, 1)
        self.now = self.add("Conv", [self.add("Conv", [self.now, kernel]), kernel])

    def side(self) -> None:
        self.outputs.append(self.add("Conv", [self.now, self.weight(2, CHANNELS, 1, 1)]))

    def pool(self) -> None:
        self.now = self.add("MaxPool", [self.now], kernel_shape=[3, 3], pads=[1] * 4)

    def head(self) -> None:
        pooled = self.add("GlobalAveragePool", [self.now])
        if self.batch == 1:
            self.weights.append(numpy_helper.from_array(np.array([1, CHANNELS]), "flat"))
            flat = self.add("Reshape", [pooled, "flat"])
        else:
            flat = self.add("Flatten", [pooled])
        weights = [self.weight(CHANNELS, CLASSES), self.weight(CLASSES)]
        self.nodes.append(helper.make_node("Gemm", [flat, *weights], ["scores"], "scores/node"))


def work_for(
    model: onnx.ModelProto, folder: Path, settings: dict[str, Step], **more: object
) -> ScanWork:
    """A scan of a model on random inputs."""
    onnx.save(model, folder / "given.onnx")
    stamp(folder / "given.onnx", folder / "model.onnx")
    random = np.random.default_rng(7)
    size = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    rows = random.normal(0, 1, (CALIBRATION + INPUTS, *size)).astype(np.float32)
    np.save(folder / "inputs.npy", rows[CALIBRATION:])
    name = model.graph.input[0].name

    def calibration() -> Iterator[Lot]:
        yield from ({name: rows[index : index + 1]} for index in range(CALIBRATION))

    return ScanWork(
        model=folder / "model.onnx",
        graph=read_graph(folder / "model.onnx"),
        settings=settings,
        inputs={name: folder / "inputs.npy"},
        calibration=calibration,
        calibration_count=CALIBRATION,
        **more,  # type: ignore[arg-type]
    )


def plain_loop(work: ScanWork, step: Step, folder: Path) -> dict[LayerId, Numbers]:
    """Quantize one layer, run everything, for each layer; one input after the other."""
    plan = CompressionPlan(steps=(step,))
    layers = [layer for choices in resolve_plan(plan, work.graph) for layer in choices]
    feeds = [work.feeds(index) for index in range(work.count)]
    original = PartSession(work.model.read_bytes())
    expected = [original.run(feed) for feed in feeds]
    form = form_of([want[original.outputs[0]] for want in expected])
    found: dict[LayerId, Numbers] = {}
    for layer in layers:
        target = folder / "one.onnx"
        apply_plan(
            keep(plan, [other for other in layers if other != layer]),
            work.model,
            target,
            work.graph,
            work.calibration,
            calibration_count=work.calibration_count,
        )
        session = PartSession(target.read_bytes())
        found[layer] = joined(
            Original(want, original.outputs, form, rows=1).numbers(session.run(feed))
            for feed, want in zip(feeds, expected, strict=True)
        )
    return found
