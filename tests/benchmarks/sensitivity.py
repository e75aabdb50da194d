"""Sensitivity scans against the plain loop, and whether divergences add up over layers.

Run `python tests/benchmarks/sensitivity.py MODEL --data IMAGES` with an ONNX classifier and images
in a folder or zip with one folder per class (photos of ImageNet classes, CIFAR-10 as JPEG). The
plain loop quantizes one layer, runs the whole model on every image, and goes on to the next; like
the scan it learns the ranges of activations once, leaves out layers whose treatment changes
nothing, and uses one thread, of the faster runtime. Processor time counts, that of quantizing
included. `--no-loop` leaves it out; `--processes N` lets the scan use worker processes.

Divergences, now of every layer on every image, are added up over the layers and compared with
those of models in which all layers, or all but the most sensitive ones, are quantized, on images
held apart.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import onnx
from scipy.stats import spearmanr

from core.data.tally import mean_of
from core.formats import read_graph
from core.jobs.executors import open_executor
from core.model.graph import LayerId
from core.model.identity import stamp
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.plan.resolve import resolve_plan
from core.runtimes import available_runtimes, runtimes
from core.search.answers import form_of
from core.search.images import PreparedImages, prepare_images
from core.search.sensitivity import ScanWork, SensitivityReport, keep, scan
from core.search.sensitivity.numbers import Original
from core.techniques import int8_static

SETTING = "int8"
STEP = Step(technique="int8", default={})
LIMIT = 1 / 8
"""Of the plain loop's processor time."""
SAME_ORDER = 0.97
"""Spearman's rank correlation."""
LEFT_OUT = (0, 1, 5, 10)
TRIAL_IMAGES = 20


@dataclass
class Subject:
    """A model with its images."""

    model: Path
    folder: Path
    images: PreparedImages
    count: int

    def __post_init__(self) -> None:
        self.graph = read_graph(self.model)
        self.plan = CompressionPlan(steps=(STEP,))
        self.layers = [
            layer for choices in resolve_plan(self.plan, self.graph) for layer in choices
        ]
        self.name = self.graph.inputs[0].name
        self.rows = np.load(self.images.evaluation, mmap_mode="r")

    def quantized(self, kept: Sequence[LayerId]) -> Path:
        target = self.folder / "quantized.onnx"
        apply_plan(
            keep(self.plan, kept),
            self.model,
            target,
            self.graph,
            self.images.calibration_feeds,
            calibration_count=self.images.calibration_count,
        )
        return target

    def answers(self, model: Path, runtime: str, first: int, end: int) -> "np.ndarray":
        """The first output for some images, one after the other."""
        session = runtimes()[runtime].compile(model, RuntimeChoice(runtime=runtime, threads=1))
        output = session.outputs[0].name
        found = [
            session.infer({self.name: np.ascontiguousarray(self.rows[index : index + 1])})[output]
            for index in range(first, end)
        ]
        session.close()
        return np.concatenate(found)


def remembering() -> Callable[..., Any]:
    """`calibrate` that learns the range of each activation once."""
    known: dict[tuple[str, str], Any] = {}
    learn = int8_static.calibrate

    def calibrate(model: onnx.ModelProto, methods: dict[str, str], *rest: Any, **more: Any) -> Any:
        missing: Any = {n: m for n, m in methods.items() if (n, m) not in known}
        for name, found in learn(model, missing, *rest, **more).items():
            known[name, missing[name]] = found
        return {n: known[n, m] for n, m in methods.items() if (n, m) in known}

    return calibrate


def divergences(expected: "np.ndarray", answers: "np.ndarray") -> "np.ndarray":
    original = Original({"": expected}, [""], form_of([expected]), len(expected))
    return np.asarray(original.numbers({"": answers}).kl)


