"""Figures per layer from a person's file: CSV or JSON, matched to the layers of a model by name."""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.model.graph import ModelGraph

Floats: TypeAlias = NDArray[np.float64]

LARGEST_FILE = 64_000_000
MOST_COLUMNS = 24
_NAME_TITLES = ("id", "layer", "layer_id", "layerid", "name", "node", "node_name", "op_name")
_UNIT = re.compile(r"^(?P<title>.*?)\s*[(\[](?P<unit>[^)\]]+)[)\]]\s*$")
_UNIT_ENDINGS = ("ms", "us", "ns", "s", "bytes", "kb", "mb", "gb", "mj", "mw", "percent", "flops")
_SHOWN = {"us": "µs", "kb": "KB", "mb": "MB", "gb": "GB", "mj": "mJ", "mw": "mW", "percent": "%",
          "flops": "FLOP"}  # fmt: skip


@dataclass(frozen=True)
class FigureColumn:
    """One figure for the layers of a model."""

    title: str
    unit: str
    """As the header says it, “ms”; empty where it says none."""
    values: Floats
    """Per layer in the graph's order, NaN where the file says nothing."""


@dataclass(frozen=True)
class LayerFigures:
    """What a file says about the layers of one model."""

    columns: tuple[FigureColumn, ...]
    matched: int
    """Layers that the file names."""
    unmatched: tuple[str, ...]
    """Names in the file that no layer has, in its order."""

    def words(self) -> str:
        """What became of the file's rows, in a sentence."""
        layers = f"{self.matched:,} layer{'' if self.matched == 1 else 's'} got figures."
        if not self.unmatched:
            return layers
        names = ", ".join(f"“{name[:60]}”" for name in self.unmatched[:3])
        more = f" and {len(self.unmatched) - 3:,} more" if len(self.unmatched) > 3 else ""
        return f"{layers} Not in this model: {names}{more}."


@dataclass(frozen=True)
class _Table:
    titles: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    """Per name a number for each title, NaN where there is none."""


def read_layer_figures(path: Path, graph: ModelGraph) -> LayerFigures:
    """Read a file and match it. Raises InputError that says what is missing."""
    text = _text_of(path)
    table = _from_json(text, path) if text.lstrip()[:1] in ("{", "[") else _from_csv(text, path)
    if not table.titles:
        raise InputError(
            f"“{path.name}” holds no figures.",
            "No column beside the layers' names consists of numbers.",
            "Give one row per layer: its name, then one or more numbers, with a header above.",
        )
    return _matched(table, graph, path)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(
                f"“{path.name}” is too large.",
                f"It has more than {LARGEST_FILE // 1_000_000} MB.",
                "Leave only the layers' names and the figures to show.",
            )
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"“{path.name}” cannot be read.",
            f"{type(error).__name__}: {error}.",
            "Choose a CSV or JSON file in UTF-8.",
        ) from error


def _from_csv(text: str, path: Path) -> _Table:
    try:
        dialect = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = [row for row in csv.reader(io.StringIO(text), dialect) if any(map(str.strip, row))]
    if not rows:
        raise InputError(
            f"“{path.name}” is empty.", "It has no rows.", "Choose a file with one row per layer."
        )
    decimal_comma = dialect.delimiter != ","
    has_header = not any(_is_number(cell, decimal_comma) for cell in rows[0])
    header = rows[0] if has_header else [f"Column {index + 1}" for index in range(len(rows[0]))]
    body = rows[1:] if has_header else rows
    width = len(header)
    cells = [[*row[:width], *[""] * (width - len(row))] for row in body]
    return _table(header, cells, decimal_comma)


def _table(header: Sequence[str], cells: Sequence[Sequence[str]], decimal_comma: bool) -> _Table:
    """The column with names is the one that is called so, else the first that holds no numbers."""
    numeric = [
        _mostly_numbers([row[index] for row in cells], decimal_comma)
        for index in range(len(header))
    ]
    titles = [title.strip() for title in header]
    called = [i for i, title in enumerate(titles) if title.casefold() in _NAME_TITLES]
    words = [i for i, is_numeric in enumerate(numeric) if not is_numeric]
    name = next(iter((*(i for i in called if not numeric[i]), *words, *called)), 0)
    figures = [i for i, is_numeric in enumerate(numeric) if is_numeric and i != name]
    figures = figures[:MOST_COLUMNS]
    return _Table(
        tuple(titles[i] or f"Column {i + 1}" for i in figures),
        tuple(row[name].strip() for row in cells),
        tuple(tuple(_number(row[i], decimal_comma) for i in figures) for row in cells),
    )


