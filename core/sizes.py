"""Sizes in bytes as people read them: three digits, in the decimal units of file managers."""

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "KB"))
_ROUNDS_UP = 0.9995
"""From this share of a unit on, three digits would tell a thousand of the smaller one."""


def bytes_words(count: float) -> str:
    """“2.5 GB”, “25.6 MB”, “864 bytes”."""
    scale, unit = _unit_of(count)
    return f"{_digits(count / scale)} {unit}"


def bytes_range(low: float, high: float) -> str:
    """“0.396 to 1.37 GB”: both in the unit of the larger."""
    scale, unit = _unit_of(high)
    return f"{_digits(low / scale)} to {_digits(high / scale)} {unit}"


def _unit_of(count: float) -> tuple[float, str]:
    return next((each for each in _UNITS if count >= each[0] * _ROUNDS_UP), (1.0, "bytes"))


def _digits(number: float) -> str:
    """Never with an exponent, however many terabytes they are."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"