def plain_loop(subject: Subject) -> tuple[dict[LayerId, float], float, float]:
    """Mean divergence by layer, and processor seconds of quantizing and of running."""
    names = [runtime.name for runtime in available_runtimes()]
    runtime = min(names, key=lambda name: _seconds_on(name, subject))
    began = time.process_time()
    with mock.patch.object(int8_static, "calibrate", remembering()):
        subject.quantized([])  # learns the ranges
        quantizing = time.process_time() - began
        began = time.process_time()
        expected = subject.answers(subject.model, runtime, 0, subject.count)
        running = time.process_time() - began
        found: dict[LayerId, float] = {}
        for layer in subject.layers:
            began = time.process_time()
            model = subject.quantized([one for one in subject.layers if one != layer])
            changed = any(n.op_type == "DequantizeLinear" for n in onnx.load(model).graph.node)
            quantizing += time.process_time() - began
            began = time.process_time()
            if changed:
                answers = subject.answers(model, runtime, 0, subject.count)
                found[layer] = float(divergences(expected, answers).mean())
            running += time.process_time() - began
    print(f"plain loop on {runtime}: quantizing {quantizing:.1f} s, running {running:.1f} s")
    return found, quantizing, running


def _seconds_on(runtime: str, subject: Subject) -> float:
    began = time.process_time()
    subject.answers(subject.model, runtime, 0, TRIAL_IMAGES)
    return time.process_time() - began


def scanned(subject: Subject, executor: Executor | None, *, every_input: bool) -> SensitivityReport:
    return scan(
        ScanWork(
            model=subject.model,
            graph=subject.graph,
            settings={SETTING: STEP},
            inputs=subject.images.inputs,
            images=subject.count,
            every_input=every_input,
            cache=subject.folder / "cache",
            calibration=subject.images.calibration_feeds,
            calibration_count=subject.images.calibration_count,
            executor=executor,
        )
    )


def compare_with_loop(subject: Subject, report: SensitivityReport, seconds: float) -> bool:
    found, quantizing, running = plain_loop(subject)
    own = report.of(SETTING)
    pairs = [(own[layer].kl, value) for layer, value in found.items()]
    order = spearmanr([kl.value for kl, _ in pairs if kl], [value for _, value in pairs])[0]
    share = seconds / (quantizing + running)
    print(
        f"{len(found)} layers: scan {seconds:.1f} s, plain loop {quantizing + running:.1f} s of "
        f"processor time: 1/{1 / share:.1f} ({seconds / running:.3f} of running alone); "
        f"rank correlation {order:.4f}"
    )
    return share <= LIMIT and order >= SAME_ORDER


def add_up(subject: Subject, report: SensitivityReport, apart: int) -> None:
    """Print sums over layers beside what whole models measure on images held apart."""
    first, end = subject.count, min(subject.count + apart, len(subject.rows))
    expected = subject.answers(subject.model, "onnxruntime", first, end)
    single = {layer: one.kl.value for layer, one in report.of(SETTING).items() if one.kl}
    worst = report.worst_first(SETTING)
    print(f"added up, and measured on {end - first} images held apart (95 % interval):")
    for count in LEFT_OUT:
        kept = worst[:count]
        total = sum(value for layer, value in single.items() if layer not in kept)
        answers = subject.answers(subject.quantized(kept), "onnxruntime", first, end)
        measured = mean_of(divergences(expected, answers))
        low, high = measured.interval()
        print(
            f"  all but the worst {count:2}: {total:.5f}, measured {measured.value:.5f} "
            f"({low:.5f} to {high:.5f}), ratio {total / measured.value:.2f}"
        )


def used_seconds() -> float:
    """Processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--apart", type=int, default=200)
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--no-loop", action="store_true")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model = folder / "model.onnx"
        stamp(arguments.model, model)
        images = prepare_images(
            model,
            read_graph(model),
            runtimes()["onnxruntime"],
            arguments.data,
            contract=None,
            folder=folder,
            progress=lambda done, total, text: None,
        )
        subject = Subject(model, folder, images, arguments.images)
        began = used_seconds()
        if arguments.processes:
            with open_executor(processes=arguments.processes) as executor:
                report = scanned(subject, executor, every_input=False)
        else:
            report = scanned(subject, None, every_input=False)
        seconds = used_seconds() - began
        looked = [one.images for one in report.entries]
        print(
            f"{arguments.model.name}: scan {seconds:.1f} s of processor time, {min(looked)} to "
            f"{max(looked)} images a layer, order expected to keep {report.stability[SETTING]:.3f}"
        )
        passed = arguments.no_loop or compare_with_loop(subject, report, seconds)
        add_up(subject, scanned(subject, None, every_input=True), arguments.apart)
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
