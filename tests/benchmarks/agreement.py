"""Do our latencies agree with those of others? On the same models, in one run, in turns.

Each round takes, in random order and each in fresh processes: our own figures for both runtimes,
OpenVINO's benchmark_app, and a plain loop around onnxruntime. Compared are the medians of each
round; shown is the median of their ratios with its 95 % interval over rounds. Beside it stands the
same for the mean of each tool: where the processor jumps between two speeds, a median can lie
on either.

    python tests/benchmarks/agreement.py MODEL.onnx…
    python tests/benchmarks/agreement.py --rounds 20 --seconds 2 MODEL.onnx

benchmark_app comes with the package openvino. Any ONNX models will do; free batches are set to 1.
"""

import argparse
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

from core.benchmark.batches import with_batch
from core.benchmark.contender_process import Contender
from core.benchmark.protocol import measure
from core.benchmark.results import Estimate
from core.benchmark.statistics import positive_interval
from core.offline import silence_telemetry
from core.plan.plan import RuntimeChoice

WITHIN = 0.05
PAIRS = (("openvino", "benchmark_app"), ("onnxruntime", "plain loop"))

_TIMES = re.compile(r"(Median|Average):\s+([0-9.]+) (us|ms)")
_LOOP = """
import sys, time, statistics
import numpy, onnxruntime
model, seconds = sys.argv[1], float(sys.argv[2])
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
kinds = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(uint8)": "uint8"}
noise = numpy.random.default_rng(0)
feeds = {
    port.name: noise.standard_normal([size if isinstance(size, int) else 1 for size in port.shape])
    .astype(kinds[port.type])
    for port in session.get_inputs()
}
def run(seconds):
    end, taken = time.perf_counter() + seconds, []
    while time.perf_counter() < end:
        start = time.perf_counter()
        session.run(None, feeds)
        taken.append(time.perf_counter() - start)
    return taken
run(seconds / 4)
taken = run(seconds)
print(1000 * statistics.median(taken), 1000 * statistics.mean(taken))
"""


class Taken(NamedTuple):
    """What a tool said in one round, in milliseconds."""

    median: float
    mean: float


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each tool in each round")
    options = parser.parse_args(arguments)
    silence_telemetry()
    lines = [
        f"{'model':<28}{'ours':>22}{'theirs':>26}"
        f"{'medians, ours / theirs':>28}{'means':>24}{'medians agree':>20}"
    ]
    for model in options.models:
        with tempfile.TemporaryDirectory() as folder:
            fixed = with_batch(model.absolute(), 1, Path(folder))
            figures = rounds(fixed, options.rounds, options.seconds)
        lines += [line(model.name, figures, ours, theirs) for ours, theirs in PAIRS]
        print("\n".join([lines[0], *lines[-len(PAIRS) :]]), file=sys.stderr)
    print("\n".join(lines))


def rounds(model: Path, count: int, seconds: float) -> Mapping[str, list[Taken]]:
    """What each round gave, by who took it."""
    figures: dict[str, list[Taken]] = {}
    turns: list[Callable[[], Mapping[str, Taken]]] = [
        lambda: ours(model, seconds),
        lambda: {"benchmark_app": benchmark_app(model, seconds)},
        lambda: {"plain loop": plain_loop(model, seconds)},
    ]
    for _ in range(count):
        for turn in random.sample(turns, len(turns)):
            for name, taken in turn().items():
                figures.setdefault(name, []).append(taken)
    return figures


def ours(model: Path, seconds: float) -> Mapping[str, Taken]:
    contenders = [
        Contender(id=name, label=name, model=model, choice=RuntimeChoice(runtime=name))
        for name, _ in PAIRS
    ]
    block = 0.25
    results, samples = measure(contenders, blocks=max(2, round(seconds / block)), processes=1)
    return {
        result.contender: Taken(
            result.latency_ms.value,
            mean(ms for each in samples.of(result.contender) for ms in each.samples_ms),
        )
        for result in results
    }


def benchmark_app(model: Path, seconds: float) -> Taken:
    start = (
        "from core.offline import silence_telemetry; silence_telemetry(); "
        "from openvino.tools.benchmark.main import main; main()"
    )
    options = ["-m", str(model), "-d", "CPU", "-hint", "latency", "-t", str(max(1, round(seconds)))]
    said = subprocess.run(
        [sys.executable, "-c", start, *options], capture_output=True, text=True, check=True
    ).stdout
    found = {
        what: float(number) / (1000 if unit == "us" else 1)
        for what, number, unit in _TIMES.findall(said)
    }
    if found.keys() != {"Median", "Average"}:
        raise SystemExit(f"benchmark_app gave no median or no average:\n{said}")
    return Taken(found["Median"], found["Average"])


def plain_loop(model: Path, seconds: float) -> Taken:
    command = [sys.executable, "-c", _LOOP, str(model), str(seconds)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    middle, average = said.split()
    return Taken(float(middle), float(average))


def line(model: str, figures: Mapping[str, list[Taken]], ours: str, theirs: str) -> str:
    mine, other = figures[ours], figures[theirs]
    medians = over_rounds([a.median / b.median for a, b in zip(mine, other, strict=True)])
    means = over_rounds([a.mean / b.mean for a, b in zip(mine, other, strict=True)])
    mine_words, other_words = (
        f"{name} {median(each.median for each in taken):.3g} ms"
        for name, taken in ((ours, mine), (theirs, other))
    )
    return (
        f"{model:<28}{mine_words:>22}{other_words:>26}"
        f"{words(medians):>28}{words(means):>24}{agreement(medians):>20}"
    )


def over_rounds(ratios: Sequence[float]) -> Estimate:
    return positive_interval(ratios, range(len(ratios)))


def words(ratio: Estimate) -> str:
    return f"{ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"


def agreement(ratio: Estimate) -> str:
    """Whether the whole interval lies within 5 %, or beyond."""
    if ratio.low >= 1 - WITHIN and ratio.high <= 1 + WITHIN:
        return "within 5 %"
    if ratio.high < 1 - WITHIN or ratio.low > 1 + WITHIN:
        return "NOT within 5 %"
    near = abs(ratio.value - 1) <= WITHIN
    return f"cannot tell, {'within' if near else 'beyond'}"


if __name__ == "__main__":
    main(sys.argv[1:])
