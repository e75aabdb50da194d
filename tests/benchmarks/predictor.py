"""How well latencies are forecast on devices that were left out, beside the two-constant fit.

    python -m tests.benchmarks.predictor TABLE [--only WORD] [--devices]

TABLE is a CSV of published latencies with the columns device_id, proc, runtime, model, gflops,
params_m, arch, precision, batch, scenario, latency_ms, use_for_fit and source. Each device is left
out as a whole: constants, choices and the width of bands come from the others alone. A row of the
answer is a class of devices, runtime and precision; the median error is over rows, the mean of |ln|
weighs every device the same, for both ways of forecasting.

Ends with 1 where Jetson or Intel processors are not forecast with an error WANTED times that of the
two-constant fit, or bands hold less than HELD of the left-out rows.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.commands.words import table
from core.search.forecast.machine import machine_of
from tests.benchmarks.forecasting.baseline import left_out_errors
from tests.benchmarks.forecasting.engines import BELIEFS
from tests.benchmarks.forecasting.evaluation import Evaluation, Judged
from tests.benchmarks.forecasting.published import Row, read_rows

WANTED = 0.7
HELD = 0.85
_DEMANDED = ("Jetson, TensorRT, all harnesses", "Intel processors, OpenVINO, all")

Belongs = Callable[[Row], bool]


def _classes() -> Mapping[str, Belongs]:
    def runs(runtime: str, precision: str = "", **wanted: str) -> Belongs:
        def belongs(row: Row) -> bool:
            ask = row.ask
            family, harness = wanted.get("family"), wanted.get("harness")
            return (
                ask.runtime == runtime
                and (not precision or (ask.precision == "i8") == (precision == "i8"))
                and (not family or ask.profile.family == family)
                and (not harness or ask.harness == harness)
            )

        return belongs

    def cores(few: bool) -> Belongs:
        intel = runs("openvino", family="intel-cpu")
        return lambda row: intel(row) and ((row.ask.profile.cores or 0) < 16) == few

    found: dict[str, Belongs] = {
        _DEMANDED[0]: runs("tensorrt", family="jetson"),
        "Jetson, TensorRT, MLPerf INT8": runs("tensorrt", family="jetson", harness="mlperf"),
        "Jetson, TensorRT, Ultralytics": runs("tensorrt", family="jetson", harness="ultralytics"),
        "Jetson, TensorRT, network only": runs("tensorrt", family="jetson", harness="network-only"),
        "Cloud GPUs, TensorRT": runs("tensorrt", family="cloud-gpu"),
        _DEMANDED[1]: runs("openvino", family="intel-cpu"),
        "Intel Core and Atom, OpenVINO": cores(few=True),
        "Intel Xeon servers, OpenVINO": cores(few=False),
        "Intel GPUs, OpenVINO": runs("openvino", family="intel-gpu"),
        "Intel NPUs, OpenVINO": runs("openvino", family="intel-npu"),
    }
    for runtime in ("tflite-ruy", "tflite-xnnpack", "armnn-neon", "ncnn"):
        for precision, word in (("float", "floats"), ("i8", "INT8")):
            found[f"Arm processors, {runtime}, {word}"] = runs(runtime, precision)
    found["Android GPUs, ncnn (Vulkan)"] = runs("ncnn-vulkan", family="android-gpu")
    found["Jetson GPUs, ncnn (Vulkan)"] = runs("ncnn-vulkan", family="jetson")
    found["Mali GPUs, Arm NN (OpenCL)"] = runs("armnn-opencl")
    found["Edge TPU"] = runs("edgetpu")
    return found


@dataclass(frozen=True)
class Line:
    """One class: ours and the baseline on the same left-out rows."""

    name: str
    judged: Sequence[Judged]
    baseline: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        return np.array([one.error for one in self.judged])

    @property
    def devices(self) -> list[str]:
        return [one.row.device for one in self.judged]

    @property
    def held(self) -> float:
        return float(np.mean([abs(one.error) <= one.reach for one in self.judged]))

    @property
    def width(self) -> float:
        return float(np.exp(np.median([one.reach for one in self.judged])))

    def mean_of(self, errors: np.ndarray) -> float:
        """Mean |ln|, each device weighing the same."""
        of = np.array(self.devices)
        return float(np.mean([np.abs(errors[of == one]).mean() for one in sorted(set(of))]))

    def cells(self) -> tuple[str, ...]:
        return (
            self.name,
            str(len(self.judged)),
            str(len(set(self.devices))),
            *self._figures(self.baseline),
            *self._figures(self.errors),
            f"{_median(self.errors) / _median(self.baseline):.2f}",
            f"{self.mean_of(self.errors) / self.mean_of(self.baseline):.2f}",
            f"{self.held:.0%}",
            f"×÷{self.width:.2f}",
        )

    def _figures(self, errors: np.ndarray) -> tuple[str, str, str]:
        twice = float((np.abs(errors) < np.log(2)).mean())
        return f"{_median(errors):.1%}", f"{self.mean_of(errors):.3f}", f"{twice:.0%}"


def _median(errors: np.ndarray) -> float:
    return float(np.median(np.abs(np.expm1(errors))))


HEADER = ("Class", "Rows", "Devices")
HEADER += ("Two constants: median error", "mean |ln|", "within 2×")
HEADER += ("Ours: median error", "mean |ln|", "within 2×")
HEADER += ("Ratio of medians", "of means", "Bands hold", "Width")


def judged_rows(rows: Sequence[Row]) -> list[Judged]:
    found: list[Judged] = []
    for belief in BELIEFS:
        mine = [row for row in rows if belief.serve(row.ask.profile, row.ask.runtime)]
        print(f"{belief.title}: {len(mine)} rows", file=sys.stderr)
        found.extend(Evaluation(belief, mine).outcome().judged)
    return found


def line_of(name: str, judged: Sequence[Judged]) -> Line | None:
    """None where no device is left when one is left out."""
    devices = [one.row.device for one in judged]
    if len(set(devices)) < 2:
        return None
    ideal = np.array([_ideal_ms(one.row) for one in judged])
    measured = np.array([one.row.milliseconds for one in judged])
    return Line(name, judged, left_out_errors(ideal, measured, devices))


def _ideal_ms(row: Row) -> float:
    belief = next(one for one in BELIEFS if one.serve(row.ask.profile, row.ask.runtime))
    precision = belief.computes.get(row.ask.precision, row.ask.precision)
    peak = machine_of(row.ask.profile, belief.engine, precision).dense_gops
    return row.gflops * row.workload.batch / peak * 1000


def _by_device(line: Line) -> str:
    rows: list[tuple[str, ...]] = []
    for device in sorted(set(line.devices)):
        mine = [one for one in line.judged if one.row.device == device]
        errors = np.array([one.error for one in mine])
        held = np.mean([abs(one.error) <= one.reach for one in mine])
        middle = float(np.exp(np.median(errors)))
        rows.append(
            (device, str(len(mine)), f"{_median(errors):.1%}", f"×{middle:.2f}", f"{held:.0%}")
        )
    return table((line.name, "Rows", "Median error", "Forecast / measured", "Bands hold"), rows)


def main(arguments: argparse.Namespace) -> int:
    rows = list(read_rows(arguments.table))
    unknown = sorted({row.workload.name for row in rows if not row.known})
    print(f"{len(rows)} rows with a profile; from sums alone: {', '.join(unknown) or 'none'}")
    judged = judged_rows(rows)
    wanted = {name: belongs for name, belongs in _classes().items() if arguments.only in name}
    found = [
        line_of(name, [one for one in judged if belongs(one.row)])
        for name, belongs in wanted.items()
    ]
    lines = [line for line in found if line is not None]
    print(table(HEADER, [line.cells() for line in lines]))
    if arguments.devices:
        print(*map(_by_device, lines), sep="\n\n")
    return int(not all(_enough(line) for line in lines if line.name in _DEMANDED))


def _enough(line: Line) -> bool:
    better = _median(line.errors) <= WANTED * _median(line.baseline)
    return better and line.held >= HELD


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--only", default="", help="classes whose name has this in it")
    parser.add_argument("--devices", action="store_true", help="a table for each class as well")
    sys.exit(main(parser.parse_args()))
