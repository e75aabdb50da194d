"""The images that changed as comma-separated values."""

import csv
import io
from collections.abc import Iterable

from core.benchmark.changes.base import ImageChange

COLUMNS = (
    "image",
    "a",
    "confidence_a",
    "b",
    "confidence_b",
    "truth",
    "effect",
    "damage",
)
"""Fields of ImageChange, in order."""


def changes_table(changes: Iterable[ImageChange]) -> str:
    """One line for each image below a line of titles; unknown figures stay empty."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(COLUMNS)
    for change in changes:
        values = [getattr(change, column) for column in COLUMNS]
        writer.writerow("" if value is None else value for value in values)
    return lines.getvalue()
