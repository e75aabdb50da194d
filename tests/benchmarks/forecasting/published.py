"""Reads the table of published latencies: each row with its profile, its work and its harness."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.devices.profile import DeviceProfile, profiles
from core.search.forecast.described import described
from core.search.forecast.levels import Ask
from core.search.forecast.workload import Workload
from tests.benchmarks.forecasting.zoo import published

PRECISIONS = {"fp32": "f32", "fp16": "f16", "fp16-auto": "f16", "int8": "i8", "bf16": "bf16"}

RUNTIMES = {"openvino-arm": "openvino"}

_GRAPHICS = {
    "intel-atom-x6425e": "intel-igpu-uhd-ehl",
    "intel-atom-x7425e": "intel-igpu-n-24eu",
    "intel-core-i7-1185g7": "intel-igpu-xe-96eu",
    "intel-core-i7-1185gre": "intel-igpu-xe-96eu",
    "intel-core-i7-12700h": "intel-igpu-xe-96eu",
    "intel-core-ultra-7-155h": "intel-igpu-mtl-8xe",
    "intel-core-ultra-7-165h": "intel-igpu-mtl-8xe",
    "intel-core-ultra-7-258v": "intel-igpu-lnl",
    "snapdragon-x-elite": "adreno-x1-85",
    "odroid-n2+": "mali-g52-mp6",
    "rk3588": "mali-g610-mp4",
}
_NPUS = {
    "intel-core-ultra-7-155h": "intel-npu-mtl",
    "intel-core-ultra-7-165h": "intel-npu-mtl",
    "intel-core-ultra-7-258v": "intel-npu-lnl",
}
"""The graphics and NPUs in processors under whose id the table lists them."""

_ON_ONE_CORE = {("rpi-3b", "tflite-ruy")}
"""The source does not tell threads. These reach a tenth of what four cores can do, where the same
runtime reaches four tenths on every other board: just what one core can do."""


@dataclass(frozen=True)
class Row:
    """One published measurement that constants may be fitted to."""

    device: str
    """As the table calls it: what is left out together."""
    ask: Ask
    workload: Workload
    gflops: float
    """What the table says of the model, for the baseline."""
    milliseconds: float
    known: bool
    """Whether the model's kernels are written down; otherwise its sums stand for them."""


def read_rows(table: Path) -> Iterator[Row]:
    """Rows that are fit for fitting and whose device has a profile."""
    with table.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            profile = _profile(line["device_id"], line["proc"])
            if line["use_for_fit"] == "1" and profile is not None and line["gflops"]:
                yield _row(line, profile)


def _row(line: dict[str, str], profile: DeviceProfile) -> Row:
    gflops, parameters = float(line["gflops"]), float(line["params_m"] or 0)
    kernels = published(line["model"])
    workload = kernels or described(line["model"], gflops, parameters, line["arch"])
    runtime = RUNTIMES.get(line["runtime"], line["runtime"])
    if (line["device_id"], runtime) in _ON_ONE_CORE:
        profile = _one_core(profile)
    ask = Ask(profile, runtime, PRECISIONS[line["precision"]], _harness(line))
    return Row(
        device=line["device_id"],
        ask=ask,
        workload=replace(workload, batch=int(line["batch"])),
        gflops=gflops,
        milliseconds=float(line["latency_ms"]),
        known=kernels is not None,
    )


def _one_core(profile: DeviceProfile) -> DeviceProfile:
    cores = profile.cores or 1
    peaks = {precision: peak / cores for precision, peak in profile.peaks.items()}
    return profile.model_copy(update={"cores": 1, "peaks": peaks})


def _harness(line: dict[str, str]) -> str:
    scenario = line["scenario"]
    starts = {
        "MLPerf": "mlperf",
        "network fps": "network-only",
        "python app": "python-app",
        "benchncnn": "benchncnn",
        "throughput": "throughput",
        "latency hint": "benchmark-app",
    }
    found = next((name for start, name in starts.items() if scenario.startswith(start)), "")
    return found or ("ultralytics" if "ultralytics" in line["source"] else "other")


def _profile(device: str, processor: str) -> DeviceProfile | None:
    """Graphics and phones' processors without a profile of their own give None."""
    known = profiles()
    if processor == "gpu" and device in _GRAPHICS:
        return known[_GRAPHICS[device]]
    if processor == "npu":
        return known[_NPUS[device]] if device in _NPUS else None
    found = known.get(device) or next(
        (one for one in known.values() if device in one.aliases), None
    )
    if found is None:
        return None
    on_processor = processor == "cpu"
    has_processor = found.family in ("intel-cpu", "arm-board", "apple") or bool(found.cpu_peaks)
    if on_processor != has_processor and not (found.cpu_peaks and processor == "gpu"):
        return None
    return found
