"""The main job on a real classifier, by the command line, for both goals, against its bars.

    python tests/benchmarks/main_job.py MODEL IMAGES [--max-drop 1] [--goal latency]

MODEL is an ONNX classifier, IMAGES a zip or folder with one folder per class. The original under
the defaults of ONNX Runtime and of OpenVINO takes part in the same run, so both ratios are from
interleaved blocks. Prints a table of what was asked and what was seen.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Row = tuple[str, str, str, bool]

GOALS = ("latency", "size")
MOST_SECONDS = 360.0
AGAINST = {"onnxruntime": (0.55, 0.62), "openvino": (0.88, None)}
"""Runtime to the bar for the ratio of medians, and for the upper end of its interval."""
SMALLEST_SHARE = 0.30


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--max-drop", type=float, default=1.0, help="percentage points")
    parser.add_argument("--goal", choices=GOALS, help="default: both")
    arguments = parser.parse_args()
    goals = [arguments.goal] if arguments.goal else GOALS
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for goal in goals for row in rows_of(arguments, goal, Path(folder) / goal)]
    print_table(rows)
    return 0 if all(met for *_, met in rows) else 1


def rows_of(arguments: argparse.Namespace, goal: str, project: Path) -> list[Row]:
    began = time.monotonic()
    report = optimize(arguments, goal, project)
    seconds = time.monotonic() - began
    exported = project / "deploy"
    run("export", str(project), "--out", str(exported))
    chosen = next((c for c in report["candidates"] if c["id"] == report["chosen"]), None)
    print(f"\n{goal}: {chosen and chosen['label']}\n  " + "\n  ".join(report["why"]))
    rows: list[Row] = [
        (f"{goal}: time", f"{seconds:.0f} s", f"≤ {MOST_SECONDS:.0f} s", seconds <= MOST_SECONDS)
    ]
    if chosen is None:
        return [*rows, (f"{goal}: chosen", "nothing", "something", False)]
    lost = chosen["accuracy"]["drop"]["value"]
    bar = arguments.max_drop
    rows.append((f"{goal}: points lost", f"{lost:.2f}", f"≤ {bar:g}", lost <= bar))
    rows += latency_rows(report) if goal == "latency" else size_rows(report, chosen)
    models = [name for name in ("model.onnx", "model.xml") if (exported / name).exists()]
    rows.append((f"{goal}: exported", " ".join(models), "model.onnx or .xml", bool(models)))
    return rows


def latency_rows(report: Mapping[str, Any]) -> list[Row]:
    rows: list[Row] = []
    for ratio in report["ratios"]:
        runtime = ratio["b"].split(".")[1]
        bar, widest = AGAINST[runtime]
        got = ratio["ratio"]
        met = got["value"] <= bar and (widest is None or got["high"] <= widest)
        seen = f"{got['value']:.3f} ({got['low']:.3f} to {got['high']:.3f})"
        asked = f"≤ {bar}" + (f", interval below {widest}" if widest else "")
        rows.append((f"latency: of {runtime}'s default", seen, asked, met))
    return rows


def size_rows(report: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[Row]:
    original = next(c for c in report["candidates"] if c["standing"] == "baseline")
    share = chosen["file_bytes"] / original["file_bytes"]
    return [
        ("size: of the original", f"{share:.3f}", f"≤ {SMALLEST_SHARE}", share <= SMALLEST_SHARE)
    ]


def optimize(arguments: argparse.Namespace, goal: str, project: Path) -> dict[str, Any]:
    limit = f"{arguments.max_drop:g}%"
    options = ["--data", str(arguments.images), "--goal", goal, "--max-drop", limit]
    answer = run("optimize", str(arguments.model), *options, "--out", str(project), "--json")
    return json.loads(answer)


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "core", *command], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"edgewright {command[0]} ended with {done.returncode}")
    return done.stdout


def print_table(rows: list[Row]) -> None:
    print(f"\n{'what':34} {'seen':26} {'asked':28} met")
    for what, seen, asked, met in rows:
        print(f"{what:34} {seen:26} {asked:28} {'yes' if met else 'NO'}")


if __name__ == "__main__":
    raise SystemExit(main())
