"""The ways to compress a model, one file each."""

from functools import cache

import core.techniques as package
from core.discovery import Catalogue, discover
from core.techniques.base import Technique


@cache
def techniques() -> Catalogue[Technique]:
    """Every technique by name. Importing them loads no model library."""
    return discover(package, Technique, "technique")