def _from_json(text: str, path: Path) -> _Table:
    """{name: number}, {name: {figure: number}}, or a list of objects with a name each."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"“{path.name}” is no JSON.", f"{error}.", "Correct the file, or give a CSV file."
        ) from error
    return _table_of_rows(_json_rows(found))


def _json_rows(found: object) -> list[tuple[str, Mapping[str, Any]]]:
    if isinstance(found, dict):
        entries = cast("dict[str, Any]", found)
        for key in ("layers", "figures", "values"):
            if isinstance(entries.get(key), list | dict):
                return _json_rows(entries[key])
        return [(name, _figures_of(value)) for name, value in entries.items()]
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for entry in cast("list[object]", found):
        if isinstance(entry, dict):
            row = cast("dict[str, Any]", entry)
            named = next((key for key in row if key.casefold() in _NAME_TITLES), None)
            if named is not None:
                rows.append((str(row[named]), {k: v for k, v in row.items() if k != named}))
    return rows


def _figures_of(value: object) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {"Figure": value}


def _table_of_rows(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> _Table:
    titles: dict[str, None] = {}
    for _, values in rows:
        for title, value in values.items():
            if _json_number(value) is not None and len(titles) < MOST_COLUMNS:
                titles[title] = None
    return _Table(
        tuple(titles),
        tuple(name for name, _ in rows),
        tuple(
            tuple(_or_nan(_json_number(values.get(title))) for title in titles)
            for _, values in rows
        ),
    )


def _json_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _number(cell: str, decimal_comma: bool) -> float:
    """NaN for what is no number."""
    text = cell.strip().removesuffix("%").strip()
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _is_number(cell: str, decimal_comma: bool) -> bool:
    return not math.isnan(_number(cell, decimal_comma))


def _mostly_numbers(cells: Sequence[str], decimal_comma: bool) -> bool:
    """Gaps and a few words such as “n/a” are allowed."""
    known = [cell for cell in cells if cell.strip()]
    numbers = sum(_is_number(cell, decimal_comma) for cell in known)
    return numbers > len(known) / 2


def _matched(table: _Table, graph: ModelGraph, path: Path) -> LayerFigures:
    place_of = _places(graph)
    values = np.full((len(table.titles), len(graph.layers)), np.nan)
    unmatched: list[str] = []
    named: set[int] = set()
    for name, row in zip(table.names, table.rows, strict=True):
        place = place_of.get(name)
        place = place_of.get(_plain(name)) if place is None else place
        if place is None:
            unmatched.append(name)
        else:
            named.add(place)
            values[:, place] = row
    if not named:
        raise InputError(
            f"“{path.name}” does not fit this model.",
            f"None of its {len(unmatched):,} names is a layer here; the first is "
            f"“{unmatched[0][:80]}”." if unmatched else "It names no layers.",
            "Name layers as the graph does: select one and copy its name with Ctrl+C.",
        )  # fmt: skip
    columns = tuple(map(FigureColumn, *_headings(table.titles), values))
    return LayerFigures(columns, len(named), tuple(unmatched))


def _headings(headers: Sequence[str]) -> tuple[list[str], list[str]]:
    """Titles and units; where two titles would be the same, the whole headers stay."""
    found = [title_and_unit(header) for header in headers]
    times = Counter(title for title, _ in found)
    titles = [
        title if times[title] == 1 else header
        for header, (title, _) in zip(headers, found, strict=True)
    ]
    return titles, [unit for _, unit in found]


def _places(graph: ModelGraph) -> dict[str, int]:
    """Every way to name a layer to its place; the surer ways win."""
    places: dict[str, int] = {}
    for index, layer in enumerate(graph.layers):
        for name in (layer.id, layer.name, *layer.outputs):
            places.setdefault(name, index)
    for name, index in list(places.items()):
        places.setdefault(_plain(name), index)
    return places


def _plain(name: str) -> str:
    """So that “/blocks.1/conv” and “blocks/1/Conv” are the same."""
    return name.casefold().replace("/", ".").strip(". ")


def title_and_unit(header: str) -> tuple[str, str]:
    """“latency (ms)”, “latency [ms]” and “latency_ms” are “Latency” in “ms”."""
    title, unit = header.strip(), ""
    if (match := _UNIT.match(title)) is not None:
        title, unit = match["title"], match["unit"].strip()
    else:
        stem, _, ending = title.replace("_", " ").rpartition(" ")
        if stem and ending.casefold() in _UNIT_ENDINGS:
            title, unit = stem, ending
    words = title.replace("_", " ").strip() or header
    return words[:1].upper() + words[1:], _SHOWN.get(unit.casefold(), unit)
