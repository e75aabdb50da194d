"""The formats that models can be written in: one file each."""

import sys
from functools import cache

from core.discovery import Catalogue, discover
from core.writers.base import Writer


@cache
def writers() -> Catalogue[Writer]:
    """Every format that can be written, by name."""
    base: type[Writer] = Writer
    return discover(sys.modules[__name__], base, "format to write")
