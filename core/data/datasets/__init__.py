"""The ways in which datasets lie on disk: one file each."""

from functools import cache

import core.data.datasets
from core.data.datasets.base import DatasetFormat
from core.discovery import Catalogue, discover


@cache
def dataset_formats() -> Catalogue[DatasetFormat]:
    """Every known way, by name."""
    return discover(core.data.datasets, DatasetFormat, "dataset format")
