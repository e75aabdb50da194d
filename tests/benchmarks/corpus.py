"""Opens and draws every model of some folders, each in a worker as the product does; by hand.

    python tests/benchmarks/corpus.py FOLDER… [--generated-onnx-tests] [--jobs N]

Passes when each file is drawn (read, laid out, its drawing data read back) or refused in plain
words, and no worker dies or meets a defect. `--generated-onnx-tests` adds the node tests that the
package onnx generates.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = {
    ".onnx", ".tflite", ".xml", ".pb", ".pbtxt", ".pdmodel", ".json", ".keras", ".h5", ".prototxt",
    ".caffemodel", ".pt", ".pt2", ".pth", ".safetensors", ".mdl", ".raw",
}  # fmt: skip
GENERATED = "ONNX node tests"


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    path: Path
    kind: str
    """Its format's label, or its suffix where none claims it."""
    result: str
    """drawn, refused or failed."""
    why: str
    layers: int
    cpu_seconds: float


def models(folders: Iterable[Path]) -> Iterator[Path]:
    """Every file that may be a model, by its name."""
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def generated_node_tests(folder: Path) -> Iterator[Path]:
    """The models that the package onnx generates for its own tests, written into a folder."""
    from onnx.backend.test.case.node import collect_testcases

    for number, case in enumerate(collect_testcases(None)):
        if case.model is not None:
            path = folder / f"{number:04}-{case.name}.onnx"
            path.write_bytes(case.model.SerializeToString())
            yield path


def draw(path: Path) -> Outcome:
    """What the job that opens a model does, in this process."""
    from core.errors import UserError
    from core.formats import format_of
    from core.layout import write_initial_layout
    from core.model.graph_file import read_graph_file, write_graph

    started = _cpu_seconds()
    kind, layers, result, why = path.suffix or path.name, 0, "drawn", ""
    try:
        found = format_of(path)
        kind = found.label
        graph = found.read_graph(path)
        layers = len(graph.layers)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "graph"
            write_graph(graph, file)
            write_initial_layout(graph, Path(folder))
            assert len(read_graph_file(file).layers) == layers
    except UserError as refusal:
        result, why = "refused", f"{refusal.what} {refusal.why}".replace(path.name, "…")
    except Exception:  # every defect is to be counted and shown
        result, why = "failed", traceback.format_exc(limit=-4)
    return Outcome(path, kind, result, why, layers, _cpu_seconds() - started)


def run(paths: list[Path], jobs: int) -> list[Outcome]:
    """Draw all, in workers that are replaced when one dies."""
    outcomes: list[Outcome] = []
    waiting = list(paths)
    while waiting:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            futures = [(path, pool.submit(draw, path)) for path in waiting]
            done: list[Outcome] = []
            try:
                done.extend(future.result() for _, future in futures)
            except BrokenProcessPool:
                done = [f.result() for _, f in futures if f.done() and f.exception() is None]
        outcomes += done
        finished = {outcome.path for outcome in done}
        waiting = [path for path in waiting if path not in finished]
        if waiting:
            outcomes.append(alone(waiting.pop(0)))
    return outcomes


def alone(path: Path) -> Outcome:
    """Draw one file in a process of its own, and tell how that ended."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(draw, path).result()
        except BrokenProcessPool:
            return Outcome(path, path.suffix, "failed", "The worker died.", 0, 0.0)


def report(outcomes: list[Outcome], generated: Path) -> str:
    """The table of counts, the reasons with their counts, the failures and the slowest files."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        of_onnx = outcome.path.is_relative_to(generated)
        groups[GENERATED if of_onnx else outcome.kind].append(outcome)
    lines = ["| format | files | drawn | refused | failed | layers | slowest, CPU s |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for kind, found in sorted(groups.items()):
        counts = Counter(outcome.result for outcome in found)
        slowest = max(found, key=lambda outcome: outcome.cpu_seconds)
        lines.append(
            f"| {kind} | {len(found)} | {counts['drawn']} | {counts['refused']} "
            f"| {counts['failed']} | {sum(outcome.layers for outcome in found):,} "
            f"| {slowest.cpu_seconds:.2f} {slowest.path.name} |"
        )
    for result in ("refused", "failed"):
        reasons: dict[str, list[Path]] = defaultdict(list)
        for outcome in outcomes:
            if outcome.result == result:
                reasons[outcome.why].append(outcome.path)
        for why, paths in sorted(reasons.items(), key=lambda item: -len(item[1])):
            lines.append(f"\n{result}, {len(paths)} times, such as {paths[0].name}:\n  {why}")
    return "\n".join(lines)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--generated-onnx-tests", action="store_true")
    parser.add_argument("--jobs", type=int, default=1, help="workers at a time")
    arguments = parser.parse_args()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        paths = list(models(arguments.folders))
        if arguments.generated_onnx_tests:
            paths += generated_node_tests(Path(folder))
        outcomes = run(paths, arguments.jobs)
        print(report(outcomes, Path(folder)))
    counts = Counter(outcome.result for outcome in outcomes)
    seconds = time.perf_counter() - started
    print(f"\n{len(outcomes)} files in {seconds:.0f} s: {dict(counts)}")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
