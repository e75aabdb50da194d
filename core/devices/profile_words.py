"""What a profile says, in rows of words: for a list, in full, and several side by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from core.devices.profile_facts import (
    FAMILIES,
    Confidence,
    DeviceProfile,
    PowerMode,
    Precision,
)

CONFIDENCE_WORDS: Mapping[Confidence, str] = {
    "sourced": "read in a source",
    "derived": "computed from other facts",
    "recalled": "from memory, without a source",
    "assumed": "assumed",
}
PRECISION_WORDS: Mapping[Precision, str] = {
    "f32": "FP32",
    "tf32": "TF32",
    "f16": "FP16",
    "bf16": "BF16",
    "i8": "INT8",
    "fp8": "FP8",
    "fp4": "FP4",
    "i4": "INT4 weights",
}
RUNTIME_WORDS: Mapping[str, str] = {
    "openvino": "OpenVINO",
    "onnxruntime": "ONNX Runtime",
    "tensorrt": "TensorRT",
    "tflite": "TensorFlow Lite",
    "tflite-ruy": "TensorFlow Lite with Ruy",
    "tflite-xnnpack": "TensorFlow Lite with XNNPACK",
    "ncnn": "ncnn",
    "ncnn-vulkan": "ncnn with Vulkan",
    "mnn": "MNN",
    "pytorch": "PyTorch",
    "armnn": "Arm NN",
    "armnn-neon": "Arm NN with Neon",
    "armnn-opencl": "Arm NN with OpenCL",
    "edgetpu": "Edge TPU runtime",
    "hailort": "HailoRT",
}


_TOLD_FIRST: tuple[Precision, ...] = ("i8", "f16", "f32")
_WHOLE: tuple[Precision, ...] = ("i8", "i4")


class Fact(NamedTuple):
    """A row: `value` is empty where it is not known or does not apply."""

    group: str
    label: str
    value: str
    field: str
    """Whose confidence it has."""


class ComparedFact(NamedTuple):
    """A row of several profiles."""

    group: str
    label: str
    values: tuple[str, ...]
    confidences: tuple[Confidence, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def facts_of(profile: DeviceProfile) -> tuple[Fact, ...]:
    """The same rows in the same order for every profile."""
    return tuple(
        Fact(group, label, value_of(profile), field)
        for group, rows in _ROWS.items()
        for label, field, value_of in rows
    )


def side_by_side(profiles: Sequence[DeviceProfile]) -> tuple[ComparedFact, ...]:
    """Rows of which at least one profile says something."""
    rows = zip(*map(facts_of, profiles), strict=True)
    return tuple(
        ComparedFact(
            row[0].group,
            row[0].label,
            tuple(fact.value for fact in row),
            tuple(one.confidence_of(fact.field) for one, fact in zip(profiles, row, strict=True)),
        )
        for row in rows
        if any(fact.value for fact in row)
    )


def matches(profile: DeviceProfile, text: str) -> bool:
    """Whether every word of `text` occurs in what the profile says of itself."""
    said = " ".join(
        (
            profile.id,
            profile.name,
            FAMILIES[profile.family],
            profile.vendor,
            profile.chip,
            profile.architecture,
            profile.processor,
            *profile.instructions,
            *profile.names,
            *profile.module_ids,
            *profile.aliases,
            *map(runtime_words, profile.runtimes),
        )
    ).casefold()
    return all(word in said for word in text.casefold().split())


def brief(profile: DeviceProfile) -> str:
    """One line for a card: “33.4 TOPS INT8 · 8 GB · 102 GB/s”."""
    best: Precision | None = next((one for one in _TOLD_FIRST if one in profile.peaks), None)
    peak = f"{speed_words(profile.peaks[best], best)} {PRECISION_WORDS[best]}" if best else ""
    bandwidth = f"{profile.bandwidth_gbs:.3g} GB/s" if profile.bandwidth_gbs else ""
    return " · ".join(filter(None, (peak, _memory(profile), bandwidth)))


def mode_words(mode: PowerMode) -> str:
    """“15 W: 4 cores at 1651 MHz, 4 SM at 612 MHz, 102 GB/s”; clocks only where known."""
    watts = f"{mode.watts:g} W" if mode.watts else "no limit"
    told = (
        _times(mode.cpu_cores, "cores", mode.cpu_mhz),
        _times(mode.gpu_units, "SM", mode.gpu_mhz),
        f"{mode.bandwidth_gbs:.4g} GB/s" if mode.bandwidth_gbs else "",
    )
    return f"{watts}: {', '.join(filter(None, told)) or 'clocks not known'}"


def speed_words(gops: float, precision: Precision) -> str:
    """“472 GFLOPS”, “33.4 TOPS”: floating-point and whole-number operations have their names."""
    what = "OPS" if precision in _WHOLE else "FLOPS"
    for scale, prefix in ((1e6, "P"), (1e3, "T")):
        if gops >= scale:
            return f"{gops / scale:.3g} {prefix}{what}"
    return f"{gops:.3g} G{what}"


def precision_words(precision: str) -> str:
    """“FP32” for f32; what has no name for people stays as it is."""
    return next(
        (words for known, words in PRECISION_WORDS.items() if known == precision), precision
    )


def runtime_words(runtime: str) -> str:
    """“TensorRT” for tensorrt; what has no name for people stays as it is."""
    if runtime in RUNTIME_WORDS:
        return RUNTIME_WORDS[runtime]
    from core.runtimes import runtimes  # late: most names are told without the runtimes

    return runtimes()[runtime].label if runtime in runtimes() else runtime


def precision_list(precisions: Iterable[Precision]) -> str:
    return ", ".join(PRECISION_WORDS[one] for one in precisions)


def _times(count: int | None, what: str, mhz: float | None) -> str:
    if count is None:
        return ""
    return f"{count} {what}" + (f" at {mhz:.4g} MHz" if mhz else "")


def _units(profile: DeviceProfile) -> str:
    units = f"{profile.units} {profile.unit_kind}".strip() if profile.units else ""
    clock = f"{profile.clock_mhz:g} MHz" if profile.clock_mhz else ""
    return " at ".join(filter(None, (units, clock)))


def _dla(profile: DeviceProfile) -> str:
    if not profile.dla:
        return ""
    peaks = (f"{speed_words(v, p)} {PRECISION_WORDS[p]}" for p, v in profile.dla_peaks.items())
    return f"{profile.dla}: together {', '.join(peaks)}" if profile.dla_peaks else f"{profile.dla}"


def _processor(profile: DeviceProfile) -> str:
    counted = f"{profile.cores} core{'' if profile.cores == 1 else 's'}" if profile.cores else ""
    sockets = f" in {profile.sockets} sockets" if profile.sockets > 1 else ""
    clock = f" at {profile.core_ghz:g} GHz" if profile.cores and profile.core_ghz else ""
    return (profile.processor or counted) + sockets + clock


def _memory(profile: DeviceProfile) -> str:
    if profile.memory_gb is None:
        return ""
    if profile.memory_options_gb:
        return f"{', '.join(f'{one:g}' for one in profile.memory_options_gb)} GB"
    return f"{profile.memory_gb:.3g} GB"


def _power(profile: DeviceProfile) -> str:
    if profile.power_watts is None:
        return ""
    least, most = profile.power_watts
    return f"{most:g} W" if least == most else f"{least:g} to {most:g} W"


def _peak(table: str, precision: Precision) -> Callable[[DeviceProfile], str]:
    def words(profile: DeviceProfile) -> str:
        peak: float | None = getattr(profile, table).get(precision)
        return speed_words(peak, precision) if peak else ""

    return words


def _yes_or_no(field: str) -> Callable[[DeviceProfile], str]:
    return lambda profile: "yes" if getattr(profile, field) else "no"


def _plain(field: str) -> Callable[[DeviceProfile], str]:
    return lambda profile: getattr(profile, field) or ""


def _software(field: str) -> Callable[[DeviceProfile], str]:
    return lambda profile: getattr(profile.software, field)


_Row = tuple[str, str, Callable[[DeviceProfile], str]]
_ROWS: Mapping[str, tuple[_Row, ...]] = {
    "What it is": (
        ("Kind", "family", lambda one: FAMILIES[one.family]),
        ("Maker", "vendor", _plain("vendor")),
        ("Chip", "chip", _plain("chip")),
        ("Architecture", "architecture", _plain("architecture")),
        ("Compute capability", "compute_capability", _plain("compute_capability")),
    ),
    "What computes": (
        ("Units", "units", _units),
        *(
            (words, "peaks", _peak("peaks", precision))
            for precision, words in PRECISION_WORDS.items()
        ),
        ("INT8, 2:4 sparse", "sparse_peaks", _peak("sparse_peaks", "i8")),
        ("DLAs", "dla_peaks", _dla),
        ("Processor", "core_ghz", _processor),
        ("Instructions", "instructions", lambda one: ", ".join(one.instructions)),
    ),
    "Memory and power": (
        ("Memory", "memory_gb", _memory),
        (
            "Bandwidth",
            "bandwidth_gbs",
            lambda one: f"{one.bandwidth_gbs:g} GB/s" if one.bandwidth_gbs else "",
        ),
        (
            "Fast for weights up to",
            "cache_mb",
            lambda one: f"{one.cache_mb:g} MB" if one.cache_mb else "",
        ),
        ("Storage", "storage", _plain("storage")),
        ("Power", "power_watts", _power),
        ("Default power mode", "default_mode", _plain("default_mode")),
    ),
    "What it can run": (
        ("Precisions", "precisions", lambda one: precision_list(one.precisions)),
        ("Try first", "preferred", lambda one: precision_list(one.preferred)),
        ("2:4 sparsity", "sparsity", _yes_or_no("sparsity")),
        ("Only fixed shapes", "static_shapes_only", _yes_or_no("static_shapes_only")),
        (
            "Runtimes",
            "runtimes",
            lambda one: ", ".join(map(runtime_words, one.runtimes)),
        ),
    ),
    "Software": (
        ("First release", "software", _software("first")),
        ("Last release", "software", _software("last")),
        ("CUDA", "software", _software("cuda")),
        ("TensorRT", "software", _software("tensorrt")),
        ("Python", "software", _software("python")),
        ("System", "software", _software("os")),
    ),
}
"""Groups of rows: label, field whose confidence the row has, and what it says."""
