"""Reads what trtexec says: how far a build is, how it ended, its summary, its warnings.

trtexec can print PASSED although the engine was not loaded (seen in 10.13.3 with --skipInference),
so that a run counts as passed only with the sentence that the work itself was done.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.tensorrt.version import TensorRtVersion

Work = Literal["build", "time"]
WarningKind = Literal[
    "unstable", "enqueue-bound", "transfer-bound", "quantization", "error", "other"
]
"""“error” is what trtexec called an error and survived, such as a kernel that wants more memory
than there is."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Metric(_Read):
    """One line of the summary, in milliseconds."""

    min: float
    max: float
    mean: float
    median: float
    percentiles: dict[int, float]


class Summary(_Read):
    """The performance summary, as trtexec counts it."""

    throughput: float
    """Inferences a second."""
    latency: Metric | None = None
    enqueue: Metric | None = None
    host_to_device: Metric | None = None
    compute: Metric | None = None
    """On the GPU or DLA alone."""
    device_to_host: Metric | None = None


class LogWarning(_Read):
    kind: WarningKind
    text: str
    variation: float | None = None
    """Of “unstable”: the coefficient of variation of the compute times, 0 to 1."""


class Verdict(_Read):
    """How a run of trtexec ended."""

    passed: bool
    problems: tuple[str, ...]
    """Why not: what trtexec called errors, and what it did not say though it should have."""
    unknown_options: tuple[str, ...] = ()
    version: TensorRtVersion | None = None
    build_seconds: float | None = None
    engine_bytes: int | None = None
    loaded: bool = False
    """Whether the engine was read back on the board that shall run it."""
    summary: Summary | None = None
    warnings: tuple[LogWarning, ...] = ()
    on_dla: tuple[str, ...] = ()
    """Engine layers that the DLA takes, and those that the GPU takes; both empty where no DLA was
    asked for."""
    on_gpu: tuple[str, ...] = ()


@dataclass(frozen=True)
class Phase:
    """How far a build is."""

    share: float
    """Of the time that a build without a timing cache takes, from 0 to 1; about."""
    text: str


_MARK = re.compile(r"^&&&& (RUNNING|PASSED|FAILED) \S+ \[TensorRT v(\d+)\]")
_LEVEL = r"(?:\[([VIWEF]|TRT)\] )?"
_LINE = re.compile(rf"^\[[^\]]*\] {_LEVEL}{_LEVEL}(?P<text>.*)$")
_UNKNOWN = re.compile(r"^Unknown option: (\S+)")
_NUMBER = r"([-+.\deE]+|nan|inf)"
_FIGURES = ", ".join(f"{name} = {_NUMBER} ms" for name in ("min", "max", "mean", "median"))
_METRIC = re.compile(rf"^(?P<name>[A-Z][\w \-]*?): {_FIGURES}(?P<rest>.*)$")
_PERCENTILE = re.compile(rf"percentile\((\d+)%\) = {_NUMBER} ms")
_THROUGHPUT = re.compile(rf"^Throughput: {_NUMBER} qps")
_BUILT = re.compile(rf"^Engine built in {_NUMBER} sec")
_SIZE = re.compile(rf"^Created engine with size: {_NUMBER} MiB")
_UNSTABLE = re.compile(rf"unstable, with coefficient of variance = {_NUMBER}%")
_LOADED = "Engine deserialized in "
_NOT_LOADED = ("Engine deserialization failed", "deserializeCudaEngine", "load engine failed")
_METRICS = {
    "Latency": "latency",
    "Enqueue Time": "enqueue",
    "H2D Latency": "host_to_device",
    "GPU Compute Time": "compute",
    "D2H Latency": "device_to_host",
}
_KINDS: tuple[tuple[str, WarningKind], ...] = (
    ("GPU compute time is unstable", "unstable"),
    ("bound by Enqueue Time", "enqueue-bound"),
    ("bound by host-to-device transfers", "transfer-bound"),
    ("bound by device-to-host transfers", "transfer-bound"),
    ("zero_point", "quantization"),
    ("zero point", "quantization"),
)
_CONTINUED = re.compile(r"^  +\S")
_PHASES = (
    ("Start parsing network model", 0.0, "Reading the model"),
    ("Finish parsing network model", 0.02, "Optimizing the graph"),
    ("Finished parsing network model", 0.02, "Optimizing the graph"),
    ("Local timing cache in use", 0.05, "Choosing kernels"),
    ("Global timing cache in use", 0.05, "Choosing kernels"),
    ("Total Activation Memory", 0.95, "Putting the engine together"),
    ("Engine built in", 0.98, "Saving the engine"),
    ("Created engine with size", 0.98, "Saving the engine"),
    (_LOADED, 1.0, "The engine is built"),
)


def phase_of(line: str) -> Phase | None:
    """What a line of a build's log says about how far it is, or None."""
    text = _text(line)
    found = (Phase(share, words) for key, share, words in _PHASES if text.startswith(key))
    return next(found, None)


def verdict_of(log: Iterable[str] | str, work: Work, exit_code: int | None = None) -> Verdict:
    """How trtexec ended, from its whole log: stdout and stderr together.

    `work` says which sentences must be there for it to have passed.
    """
    reader = _Reader()
    for line in log.splitlines() if isinstance(log, str) else log:
        reader.read(line.rstrip("\r\n"))
    return reader.verdict(work, exit_code)


