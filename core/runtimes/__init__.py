"""What executes models; one file per runtime."""

from functools import cache

import core.runtimes as package
from core.discovery import Catalogue, discover
from core.runtimes.base import Runtime


@cache
def runtimes() -> Catalogue[Runtime]:
    """Every runtime that Edgewright knows, whether it can be used here or not."""
    return discover(package, Runtime, "runtime")


def available_runtimes() -> tuple[Runtime, ...]:
    """The runtimes that can be used on this computer."""
    return tuple(runtime for runtime in runtimes() if runtime.availability().ok)
