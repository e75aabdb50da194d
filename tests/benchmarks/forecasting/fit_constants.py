"""Makes resources/forecast from a table of published latencies.

python -m tests.benchmarks.forecasting.fit_constants TABLE FOLDER
"""

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.search.forecast.constants import Figure
from tests.benchmarks.forecasting.engines import BELIEFS, Belief
from tests.benchmarks.forecasting.evaluation import Evaluation, Outcome
from tests.benchmarks.forecasting.published import read_rows


def main(table: Path, folder: Path) -> None:
    rows = list(read_rows(table))
    for belief in BELIEFS:
        mine = [row for row in rows if belief.serve(row.ask.profile, row.ask.runtime)]
        work = Evaluation(belief, mine)
        file = folder / f"{belief.name}.toml"
        text = "\n".join(_lines(belief, work.outcome(), len(mine), len(work.devices)))
        file.write_text(text + "\n", encoding="utf-8")
        print(f"{file.name}: {len(mine)} rows, {len(work.devices)} devices")


def _lines(belief: Belief, outcome: Outcome, rows: int, devices: int) -> Iterator[str]:
    yield "# Constants of forecasts, fitted to published latencies: made by"
    yield "# tests/benchmarks/forecasting/fit_constants.py, do not edit by hand."
    yield f"name = {_text(belief.name)}"
    yield f"title = {_text(belief.title)}"
    yield f"engine = {_text(belief.engine)}"
    yield f"harness = {_text(belief.harness)}"
    yield f"reuse = {outcome.reuse}"
    yield f"factors = {_text(belief.factors)}"
    yield f"computes = {{ {', '.join(f'{a} = {_text(b)}' for a, b in belief.computes.items())} }}"
    for serves in belief.serves:
        yield ""
        yield "[[serves]]"
        yield f"families = {_text(serves.families)}"
        yield f"runtimes = {_text(serves.runtimes)}"
        yield f"cores = {_text(serves.cores)}"
    yield ""
    yield "# Spread of the logarithm for what no published row tells of."
    yield "[unseen]"
    yield from (f"{_text(name)} = {spread}" for name, spread in belief.unseen.items())
    yield ""
    yield "# Value and spread of its logarithm: reached shares of peaks and bandwidth, microseconds"
    yield "# to start a kernel at 1 GHz, milliseconds of a harness at a core of 1 GHz, factors."
    yield "[figures]"
    yield from (f"{_text(name)} = {_pair(one)}" for name, one in outcome.figures.items())
    yield ""
    yield "# Errors on left-out devices; rows and devices that the constants were fitted to."
    yield "[band]"
    yield f"base = {outcome.reach.base}"
    yield f"stretch = {outcome.reach.stretch:.3f}"
    yield f"rows = {rows}"
    yield f"devices = {devices}"
    errors = np.array([one.error for one in outcome.judged] or [math.log(3)])
    yield f"median_error = {float(np.median(np.abs(np.expm1(errors)))):.3f}"
    yield f"within_twice = {float((np.abs(errors) < math.log(2)).mean()):.3f}"
    yield ""
    yield "# Recalled: no published table of memory footprints was found. MB, or times the bytes."
    yield "[memory]"
    memory = belief.memory
    yield f"runtime_mb = {_pair(memory.runtime_mb)}"
    yield f"weights = {_pair(memory.weights)}"
    yield f"values = {_pair(memory.values)}"
    yield f"system_mb = {memory.system_mb}"


def _text(value: object) -> str:
    """A text, or a list of texts or whole numbers, as TOML writes it."""
    return json.dumps(value, ensure_ascii=False)


def _pair(figure: Figure) -> str:
    return f"[{figure.value:.4g}, {figure.spread:.3g}]"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    main(arguments.table, arguments.folder)
