"""Do our latencies agree with those of others? On the same models, in one run, in turns.

Each round takes, in random order and each in fresh processes: our own figures for both runtimes,
OpenVINO's benchmark_app, and a plain loop around onnxruntime. Compared are the medians over rounds.

    python tests/benchmarks/agreement.py MODEL.onnx…
    python tests/benchmarks/agreement.py --rounds 7 --seconds 4 MODEL.onnx

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
from statistics import median

from core.benchmark.batches import with_batch
from core.benchmark.contender_process import Contender
from core.benchmark.protocol import measure
from core.offline import silence_telemetry
from core.plan.plan import RuntimeChoice

WITHIN = 0.05
PAIRS = (("openvino", "benchmark_app"), ("onnxruntime", "plain loop"))

_MEDIAN = re.compile(r"Median:\s+([0-9.]+) (us|ms)")
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
print(1000 * statistics.median(run(seconds)))
"""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each tool in each round")
    options = parser.parse_args(arguments)
    silence_telemetry()
    lines = [f"{'model':<32}{'ours':>24}{'theirs':>26}{'ours / theirs':>16}"]
    for model in options.models:
        with tempfile.TemporaryDirectory() as folder:
            fixed = with_batch(model.absolute(), 1, Path(folder))
            figures = rounds(fixed, options.rounds, options.seconds)
        lines += [line(model.name, figures, ours, theirs) for ours, theirs in PAIRS]
        print("\n".join([lines[0], *lines[-len(PAIRS) :]]), file=sys.stderr)
    print("\n".join(lines))


def rounds(model: Path, count: int, seconds: float) -> Mapping[str, list[float]]:
    """Medians in milliseconds of each round, by who took them."""
    figures: dict[str, list[float]] = {}
    turns: list[Callable[[], Mapping[str, float]]] = [
        lambda: ours(model, seconds),
        lambda: {"benchmark_app": benchmark_app(model, seconds)},
        lambda: {"plain loop": plain_loop(model, seconds)},
    ]
    for _ in range(count):
        for turn in random.sample(turns, len(turns)):
            for name, milliseconds in turn().items():
                figures.setdefault(name, []).append(milliseconds)
    return figures


def ours(model: Path, seconds: float) -> Mapping[str, float]:
    contenders = [
        Contender(id=name, label=name, model=model, choice=RuntimeChoice(runtime=name))
        for name, _ in PAIRS
    ]
    block = 0.25
    results, _ = measure(contenders, blocks=max(2, round(seconds / block)), processes=1)
    return {result.contender: result.latency_ms.value for result in results}


def benchmark_app(model: Path, seconds: float) -> float:
    start = (
        "from core.offline import silence_telemetry; silence_telemetry(); "
        "from openvino.tools.benchmark.main import main; main()"
    )
    options = ["-m", str(model), "-d", "CPU", "-hint", "latency", "-t", str(max(1, round(seconds)))]
    said = subprocess.run(
        [sys.executable, "-c", start, *options], capture_output=True, text=True, check=True
    ).stdout
    found = _MEDIAN.search(said)
    if found is None:
        raise SystemExit(f"benchmark_app gave no median:\n{said}")
    return float(found.group(1)) / (1000 if found.group(2) == "us" else 1)


def plain_loop(model: Path, seconds: float) -> float:
    command = [sys.executable, "-c", _LOOP, str(model), str(seconds)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def line(model: str, figures: Mapping[str, list[float]], ours: str, theirs: str) -> str:
    mine, other = median(figures[ours]), median(figures[theirs])
    ratio = mine / other
    held = "within 5 %" if abs(ratio - 1) <= WITHIN else "NOT within 5 %"
    mine_words, other_words = f"{ours} {mine:.3g} ms", f"{theirs} {other:.3g} ms"
    return f"{model:<32}{mine_words:>24}{other_words:>26}{ratio:>16.3f}  {held}"


if __name__ == "__main__":
    main(sys.argv[1:])
