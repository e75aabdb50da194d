"""Does the benchmark tell the truth? Compares contenders whose true ratio is known.

Each run measures six contenders with the product's own protocol, in fresh processes: three exact
copies, and three that do 5 % more work. That gives twelve comparisons: of any two that are alike,
and of each slower one with two of the faster ones. Those of one run share contenders, so they hang
together a little.
Then the same runs beside a program that keeps a processor busy, where no verdict may be given. With
--model the copies are also compared on a real model in every runtime.

    python tests/benchmarks/honesty.py --quiet-check
    python tests/benchmarks/honesty.py --comparisons 200 --hog 30 --state honesty.jsonl
    python tests/benchmarks/honesty.py --comparisons 200 --minutes 10 --state honesty.jsonl

The second goes on where the state file ends, so it can be run in pieces.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

from pydantic import BaseModel

from core.benchmark.conditions import DISTURBING_LOAD
from core.benchmark.contender_process import Contender
from core.benchmark.load import RoundWatch
from core.benchmark.protocol import PATIENCE, PROCESSES, measure
from core.benchmark.results import Ratio
from core.benchmark.statistics import ratio
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes

TESTS = Path(__file__).resolve().parent.parent
STUB = TESTS / "benchmark" / "stub_contender.py"
SAMPLE = TESTS.parent / "resources" / "samples" / "fashion-mnist" / "model.onnx"
WORK = 100
"""Matrix products in an inference; some 1 to 2 ms."""
SLOWER = 1.05
COPIES = 3
POINTS = 0.02
HOG = "hog"
"""A row under a hog says so in its name."""


class Comparison(BaseModel):
    """One pair, measured once."""

    row: str
    truth: float
    ratio: Ratio
    rounds: int
    void_rounds: int


class Run(BaseModel):
    """What one measurement gave; a line of the state file."""

    mode: str
    seconds: float
    comparisons: tuple[Comparison, ...]


def main(arguments: Sequence[str]) -> None:
    options = parse(arguments)
    if options.quiet_check:
        quiet_check(options.quiet_seconds)
        return
    runs = read_state(options.state)
    end = time.monotonic() + options.minutes * 60
    wanted = {"quiet": options.comparisons, HOG: options.hog}
    if options.model:
        wanted["model"] = options.comparisons
    for mode, count in wanted.items():
        while done(runs, mode) < count and time.monotonic() < end:
            run = take(mode, options)
            runs.append(run)
            if options.state:
                with options.state.open("a", encoding="utf-8") as state:
                    state.write(run.model_dump_json() + "\n")
            print(f"{mode}: {done(runs, mode)} of {count}, {run.seconds:.0f} s", file=sys.stderr)
    print("\n".join(report(runs)))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comparisons", type=int, default=200, help="of copies, and of +5 %%")
    parser.add_argument("--hog", type=int, default=30, help="comparisons beside a busy program")
    parser.add_argument("--minutes", type=float, default=1e6, help="start no run after these")
    parser.add_argument("--state", type=Path, help="file of what was measured so far")
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds")
    parser.add_argument("--block-seconds", type=float, default=0.025)
    parser.add_argument("--model", type=Path, help="an ONNX model, copied against itself")
    parser.add_argument("--quiet-check", action="store_true", help="only look how busy it is here")
    parser.add_argument("--quiet-seconds", type=float, default=15.0)
    return parser.parse_args(arguments)


def read_state(state: Path | None) -> list[Run]:
    if state is None or not state.exists():
        return []
    return [Run.model_validate_json(line) for line in state.read_text().splitlines()]


def done(runs: Sequence[Run], mode: str) -> int:
    """Comparisons of the row that has the fewest."""
    counts = [sum(one.row == row for one in flat(runs, mode)) for row in rows_of(runs, mode)]
    return min(counts, default=0)


def flat(runs: Sequence[Run], mode: str) -> list[Comparison]:
    return [one for run in runs if run.mode == mode for one in run.comparisons]


def rows_of(runs: Sequence[Run], mode: str) -> list[str]:
    return list(dict.fromkeys(one.row for one in flat(runs, mode)))


def take(mode: str, options: argparse.Namespace) -> Run:
    began = time.monotonic()
    if mode == HOG:
        with hog():
            found = stub_comparisons(options)
    else:
        found = model_comparisons(options) if mode == "model" else stub_comparisons(options)
    return Run(mode=mode, seconds=time.monotonic() - began, comparisons=found)


def stub_comparisons(options: argparse.Namespace) -> tuple[Comparison, ...]:
    plain = [f"plain {number}" for number in range(COPIES)]
    slower = [f"slower {number}" for number in range(COPIES)]
    work = dict.fromkeys(plain, WORK) | dict.fromkeys(slower, round(WORK * SLOWER))
    alike = [*combinations(plain, 2), *combinations(slower, 2)]
    different = [*zip(slower, plain, strict=True), *zip(slower, plain[1:] + plain[:1], strict=True)]
    pairs = [("copies", 1.0, *pair) for pair in alike]
    pairs += [("+5 %", SLOWER, *pair) for pair in different]
    contenders = [
        Contender(id=name, label=name, model=SAMPLE, choice=RuntimeChoice(runtime="stub"))
        for name in work
    ]
    _, samples = measure(
        contenders,
        blocks=options.blocks,
        processes=options.processes,
        patience=options.patience,
        block_seconds=options.block_seconds,
        pause=0.01,
        launch=lambda contender: stub_command({"work": work[contender.id]}),
    )
    return tuple(
        Comparison(
            row=row,
            truth=truth,
            ratio=ratio(samples, one, other),
            rounds=samples.rounds,
            void_rounds=samples.rounds_disturbed,
        )
        for row, truth, one, other in pairs
    )


def stub_command(behaviour: Mapping[str, float]) -> list[str]:
    start = (
        f"import sys, runpy; sys.path.insert(0, {str(TESTS.parent)!r}); "
        f"sys.argv = ['stub', {json.dumps(behaviour)!r}]; "
        f"runpy.run_path({str(STUB)!r}, None, '__main__')"
    )
    return [sys.executable, "-c", start]


def model_comparisons(options: argparse.Namespace) -> tuple[Comparison, ...]:
    names = [runtime.name for runtime in available_runtimes()]
    contenders = [
        Contender(
            id=f"{name}{copy}",
            label=f"{name}{copy}",
            model=options.model,
            choice=RuntimeChoice(runtime=name),
        )
        for name in names
        for copy in ("", " copy")
    ]
    _, samples = measure(
        contenders,
        blocks=options.blocks,
        processes=options.processes,
        patience=options.patience,
    )
    return tuple(
        Comparison(
            row=f"copies, {name}",
            truth=1.0,
            ratio=ratio(samples, f"{name} copy", name),
            rounds=samples.rounds,
            void_rounds=samples.rounds_disturbed,
        )
        for name in names
    )


@contextmanager
def hog() -> Iterator[None]:
    """A program that wants a whole processor for itself."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def report(runs: Sequence[Run]) -> list[str]:
    lines = [
        f"{'':<26}{'truth':>7}{'count':>7}{'void':>6}{'called':>8}{'right':>7}"
        f"{'size within 2 points':>22}{'truth in interval':>19}{'void rounds':>13}"
    ]
    for mode in ("quiet", "model", HOG):
        for row in rows_of(runs, mode):
            found = [one for one in flat(runs, mode) if one.row == row]
            lines.append(line(f"{row}, beside a hog" if mode == HOG else row, found))
    minutes = sum(run.seconds for run in runs) / 60
    return [*lines, f"{len(runs)} runs, {minutes:.0f} minutes", *bars(runs)]


