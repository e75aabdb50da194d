"""Kills an optimization again and again, and checks that its project survives.

    python tests/benchmarks/kill_project.py --model MODEL --data IMAGES [--kills 10] [--seed 0]

`edgewright optimize` is killed with SIGKILL at random moments of the time that a whole run takes.
After each kill the project is checked as another program finds it (nothing is half written), then
opened, which sweeps; then the command is started again and must keep every result that had been
acknowledged. A run that ends before its moment comes is no kill; the next one begins a new project.
At last the command runs to its end. Prints one line for each kill and a summary; the exit status is
1 if anything was lost or broken.
"""

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.jobs.context import read_results
from core.jobs.folders import PARTIAL
from core.project.project import Project

COLUMNS = ("Kill", "After", "Found", "Acknowledged", "Lost", "Broken", "Open")


@dataclass(frozen=True)
class Outcome:
    """What one kill left."""

    seconds: float
    found: str
    acknowledged: int
    lost: int
    broken: tuple[str, ...]
    open_seconds: float


def main() -> int:
    arguments = parse_arguments()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="kill-project-") as folder:
        length = seconds_of(optimize_command(arguments, Path(folder) / "measured"))
        say(f"An undisturbed run takes {length:.1f} s; {arguments.kills} kills within that time.")
        say("  ".join(f"{column:>12}" for column in COLUMNS))
        project = Path(folder) / "project"
        command = optimize_command(arguments, project)
        outcomes: list[Outcome] = []
        for attempt in itertools.count(1):
            if len(outcomes) == arguments.kills:
                break
            outcome = kill_once(command, project, chance.uniform(0, length))
            if outcome is not None:
                outcomes.append(outcome)
                say(row(len(outcomes), outcome))
            else:
                project = Path(folder) / f"project-{attempt}"
                command = optimize_command(arguments, project)
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
    return conclude(outcomes, finished.returncode)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--effort", choices=("thorough", "quick"), default="quick")
    return parser.parse_args()


def optimize_command(arguments: argparse.Namespace, project: Path) -> list[str]:
    words = ["optimize", arguments.model, "--data", arguments.data, "--effort", arguments.effort]
    return [sys.executable, "-m", "core", *map(str, words), "--out", str(project), "--json"]


def seconds_of(command: Sequence[str]) -> float:
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"The undisturbed run failed:\n{done.stderr}")
    return time.monotonic() - began


def kill_once(command: Sequence[str], project: Path, seconds: float) -> Outcome | None:
    """What the kill left; None where the run came to its end before."""
    before = acknowledged(project)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if process.wait(seconds) not in (0, 1):
            sys.exit("A run failed by itself; nothing was killed then.")
        return None
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    after = acknowledged(project)
    broken = half_written(project)
    began = time.monotonic()
    found = open_project(project)
    opened = time.monotonic() - began
    kept = acknowledged(project)
    lost = len(before.items() - after.items()) + len(after.items() - kept.items())
    return Outcome(seconds, found, len(kept), lost, broken, opened)


def acknowledged(project: Path) -> dict[str, str]:
    """Every result that any run of the project has acknowledged."""
    found: dict[str, str] = {}
    for run in project.glob("runs/*"):
        for what, event in read_results(run).items():
            name = run.name.removesuffix(PARTIAL)
            found[f"{name}: {what}"] = json.dumps(event.result, sort_keys=True)
    return found


def half_written(project: Path) -> tuple[str, ...]:
    """JSON files that another program would stumble over; temporary ones are not looked at."""
    broken: list[str] = []
    for path in project.rglob("*.json"):
        if path.name.startswith("."):
            continue
        try:
            json.loads(path.read_bytes())
        except ValueError:
            broken.append(str(path.relative_to(project)))
    return tuple(broken)


def open_project(project: Path) -> str:
    """What the next start finds. Raises when the project cannot be opened."""
    if not Project.is_project(project):
        return "nothing yet"
    with Project.open(project) as found:
        runs = found.runs()
    if any(run.whole for run in runs):
        return "whole"
    return "to resume" if runs else "swept"


def row(number: int, outcome: Outcome) -> str:
    cells = (
        number,
        f"{outcome.seconds:.2f} s",
        outcome.found,
        outcome.acknowledged,
        outcome.lost,
        len(outcome.broken),
        f"{outcome.open_seconds * 1000:.0f} ms",
    )
    return "  ".join(f"{cell!s:>12}" for cell in cells)


def conclude(outcomes: Sequence[Outcome], last_code: int) -> int:
    lost = sum(outcome.lost for outcome in outcomes)
    broken = sum(len(outcome.broken) for outcome in outcomes)
    finished = last_code in (0, 1)
    say(
        f"{len(outcomes)} kills: {lost} acknowledged results lost, {broken} files broken; "
        f"the last start {'finished' if finished else 'FAILED'}."
    )
    return 0 if finished and lost == broken == 0 else 1


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
