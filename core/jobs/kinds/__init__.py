"""The kinds of jobs: one file each."""

import sys
from functools import cache

from core.discovery import Catalogue, discover
from core.jobs.kinds.base import AnyJobKind, JobKind


@cache
def kinds() -> Catalogue[AnyJobKind]:
    """Every kind of job that this Edgewright can do, by name."""
    base: type[AnyJobKind] = JobKind
    return discover(sys.modules[__name__], base, "kind of job")
