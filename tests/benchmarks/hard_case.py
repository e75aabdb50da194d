"""A model that plain INT8 breaks: what the solver's plan loses, and keeps of INT8's speed.

    python tests/benchmarks/hard_case.py FOLDER MODEL DATA [--max-drop 1]
    python tests/benchmarks/hard_case.py FOLDER MODEL --files FILES… [--count 500]

The case to try is Magika, which tells kinds of files by their bytes (Apache-2.0; the package magika
holds models/standard_v3_3/model.onnx): a small network with layer normalizations, of which plain
INT8 leaves nothing. Its inputs are made from any FILES, such as those of the computer, and
labelled by their suffixes; DATA is what Optimize takes otherwise. FOLDER keeps what was made.

All plans are judged on samples that nobody calibrated with. Ends with 1 where plain INT8 is
accurate enough (then this is no hard case), or the plan loses more than the limit, or it keeps less
than WANTED of the time that plain INT8 saves on the same runtime.
"""

import argparse
import sys
from pathlib import Path

from planning.file_bytes import inputs_from_files

from core.jobs.runner import run_job
from core.search.choice import latency_of
from core.search.report import Candidate, Goal, OptimizationReport
from core.search.request import OptimizeRequest

WANTED = 0.8
PLAIN = "int8"
"""Recipes of the technique that quantizes weights and activations of all layers."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--files", type=Path, nargs="+", default=[])
    parser.add_argument("--count", type=int, default=900)
    parser.add_argument("--max-drop", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--effort", choices=("thorough", "quick"), default="thorough")
    arguments = parser.parse_args()
    data = arguments.data or inputs_from_files(
        arguments.model, arguments.files, arguments.count, arguments.folder / "inputs"
    )
    request = OptimizeRequest(
        model=arguments.model,
        data=data,
        goal=Goal(max_drop=arguments.max_drop),
        threads=arguments.threads,
        effort=arguments.effort,
        solve=True,
    )
    report = run_job("optimize", request, arguments.folder / "run", lambda event: None)
    assert isinstance(report, OptimizationReport)
    return 0 if judged(report, arguments.max_drop) else 1


def judged(report: OptimizationReport, max_drop: float) -> bool:
    """Print all that was looked at, and whether the plan meets the bars."""
    for candidate in report.candidates:
        if candidate.accuracy is not None and latency_of(candidate) != float("inf"):
            print(
                f"{candidate.label[:58]:58s}{latency_of(candidate):9.4f} ms"
                f"{drop_of(candidate):8.2f} points lost  {candidate.standing}"
            )
    plain = min((c for c in report.candidates if is_plain(c)), key=latency_of, default=None)
    chosen = next((c for c in report.candidates if c.id == report.chosen), None)
    if plain is None or chosen is None:
        print("There is no plain INT8, or nothing better than the original was found.")
        return False
    original = original_of(plain, report)
    saved = latency_of(original) - latency_of(plain)
    kept = (latency_of(original) - latency_of(chosen)) / saved if saved > 0 else float("inf")
    print(f"plain INT8 on {plain.label}: {drop_of(plain):.2f} points lost")
    print(f"chosen: {chosen.label}: {drop_of(chosen):.2f} points lost")
    print(f"keeps {100 * kept:.0f} % of the time that plain INT8 saves ({saved:.4f} ms)")
    return drop_of(plain) > max_drop >= drop_of(chosen) and kept >= WANTED


def is_plain(candidate: Candidate) -> bool:
    """Every layer that the technique can treat, as it does by itself; looked at and judged."""
    steps = candidate.plan.steps
    whole = len(steps) == 1 and steps[0].technique == PLAIN and not steps[0].layers
    return whole and candidate.accuracy is not None and latency_of(candidate) != float("inf")


def original_of(candidate: Candidate, report: OptimizationReport) -> Candidate:
    """The original on the same runtime as a candidate."""
    runtime = candidate.plan.runtime
    same = (c for c in report.candidates if not c.plan.steps and c.plan.runtime == runtime)
    return next(same, report.candidates[0])


def drop_of(candidate: Candidate) -> float:
    known = candidate.accuracy.drop if candidate.accuracy else None
    return known.value if known else float("inf")


if __name__ == "__main__":
    sys.exit(main())
