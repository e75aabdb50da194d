"""Does the benchmark tell the truth? Measures contenders whose true ratio is known.

Each trial runs the product's own protocol over five contenders: two that are exactly alike (A/A),
two that do a known share more work, and one whose threads spin after each call, as ONNX Runtime's
do, to rob the others if the protocol lets it. The table says how often a difference was claimed
where there is none, how often a true one was found with the right sign, and how often its true size
lay inside the interval. With --model the A/A trial is also run on a real model in every runtime.

    python tests/benchmarks/honesty.py --trials 20
    python tests/benchmarks/honesty.py --trials 5 --model MODEL.onnx
"""

import argparse
import json
import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.benchmark.contender_process import Contender
from core.benchmark.protocol import PROCESSES, measure
from core.benchmark.results import Ratio
from core.benchmark.statistics import ratio
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes

TESTS = Path(__file__).resolve().parent.parent
STUB = TESTS / "benchmark" / "stub_contender.py"
ROBBER = "robber"
SPIN_MS = 40.0


@dataclass
class Row:
    """All trials of one pair."""

    name: str
    truth: float
    found: list[Ratio] = field(default_factory=list)

    def line(self) -> str:
        count = len(self.found)
        claimed = sum(one.verdict != "no difference" for one in self.found)
        wanted = "slower" if self.truth > 1 else "no difference"
        right = sum(one.verdict == wanted for one in self.found)
        inside = sum(one.ratio.low <= self.truth <= one.ratio.high for one in self.found)
        median = statistics.median(one.ratio.value for one in self.found)
        width = statistics.median(math.log(one.ratio.high / one.ratio.low) for one in self.found)
        return (
            f"{self.name:<34}{self.truth:>7.3f}{median:>9.3f}{100 * width / 2:>9.1f} %"
            f"{claimed:>9}/{count}{right:>9}/{count}{inside:>9}/{count}"
        )


HEADER = (
    f"{'pair':<34}{'truth':>7}{'median':>9}{'± half':>11}{'claimed':>11}{'right':>11}{'inside':>11}"
)


def main(arguments: Sequence[str]) -> None:
    options = parse(arguments)
    model = options.model or options.tiny
    stubs = {
        "a": {"work": options.work},
        "a again": {"work": options.work},
        "+2 %": {"work": round(options.work * 1.02)},
        "+5 %": {"work": round(options.work * 1.05)},
        ROBBER: {"work": options.work, "spin_after_ms": SPIN_MS},
    }
    rows = {
        name: Row(f"{name} / a", behaviour["work"] / options.work)
        for name, behaviour in stubs.items()
        if name not in ("a", ROBBER)
    }
    real = real_contenders(options.model) if options.model else []
    for runtime in {contender.choice.runtime for contender in real}:
        rows[f"{runtime} again"] = Row(f"{runtime} again / {runtime}", 1.0)
    disturbed = 0
    for trial in range(options.trials):
        contenders = [
            Contender(id=name, label=name, model=model, choice=RuntimeChoice(runtime="stub"))
            for name in stubs
        ]
        _, samples = measure(
            contenders,
            blocks=options.blocks,
            processes=options.processes,
            block_seconds=options.block_seconds,
            launch=lambda contender: stub_command(stubs[contender.id]),
        )
        disturbed += samples.disturbed
        for name in ("a again", "+2 %", "+5 %"):
            rows[name].found.append(ratio(samples, name, "a"))
        if real:
            _, samples = measure(real, blocks=options.blocks, processes=options.processes)
            for runtime in {contender.choice.runtime for contender in real}:
                found = ratio(samples, f"{runtime} again", runtime)
                rows[f"{runtime} again"].found.append(found)
        print(f"trial {trial + 1} of {options.trials} done", file=sys.stderr)
    print(HEADER)
    for row in rows.values():
        print(row.line())
    print(f"{disturbed} of {options.trials} trials on a computer busy with other work")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--block-seconds", type=float, default=0.1)
    parser.add_argument("--work", type=int, default=400, help="matrix products an inference")
    parser.add_argument("--model", type=Path, help="an ONNX model for A/A trials in every runtime")
    sample = TESTS.parent / "resources" / "samples" / "fashion-mnist" / "model.onnx"
    parser.set_defaults(tiny=sample)
    return parser.parse_args(arguments)


def stub_command(behaviour: dict[str, float]) -> list[str]:
    start = (
        f"import sys, runpy; sys.path.insert(0, {str(TESTS.parent)!r}); "
        f"sys.argv = ['stub', {json.dumps(behaviour)!r}]; "
        f"runpy.run_path({str(STUB)!r}, None, '__main__')"
    )
    return [sys.executable, "-c", start]


def real_contenders(model: Path) -> list[Contender]:
    return [
        Contender(
            id=f"{runtime.name}{suffix}",
            label=f"{runtime.label}{suffix}",
            model=model,
            choice=RuntimeChoice(runtime=runtime.name),
        )
        for runtime in available_runtimes()
        for suffix in ("", " again")
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