def line(name: str, found: Sequence[Comparison]) -> str:
    told = [one for one in found if one.ratio.verdict != "cannot tell"]
    wrong = sum(is_wrong(one) for one in told)
    close = sum(abs(one.ratio.ratio.value - one.truth) < POINTS for one in told)
    inside = sum(one.ratio.ratio.low <= one.truth <= one.ratio.ratio.high for one in told)
    rounds = sum(one.rounds for one in found)
    called = sum(one.ratio.verdict in ("faster", "slower") for one in told)
    return (
        f"{name:<26}{found[0].truth:>7.2f}{len(found):>7}{len(found) - len(told):>6}{called:>8}"
        f"{len(told) - wrong:>7}{close:>22}{inside:>19}"
        f"{sum(one.void_rounds for one in found) / rounds:>12.1%}"
    )


def is_wrong(one: Comparison) -> bool:
    """A verdict that contradicts the truth; “cannot tell” contradicts nothing."""
    right = "no difference" if one.truth == 1 else "slower"
    return one.ratio.verdict not in (right, "cannot tell")


def bars(runs: Sequence[Run]) -> Iterator[str]:
    """What has to hold, and whether it does; shares are of the comparisons with a verdict."""
    quiet = flat(runs, "quiet")
    void = sum(one.ratio.verdict == "cannot tell" for one in quiet)
    held = "holds" if void <= 0.1 * len(quiet) else "FAILS"
    yield f"{held}: at most 10 % without a verdict on a quiet computer ({void} of {len(quiet)})"
    for name, mode, row, least in (
        ("copies are called different in at most 5 %", "quiet", "copies", 0.95),
        ("+5 % is found in at least 95 %", "quiet", "+5 %", 0.95),
        ("copies beside a hog are never called different", HOG, "copies", 1.0),
        ("+5 % beside a hog is never denied", HOG, "+5 %", 1.0),
    ):
        told = [
            one for one in flat(runs, mode) if one.row == row and one.ratio.verdict != "cannot tell"
        ]
        right = sum(not is_wrong(one) for one in told)
        yield verdict_line(name, right, len(told), least)
        if row == "+5 %" and mode == "quiet":
            close = sum(abs(one.ratio.ratio.value - one.truth) < POINTS for one in told)
            yield verdict_line(
                "its size is within 2 points in at least 80 %", close, len(told), 0.8
            )


def verdict_line(name: str, right: int, told: int, least: float) -> str:
    if told == 0:
        return f"no verdicts: {name}"
    held = "holds" if right >= least * told else "FAILS"
    return f"{held}: {name} ({right} of {told} verdicts are right)"


def quiet_check(seconds: float) -> None:
    """Whether the figures would be worth anything now: other load, second by second."""
    loads: list[float] = []
    while len(loads) < seconds:
        watch = RoundWatch(time.process_time)
        time.sleep(1)
        loads.append(watch.conditions().other_load)
    busy = sum(load > DISTURBING_LOAD for load in loads)
    print(f"other load: median {sorted(loads)[len(loads) // 2]:.1%}, most {max(loads):.1%}")
    print(f"{busy} of {len(loads)} seconds above {DISTURBING_LOAD:.0%}")
    print("quiet enough" if busy <= 0.1 * len(loads) else "too busy: wait, or find out who works")


if __name__ == "__main__":
    main(sys.argv[1:])
