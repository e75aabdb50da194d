"""Small networks with one trait each, and a way to treat and run them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.formats import read_graph
from core.model.graph import LayerId, ModelGraph
from core.model.identity import nodes_by_layer, stamp
from core.parameters import Value
from core.plan.plan import Step
from core.plan.resolve import resolve_step
from core.techniques import techniques
from core.techniques.base import Feeds, TechniqueInput, TechniqueOutcome

IMAGES = 6


@dataclass(frozen=True)
class Bench:
    """One working copy on the test bench."""

    source: Path
    graph: ModelGraph
    folder: Path

    def feeds(self) -> Iterator[Feeds]:
        random = np.random.default_rng(7)
        for _ in range(IMAGES):
            yield {
                value.name: random.normal(
                    0, 1, [d if isinstance(d, int) else 1 for d in shape]
                ).astype(np.float32)
                for value in self.graph.inputs
                if (shape := value.shape) is not None
            }

    def treat(
        self,
        technique: str,
        layers: Mapping[str, Mapping[str, Value] | None] | None = None,
        *,
        only: Sequence[str] | None = None,
        progress: Callable[[float, float, str], None] = lambda done, total, text: None,
        calibrated: bool = True,
        **options: Value,
    ) -> tuple[Path, TechniqueOutcome]:
        """Rewrite with `options` everywhere, or `only` there; `layers` override."""
        named = {LayerId(key): None if v is None else dict(v) for key, v in (layers or {}).items()}
        if only is not None:
            named |= {LayerId(key): dict(options) for key in only}
        step = Step(
            technique=technique, default=dict(options) if only is None else None, layers=named
        )
        chosen = techniques()[technique]
        target = self.folder / f"{technique}.onnx"
        outcome = chosen.rewrite(
            TechniqueInput(
                source=self.source,
                target=target,
                graph=self.graph,
                choices=resolve_step(step, chosen, self.graph),
                calibration=self.feeds if calibrated else None,
                calibration_count=IMAGES if calibrated else 0,
                progress=progress,
                scratch=self.folder,
            )
        )
        onnx.checker.check_model(str(target), full_check=True)
        return target, outcome

    def continued(self, model: Path) -> "Bench":
        """The bench with a rewritten model on it; the graph stays the original's, as in a plan."""
        return Bench(model, self.graph, self.folder)

    def difference(self, model: Path, engine: str = "onnxruntime") -> float:
        """Relative distance of the outputs from the original's, over all images."""
        run = RUNNERS[engine]
        made = np.concatenate(run(model, self.feeds()))
        original = np.concatenate(run_plainly(self.source, self.feeds()))
        return float(np.linalg.norm(made - original) / np.linalg.norm(original))


def run_plainly(model: Path, feeds: Iterator[Feeds]) -> list[np.ndarray]:
    """First outputs from ONNX Runtime without optimizations: what the file says, literally."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return _run(model, feeds, options)


def run_onnxruntime(model: Path, feeds: Iterator[Feeds]) -> list[np.ndarray]:
    import onnxruntime

    return _run(model, feeds, onnxruntime.SessionOptions())


def _run(model: Path, feeds: Iterator[Feeds], options: object) -> list[np.ndarray]:
    import onnxruntime

    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    return [np.asarray(session.run(None, dict(feed))[0]) for feed in feeds]


def run_openvino(model: Path, feeds: Iterator[Feeds]) -> list[np.ndarray]:
    import openvino

    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
    compiled = openvino.Core().compile_model(str(model), "CPU", settings)
    request = compiled.create_infer_request()
    return [np.array(request.infer(dict(feed))[0]) for feed in feeds]


RUNNERS = {"literally": run_plainly, "onnxruntime": run_onnxruntime, "openvino": run_openvino}


@pytest.fixture
def bench(tmp_path: Path) -> Callable[[Path | onnx.ModelProto], Bench]:
    """Put a model on the bench: a file, or a model that was just built."""

    def put(model: Path | onnx.ModelProto) -> Bench:
        path = tmp_path / "given.onnx"
        if isinstance(model, onnx.ModelProto):
            onnx.save(model, path)
        else:
            path = model
        source = tmp_path / "working.onnx"
        stamp(path, source)
        return Bench(source, read_graph(source), tmp_path)

    return put


@pytest.fixture
def tiny(bench: Callable[[Path], Bench], tiny_model: Path) -> Bench:
    return bench(tiny_model)


@pytest.fixture
def build() -> Callable[..., onnx.ModelProto]:
    """Builds x (1×4×8×8 unless told) → … → y from nodes and weights."""

    def made(
        nodes: Sequence[onnx.NodeProto],
        weights: Mapping[str, np.ndarray] | None = None,
        *,
        x: Sequence[int | str] = (1, 4, 8, 8),
        opset: int = 18,
    ) -> onnx.ModelProto:
        graph = helper.make_graph(
            nodes,
            "trait",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            [numpy_helper.from_array(v, name) for name, v in (weights or {}).items()],
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10
        )
        return onnx.shape_inference.infer_shapes(model)

    return made


@pytest.fixture
def conv() -> Callable[..., tuple[onnx.NodeProto, dict[str, np.ndarray]]]:
    """Makes a padded 3×3 Conv named after its output, with its random weights."""

    def made(
        source: str, output: str, channels: int = 4, inputs: int = 4, group: int = 1
    ) -> tuple[onnx.NodeProto, dict[str, np.ndarray]]:
        random = np.random.default_rng(len(output))
        kernel = random.normal(0, 0.3, (channels, inputs // group, 3, 3)).astype(np.float32)
        bias = random.normal(0, 0.1, channels).astype(np.float32)
        node = helper.make_node(
            "Conv", [source, f"{output}.w", f"{output}.b"], [output], f"conv_{output}",
            pads=[1] * 4, group=group,
        )  # fmt: skip
        return node, {f"{output}.w": kernel, f"{output}.b": bias}

    return made


@pytest.fixture
def nodes_of() -> Callable[[Path], dict[LayerId, onnx.NodeProto]]:
    return lambda path: nodes_by_layer(onnx.load(path))
