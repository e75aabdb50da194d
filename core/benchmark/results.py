"""The results of measuring: estimates with their intervals, and where the numbers come from."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.data.metrics.base import Score
from core.devices.base import DeviceFacts, DeviceState
from core.devices.power.reading import PowerTrace
from core.plan.plan import RuntimeChoice
from core.runtimes.base import ExecutedLayer

Verdict = Literal["faster", "slower", "no difference", "cannot tell"]
"""“Cannot tell” where the conditions were bad or the interval is too wide for any finding."""


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)


class Estimate(_Result):
    """A figure with its bootstrap 95 % interval, in the unit that the field's name says."""

    value: float
    low: float
    high: float


class Provenance(_Result):
    """Everything needed to judge whether two results may be compared."""

    device: DeviceFacts
    before: DeviceState
    after: DeviceState
    model_sha256: str
    plan_sha256: str = ""
    runtime: RuntimeChoice
    runtime_version: str
    threads: int
    """Threads that the runtime really used."""
    accelerator: str = ""
    """The GPU or NPU of the device that computed, with its driver; empty where the CPU did."""
    versions: dict[str, str]
    """Library name to version."""
    taken_at: str
    """ISO 8601 with the UTC offset."""


class Energy(_Result):
    """Power and heat of one contender while it was timed; what could not be read is None."""

    joules: Estimate | None = None
    """For one input, with all that `covers` takes while it works; idle power is part of it."""
    watts: Estimate | None = None
    """Mean while it ran."""
    idle_watts: float | None = None
    """Of the same rails before anything ran."""
    covers: str = ""
    """What the watts belong to: “the whole module (VDD_IN)”."""
    missing: str = ""
    """Why there are no watts, and what to do; empty where there are."""
    celsius_before: float | None = None
    celsius_highest: float | None = None
    clock_mhz: float | None = None
    """Of what computed, in the median."""
    throttled: bool | None = None
    """Whether heat or power slowed it down; None where the device does not tell."""
    power_mode: str = ""
    unread: tuple[str, ...] = ()
    """What the device does not tell, in words: “how busy the GPU is”."""
    trace: PowerTrace | None = None
    """Readings over the whole benchmark for a plot, thinned out; None where there are none."""


class BenchmarkResult(_Result):
    """One contender, measured."""

    contender: str
    latency_ms: Estimate
    """Median of one inference, steady state, with all streams of its choice busy."""
    p90_ms: float | None
    """None without the 64 samples that a 90th percentile needs at least."""
    p99_ms: float | None = None
    """None without the 662 samples that a 99th percentile needs at least."""
    samples: int
    blocks: int
    compile_ms: float
    first_ms: float | None
    """The first inference after compiling; None where the runtime does not tell."""
    throughput: float | None
    """Inputs a second, counted while all streams of its choice were busy."""
    throughput_interval: Estimate | None = None
    """The same with its interval; None in older results, which took 1 / mean latency."""
    peak_memory_bytes: int | None
    """Largest resident memory of the contender's own process; on a Jetson, what the memory of the
    whole board grew by. None where it was not measured."""
    file_bytes: int
    steady: bool
    """False when warm-up did not settle within its limit."""
    warnings: tuple[str, ...] = ()
    provenance: Provenance
    layers: tuple[ExecutedLayer, ...] = ()
    """Precision and kernel from a separate run; empty when the runtime does not tell."""
    energy: Energy | None = None
    """None in older results, and where nothing about power and heat could be read."""


class Ratio(_Result):
    """How two contenders compare: latency of `a` over latency of `b`, from paired blocks."""

    a: str
    b: str
    ratio: Estimate
    verdict: Verdict
    words: str
    """“faster by 7 % (5 to 9)”, “2.9× faster (2.8 to 3.0)”, “no difference found (within 2 %)”,
    “cannot tell: the machine was busy”."""


class AccuracyResult(_Result):
    """The scores of one contender on the evaluation images."""

    contender: str
    scores: tuple[Score, ...]
    """The first is the one that limits apply to."""
    drop: Estimate | None
    """Points (0 to 100) lost against the original on the same images; negative when better."""
    reference: str
    """Name of the contender that the drop is against."""
    evaluated_on: str
    """“400 of 500 images; 100 others calibrated the ranges”."""
    task: str = ""
    """What the model was recognized to do: “object detection”."""


def rate_words(rate: float) -> str:
    """“1234”, “56.7”: inputs a second."""
    return f"{rate:.0f}" if rate >= 100 else f"{rate:.3g}"
