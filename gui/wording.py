"""Figures in the words that people read: sizes, counts, times, shapes."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from core.benchmark.results import Estimate
from core.model.graph import Dimension

_LONGEST_SIZE = 12
"""A size's name is told in brief texts up to this many characters; formulas are longer."""
_BARE_NAMES = {"model", "images", "data", "val", "test"}


def size_words(count: float) -> str:
    """Bytes: “864 bytes”, “3.4 KB”, “18.7 MB”; decimal units as file managers use them."""
    if abs(count) < 1000:
        return f"{count:.0f} bytes"
    for unit in ("KB", "MB", "GB"):
        count /= 1000
        if abs(count) < 999.5 or unit == "GB":
            break
    return f"{count:.1f} {unit}" if abs(count) < 99.95 else f"{count:.0f} {unit}"


def count_words(count: float, unit: str = "") -> str:
    """“864”, “4.65 M parameters”, “0.77 GFLOP” (the unit follows the prefix)."""
    space = "" if unit.isupper() else " "
    for limit, prefix in ((1e9, "G" if unit.isupper() else "billion"), (1e6, "M"), (1e3, "k")):
        if abs(count) >= limit * 0.9995:
            return f"{_three_digits(count / limit)} {prefix}{space if unit else ''}{unit}"
    return f"{count:.0f} {unit}".rstrip()


def _three_digits(number: float) -> str:
    return f"{number:.2f}" if abs(number) < 9.995 else f"{number:.3g}"


def milliseconds_words(value: float) -> str:
    if value < 0.0995:
        return f"{value * 1000:.0f} µs"
    if value >= 99.95:
        return f"{value:.0f} ms"
    return f"{value:.2f} ms" if value < 9.995 else f"{value:.1f} ms"


def latency_with_interval(found: Estimate) -> str:
    """“4.01 ms (3.98 to 4.10)”; where units differ, each its own: “98 µs (95 µs to 0.11 ms)”."""
    value, low, high = map(milliseconds_words, (found.value, found.low, found.high))
    if len({words.split()[1] for words in (value, low, high)}) == 1:
        low, high = low.split()[0], high.split()[0]
    return f"{value} ({low} to {high})"


def duration_words(seconds: float) -> str:
    """“12 s”, “4 min 12 s”, “1 h 05 min”."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"


def time_left_words(seconds: float) -> str:
    """Rounded, for it is an estimate: “about 3 min left”."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds / 10) * 10} s left"
    return f"about {round(seconds / 60)} min left"


def shape_words(shape: Sequence[Dimension] | None) -> str:
    if shape is None:
        return "not known"
    return "×".join("?" if size is None else str(size) for size in shape) or "scalar"


def brief_shape_words(shape: Sequence[Dimension] | None) -> str:
    """As `shape_words`, with “?” for a size that is a formula or has a long name."""
    return shape_words(shape and [_brief(size) for size in shape])


def _brief(size: Dimension) -> Dimension:
    return None if isinstance(size, str) and len(size) > _LONGEST_SIZE else size


def counted(count: int, noun: str) -> str:
    """“1 layer”, “6 layers”, “12,345 layers”."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def share_words(part: float, whole: float) -> str:
    """“0.4 %” of the whole, “< 0.1 %” for little; empty when there is nothing to compare with."""
    if not whole:
        return ""
    percent = 100 * part / whole
    return "< 0.1 %" if 0 < percent < 0.05 else f"{percent:.1f} %"


def share_of_one(share: float) -> str:
    """“88.2 %” for 0.882."""
    return f"{100 * share:.1f} %"


def day_words(moment: datetime, now: datetime) -> str:
    """“today 13:20”, “yesterday 09:05”, “21 Nov 17:40”."""
    clock = f"{moment:%H:%M}"
    days = (now.date() - moment.date()).days
    if days in (0, 1):
        return f"{'today' if days == 0 else 'yesterday'} {clock}"
    return f"{moment.day} {moment:%b} {clock}"


def file_words(path: Path) -> str:
    """A file's or folder's name for a title; “model.onnx” is called like its folder."""
    return path.parent.name if path.stem in _BARE_NAMES and path.parent.name else path.stem


def points_words(points: float) -> str:
    """“1 point”, “0.5 points”."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def figure_words(value: float) -> str:
    """A number of any size in four digits: “0.01234”, “−1.5e-07”; with a real minus."""
    return f"{value:.4g}".replace("-", "−", 1) if value else "0"


def model_file_filter() -> str:
    """For file dialogs: all model files first, then each format, then everything."""
    from core.formats import formats

    known = [(each.label, " ".join(f"*{suffix}" for suffix in each.suffixes)) for each in formats()]
    every = " ".join(dict.fromkeys(pattern for _, each in known for pattern in each.split()))
    return ";;".join([f"Models ({every})", *(f"{label} ({p})" for label, p in known), "All (*)"])
