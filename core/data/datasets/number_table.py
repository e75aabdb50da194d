"""A CSV file with a number, several numbers, or a class, for each image."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.datasets.base import DatasetFormat, OpenDataset, Sample
from core.data.datasets.faults import Faults
from core.data.datasets.image_files import (
    ImageFiles,
    by_tail,
    files_of,
    looks_like_image,
    suffix_of,
    text_of,
)
from core.data.datasets.sources import Entry, Source, source_at
from core.data.truth import ClassTruth, NumberTruth, Truth
from core.errors import InputError

_CLASS_COLUMNS = ("label", "class", "class_id", "class_index", "target_class")
_MOST_CLASSES = 100_000
_MOST_COLUMNS = 1000
_REMEDY = "Mend these lines; each is an image and its numbers, below a line of column names."


class NumberTable(DatasetFormat):
    name = "number-table"
    label = "A CSV file with numbers for each image"

    def sniff(self, path: Path) -> bool:
        source = source_at(path)
        return source is not None and _table_in(source, files_of(source)) is not None

    def open(self, path: Path) -> OpenDataset:
        source = source_at(path)
        assert source is not None
        return TableDataset(path.name, source)


@dataclass(frozen=True)
class _Row:
    key: str
    numbers: tuple[float, ...]


class TableDataset(ImageFiles):
    """The images that the table names. A single column called “label” or “class” holds classes."""

    layout = "CSV"

    def __init__(self, name: str, source: Source) -> None:
        super().__init__(name, source)
        files = files_of(source)
        table = _table_in(source, files)
        assert table is not None
        images = by_tail(entry for entry in files if looks_like_image(entry))
        faults = Faults(table)
        columns, rows, missing = _rows(text_of(source, table), images, faults)
        as_classes = len(columns) == 1 and columns[0].lower() in _CLASS_COLUMNS
        if as_classes:
            _check_classes(rows, faults)
        faults.check(_REMEDY)
        self._numbers = {row.key: row.numbers for row in rows}
        self.truths = (ClassTruth,) if as_classes else (NumberTruth,)
        self.samples = tuple(
            Sample(row.key, int(row.numbers[0]) if as_classes else None) for row in rows
        )
        highest = max((sample.label or 0 for sample in self.samples), default=0)
        self.classes: Sequence[str] = (
            tuple(f"class {index}" for index in range(highest + 1)) if as_classes else ()
        )
        self.warnings = (f"{missing:,} images that {table} names are missing.",) if missing else ()

    def truths_of(self, samples: Sequence[Sample]) -> tuple[Truth, ...]:
        import numpy as np

        if NumberTruth not in self.truths:
            return super().truths_of(samples)
        return (NumberTruth(np.asarray([self._numbers[sample.key] for sample in samples])),)


def _table_in(source: Source, files: Sequence[Entry]) -> str | None:
    """The CSV file whose second line names an image that is there."""
    images = by_tail(entry for entry in files if looks_like_image(entry))
    for entry in files:
        if suffix_of(entry.key) not in (".csv", ".tsv") or not images:
            continue
        head = source.read(entry.key, 65536).decode("utf-8-sig", "replace").splitlines()[:2]
        if len(head) == 2 and _image_column(_cells(head[1]), images) is not None:
            return entry.key
    return None


def _cells(line: str) -> list[str]:
    rows = list(csv.reader([line], delimiter=_delimiter(line)))
    return [cell.strip() for cell in rows[0]] if rows else []


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _image_column(cells: Sequence[str], images: Mapping[str, str]) -> int | None:
    return next((index for index, cell in enumerate(cells) if cell in images), None)


def _rows(
    text: str, images: Mapping[str, str], faults: Faults
) -> tuple[list[str], list[_Row], int]:
    """The names of the columns of numbers, the rows, and how many images are missing."""
    first, second = text.splitlines()[:2]
    column = _image_column(_cells(second), images)
    assert column is not None
    header = _cells(first)
    if len(header) > _MOST_COLUMNS or len(header) < 2:
        raise InputError(
            "The table cannot be used.",
            f"It has {len(header)} columns; it needs a column of images and columns of numbers.",
            "Write a CSV file with the image's name and its numbers on each line.",
        )
    found: dict[str, _Row] = {}
    missing = 0
    for where, cells in _lines(text, _delimiter(first), faults):
        if not any(cells):
            continue
        if len(cells) != len(header):
            faults.add(where, f"it has {len(cells)} columns, not {len(header)}")
        elif (numbers := _numbers(cells, column)) is None:
            faults.add(where, "it holds what is no finite number")
        elif (key := images.get(cells[column])) is None:
            missing += 1
        elif key in found:
            faults.add(where, f"{cells[column][:80]} appears twice")
        else:
            found[key] = _Row(key, numbers)
    names = [name for index, name in enumerate(header) if index != column]
    return names, list(found.values()), missing


def _lines(text: str, delimiter: str, faults: Faults) -> Iterator[tuple[str, list[str]]]:
    """The lines below the first, with their places."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    next(reader)
    try:
        for row in reader:
            yield f"line {reader.line_num}", [cell.strip() for cell in row]
    except csv.Error as error:
        faults.add(f"line {reader.line_num}", str(error))


def _numbers(cells: Sequence[str], column: int) -> tuple[float, ...] | None:
    try:
        numbers = tuple(float(cell) for index, cell in enumerate(cells) if index != column)
    except ValueError:
        return None
    return numbers if all(math.isfinite(number) for number in numbers) else None


def _check_classes(rows: Sequence[_Row], faults: Faults) -> None:
    for row in rows:
        label = row.numbers[0]
        if label != int(label) or not 0 <= label < _MOST_CLASSES:
            faults.add(row.key, f"{label:g} is no class number")
