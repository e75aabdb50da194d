"""The names in braces that rules' sentences may use, and how each becomes words."""

from collections.abc import Callable, Mapping
from string import Formatter

from core.devices.profile import PowerMode
from core.search.advisor.conditions import Case, best_mode, default_mode
from core.sizes import bytes_words

_STREAM_UNIT = 1e6
"""Megabytes over gigabytes a second are milliseconds."""


def filled(sentence: str, case: Case) -> str:
    """The sentence about this case. What comes from a profile or model is never read as a name."""
    return "".join(
        text + (WORDS[name](case) if name else "") for text, name, *_ in Formatter().parse(sentence)
    )


def _default_share(case: Case) -> str:
    default, best = default_mode(case.profile), best_mode(case.profile)
    if default is None or best is None or not default.peaks.get("f16"):
        return "a share that is not known"
    return f"{100 * default.peaks['f16'] / best.peaks['f16']:.0f} %"


def _dla(case: Case) -> str:
    return "DLA" if case.profile.dla == 1 else f"{case.profile.dla} DLAs"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"“{name}”" for name in names) or "the inputs"


def _memory(case: Case) -> str:
    gigabytes = case.profile.memory_gb
    return "little memory" if gigabytes is None else f"{gigabytes:g} GB"


def _cache(case: Case) -> str:
    return f"{case.profile.cache_mb or 0:g} MB"


def _stream_time(case: Case) -> str:
    beyond = case.model.int8_bytes - (case.profile.cache_mb or 0) * 1e6
    speed = case.profile.bandwidth_gbs
    return "some time" if speed is None else f"{beyond / _STREAM_UNIT / speed:.3g} ms"


def _mode_name(mode: PowerMode | None) -> str:
    return mode.name if mode else "a mode that is not known"


WORDS: Mapping[str, Callable[[Case], str]] = {
    "device": lambda case: case.profile.name,
    "memory": _memory,
    "cache": _cache,
    "stream_time": _stream_time,
    "int8_weights": lambda case: bytes_words(case.model.int8_bytes),
    "free_inputs": lambda case: _listed(case.model.free_inputs),
    "default_mode": lambda case: _mode_name(default_mode(case.profile)),
    "best_mode": lambda case: _mode_name(best_mode(case.profile)),
    "default_share": _default_share,
    "dla": _dla,
}