@dataclass
class _Reader:
    """Goes through a log once."""

    _passed: bool = False
    _failed: bool = False
    _version: TensorRtVersion | None = None
    _errors: list[str] = field(default_factory=list[str])
    _unknown: list[str] = field(default_factory=list[str])
    _warnings: list[LogWarning] = field(default_factory=list[LogWarning])
    _metrics: dict[str, Metric] = field(default_factory=dict[str, Metric])
    _throughput: float | None = None
    _build_seconds: float | None = None
    _engine_bytes: int | None = None
    _loaded: bool = False
    _places: dict[str, list[str]] = field(
        default_factory=lambda: {"[DlaLayer] ": [], "[GpuLayer] ": []}
    )

    def read(self, line: str) -> None:
        if (mark := _MARK.match(line)) is not None:
            self._version = TensorRtVersion.from_number(int(mark[2]))
            self._passed |= mark[1] == "PASSED"
            self._failed |= mark[1] == "FAILED"
            return
        level, text = _level(line), _text(line)
        if level in ("E", "F"):
            self._read_error(text)
        elif level == "W":
            self._read_warning(text)
        self._read_figure(text)
        self._read_place(text)

    def _read_error(self, text: str) -> None:
        if (unknown := _UNKNOWN.match(text)) is not None:
            self._unknown.append(unknown[1])
        if text.strip() and text not in self._errors:
            self._errors.append(text)

    def _read_warning(self, text: str) -> None:
        if _CONTINUED.match(text) and self._warnings:
            last = self._warnings[-1]
            joined = f"{last.text} {text.strip()}"
            self._warnings[-1] = last.model_copy(update={"text": joined})
            return
        found = _UNSTABLE.search(text)
        said = LogWarning(
            kind=_kind_of(text),
            text=text.removeprefix("* ").strip(),
            variation=float(found[1]) / 100 if found else None,
        )
        if said not in self._warnings:
            self._warnings.append(said)

    def _read_figure(self, text: str) -> None:
        self._loaded |= text.startswith(_LOADED)
        if (metric := _METRIC.match(text)) is not None:
            if (name := _METRICS.get(metric["name"])) is not None:
                self._metrics[name] = _metric(metric)
        elif (found := _THROUGHPUT.match(text)) is not None:
            self._throughput = float(found[1])
        elif (found := _BUILT.match(text)) is not None:
            self._build_seconds = float(found[1])
        elif (found := _SIZE.match(text)) is not None:
            self._engine_bytes = round(float(found[1]) * (1 << 20))

    def _read_place(self, text: str) -> None:
        for mark, names in self._places.items():
            if text.startswith(mark):
                names.append(text.removeprefix(mark).strip())

    def verdict(self, work: Work, exit_code: int | None) -> Verdict:
        missing = self._missing(work, exit_code)
        fatal = [error for error in self._errors if any(mark in error for mark in _NOT_LOADED)]
        passed = self._passed and not (self._failed or missing or fatal)
        survived = [LogWarning(kind="error", text=error) for error in self._errors if passed]
        summary = None
        if self._throughput is not None:
            summary = Summary(throughput=self._throughput, **self._metrics)
        on_dla, on_gpu = self._places.values()
        return Verdict(
            passed=passed,
            problems=() if passed else (*self._errors, *missing),
            unknown_options=tuple(self._unknown),
            version=self._version,
            build_seconds=self._build_seconds,
            engine_bytes=self._engine_bytes,
            loaded=self._loaded,
            summary=summary,
            warnings=(*self._warnings, *survived),
            on_dla=tuple(on_dla),
            on_gpu=tuple(on_gpu) if on_dla else (),
        )

    def _missing(self, work: Work, exit_code: int | None) -> Sequence[str]:
        """What should have been said and was not."""
        said = (
            (exit_code not in (None, 0), f"trtexec ended with code {exit_code}."),
            (not self._passed and not self._failed, "trtexec ended without a verdict."),
            (self._failed and not self._errors, "trtexec says FAILED and no reason."),
            (work == "build" and self._build_seconds is None, "No engine was built."),
            (work == "time" and not self._loaded, "The engine was not loaded."),
            (work == "time" and self._throughput is None, "There is no summary of the times."),
        )
        return [sentence for holds, sentence in said if holds]


def _kind_of(text: str) -> WarningKind:
    for key, kind in _KINDS:
        if key in text:
            return kind
    return "other"


def _metric(found: "re.Match[str]") -> Metric:
    low, high, mean, middle = (float(found[index]) for index in (2, 3, 4, 5))
    percentiles = {int(p): float(value) for p, value in _PERCENTILE.findall(found["rest"])}
    return Metric(min=low, max=high, mean=mean, median=middle, percentiles=percentiles)


def _level(line: str) -> str:
    found = _LINE.match(line)
    levels = (found[1], found[2]) if found else ()
    return next((level for level in levels if level and level != "TRT"), "")


def _text(line: str) -> str:
    found = _LINE.match(line)
    return found["text"] if found else line
