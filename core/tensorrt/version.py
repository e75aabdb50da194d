"""A version of TensorRT, in the many ways in which it is written."""

import re
from typing import NamedTuple

from core.errors import InputError

_DOTTED = re.compile(r"v?(\d{1,2})\.(\d{1,3})(?:\.(\d{1,4}))?(?:[.+~-][\w.+~-]*)?")
_NUMBER = re.compile(r"v?(\d{4,6})")
_FIRST_WITH_SIX_DIGITS = 10


class TensorRtVersion(NamedTuple):
    """Compares like its numbers: 8.6.1 comes before 10.3.0."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> "TensorRtVersion":
        """Read “8.2.1”, “8.5”, “10.3.0.30-1+cuda12.5” (dpkg), “8201”, “v101303” (trtexec).

        Raises InputError.
        """
        text = text.strip()
        if (dotted := _DOTTED.fullmatch(text)) is not None:
            return cls(int(dotted[1]), int(dotted[2]), int(dotted[3] or 0))
        if (number := _NUMBER.fullmatch(text)) is not None:
            return cls.from_number(int(number[1]))
        raise InputError(
            f"“{text[:60]}” is no version of TensorRT.",
            "Versions look like 8.5.2 or 10.3.",
            "Give it as “dpkg-query -W libnvinfer8 libnvinfer10” on the board says.",
        )

    @classmethod
    def from_number(cls, number: int) -> "TensorRtVersion":
        """From NV_TENSORRT_VERSION: 8201 is 8.2.1, from version 10 on 101303 is 10.13.3."""
        if number >= _FIRST_WITH_SIX_DIGITS * 10_000:
            return cls(number // 10_000, number // 100 % 100, number % 100)
        return cls(number // 1000, number // 100 % 10, number % 100)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"
