"""What makes devices and runtimes of one kind differ, by name: a new level is one function."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from core.devices.profile import DeviceProfile
from core.devices.profile_words import precision_words, runtime_words
from core.search.forecast.harnesses import harness_words
from core.search.forecast.machine import core_name


class Ask(NamedTuple):
    """What a forecast is asked for."""

    profile: DeviceProfile
    runtime: str
    precision: str
    harness: str


def levels(names: tuple[str, ...], ask: Ask) -> tuple[str, ...]:
    """The names of the constants that apply, such as “architecture:Volta”."""
    found = [(name, _LEVELS[name](ask)) for name in names]
    return tuple(f"{name}:{level}" for name, level in found if level)


def level_words(constant: str) -> str:
    """A name that `levels` made, for people: “ONNX Runtime” for “runtime:onnxruntime”."""
    factor, level = constant.split(":", 1)
    return _WORDS[factor](level) if factor in _WORDS else level


def _architecture(ask: Ask) -> str:
    words = ask.profile.architecture.split()
    return words[0] if words else ""


_LEVELS_OF_INT8 = ("amx_int8", "avx_vnni", "vnni", "avx512", "avx2")


def _instructions(ask: Ask) -> str:
    """The strongest that multiply 8-bit integers; a few words for processors without AVX2."""
    known = ask.profile.instructions
    return next((one for one in _LEVELS_OF_INT8 if one in known), "sse")


_IN_ORDER = ("Cortex-A7", "Cortex-A35", "Cortex-A53", "Cortex-A55")


def _core(ask: Ask) -> str:
    """Cores that run one instruction after the other reach less of their peak."""
    name = core_name(ask.profile)
    return "in-order" if name in _IN_ORDER else "out-of-order"


def _core_in_int8(ask: Ask) -> str:
    """8-bit integers gain much on some cores and nothing on others, beyond what cycles tell."""
    return core_name(ask.profile) if ask.precision == "i8" else ""


def _arithmetic_words(level: str) -> str:
    runtime, precision = level.rsplit(" ", 1)
    return f"{runtime_words(runtime)} in {precision_words(precision)}"


_LEVELS: Mapping[str, Callable[[Ask], str]] = {
    "architecture": _architecture,
    "instructions": _instructions,
    "core": _core,
    "core-i8": _core_in_int8,
    "runtime": lambda ask: ask.runtime,
    "arithmetic": lambda ask: f"{ask.runtime} {ask.precision}",
    "precision": lambda ask: ask.precision,
    "harness": lambda ask: ask.harness,
}
_WORDS: Mapping[str, Callable[[str], str]] = {
    "instructions": lambda level: level.upper().replace("_", "-"),
    "core": lambda level: f"{level} cores",
    "core-i8": lambda level: f"INT8 on {level}",
    "runtime": runtime_words,
    "arithmetic": _arithmetic_words,
    "precision": precision_words,
    "harness": harness_words,
}
"""Levels for people, where their name is not what people call them."""
