"""The kinds of jobs: one file each."""

import sys
from functools import cache

from core.discovery import Catalogue, discover, discover_one
from core.jobs.kinds.base import AnyJobKind, JobKind

_BASE: type[AnyJobKind] = JobKind
_WORDS = "kind of job"


@cache
def kinds() -> Catalogue[AnyJobKind]:
    """Every kind of job that this Edgewright can do, by name."""
    return discover(sys.modules[__name__], _BASE, _WORDS)


@cache
def kind_called(name: str) -> AnyJobKind:
    """One kind; of the others nothing is imported where its module is called as it is."""
    return discover_one(sys.modules[__name__], _BASE, name) or kinds()[name]
