"""Folders for short jobs that belong to no project; gone when the program ends."""

import atexit
import itertools
import shutil
import tempfile
from functools import cache
from pathlib import Path

_numbers = itertools.count(1)


def scratch_folder(purpose: str) -> Path:
    """A path that does not exist yet, in a private folder that does."""
    return _root() / f"{next(_numbers):04d}-{purpose}"


@cache
def _root() -> Path:
    root = Path(tempfile.mkdtemp(prefix="edgewright-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root
