"""Figures and tables in plain text."""

import unicodedata
from collections.abc import Sequence

from core.benchmark.results import Energy, Estimate, rate_words


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of text under a header; figures keep to the right, words to the left."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(_width(cell) for cell in column) for column in columns]
    right = [all(_is_figure(cell) for cell in column[1:]) and bool(rows) for column in columns]
    lines = [
        "  ".join(
            _padded(cell, width, to_the_right)
            for cell, width, to_the_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in (header, *rows)
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def milliseconds(estimate: Estimate) -> str:
    return f"{estimate.value:.3g} ms ({estimate.low:.3g} to {estimate.high:.3g})"


def percentile(value: float | None) -> str:
    """A percentile of latencies in milliseconds."""
    return "not enough samples" if value is None else f"{value:.3g} ms"


def per_second(rate: float | None) -> str:
    """Throughput, in inputs a second."""
    return "–" if rate is None else f"{rate_words(rate)}/s"


def energy(measured: Energy | None) -> str:
    """Energy for one input."""
    if measured is None or measured.joules is None:
        return "not measured"
    figure = measured.joules
    scale, unit = (1, "J") if figure.value >= 1 else (1000, "mJ")
    low, value, high = (scale * one for one in (figure.low, figure.value, figure.high))
    return f"{value:.3g} {unit} ({low:.3g} to {high:.3g})"


def megabytes(count: int | None) -> str:
    return "–" if count is None else f"{count / 1e6:.2f} MB"


def percent(share: float, digits: int = 0) -> str:
    """“11 %” for 0.11."""
    return f"{100 * share:.{digits}f} %"


def seconds_left(seconds: float) -> str:
    """“3 min left”, “20 s left”."""
    if seconds >= 90:
        return f"{seconds / 60:.0f} min left"
    return f"{max(seconds, 1):.0f} s left"


def plain(text: str) -> str:
    """Text from a model or file, without what could steer a terminal."""
    return "".join(
        character
        if unicodedata.category(character) not in ("Cc", "Cf") or character in "\n\t"
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def _is_figure(cell: str) -> bool:
    return cell[:1].isdigit() or cell[:1] in ("–", "−", "-", "+", "")


def _padded(cell: str, width: int, to_the_right: bool) -> str:
    gap = " " * (width - _width(cell))
    return gap + cell if to_the_right else cell + gap


def _width(cell: str) -> int:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in cell)
    return len(cell) + wide
