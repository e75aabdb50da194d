"""What a diff job brings back to the window, read and made ready off its thread."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from core.diff.report import Change, DiffReport, LayerChange, LayerName, NumericDiff
from core.jobs.kinds.diff import GRAPH_A, GRAPH_B, GRAPH_MERGED, MERGED_IDS, PAIRS
from core.model.graph import LayerId, ModelGraph
from core.model.graph_file import read_graph_file
from gui.graph.badge import Badge

RowKind = Literal["added", "removed", "changed", "precision", "rounded"]
Ints = NDArray[np.int64]

_SHORT = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16", "float64": "fp64"}


@dataclass(frozen=True)
class Row:
    """One line in the list of what differs."""

    kind: RowKind
    title: str
    operator: str
    words: str
    """What changed, in one line."""
    a: LayerId | None
    b: LayerId | None
    changes: tuple[Change, ...] = ()
    """All that differs, old and new."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenDiff:
    """A comparison and everything that its window draws."""

    report: DiffReport
    a: ModelGraph
    b: ModelGraph
    merged: ModelGraph
    merged_ids: Mapping[LayerId, LayerId]
    """Layers that only A has, to their ids in the merged graph."""
    pairs: Ints
    """Places of the same layer in A and in B; shape (pairs, 2)."""
    rows: tuple[Row, ...]
    badges_a: Mapping[LayerId, Badge]
    badges_b: Mapping[LayerId, Badge]
    badges_merged: Mapping[LayerId, Badge]


def open_diff(outcome: BaseModel, folder: Path) -> OpenDiff:
    """Reads files; not for the window's thread."""
    assert isinstance(outcome, DiffReport)
    rows = rows_of(outcome)
    found = np.load(folder / MERGED_IDS, allow_pickle=False).tolist()
    merged_ids = {LayerId(old): LayerId(new) for old, new in found}
    badges_a = {row.a: _badge(row) for row in rows if row.a is not None}
    badges_b = {row.b: _badge(row) for row in rows if row.b is not None}
    removed = {
        merged_ids[row.a]: _badge(row)
        for row in rows
        if row.a is not None and row.b is None and row.a in merged_ids
    }
    return OpenDiff(
        report=outcome,
        a=read_graph_file(folder / GRAPH_A),
        b=read_graph_file(folder / GRAPH_B),
        merged=read_graph_file(folder / GRAPH_MERGED),
        merged_ids=merged_ids,
        pairs=np.load(folder / PAIRS, allow_pickle=False),
        rows=rows,
        badges_a=badges_a,
        badges_b=badges_b,
        badges_merged={**badges_b, **removed},
    )


def open_numbers(outcome: BaseModel, folder: Path) -> NumericDiff:
    assert isinstance(outcome, DiffReport)
    assert outcome.numeric is not None
    return outcome.numeric


def rows_of(report: DiffReport) -> tuple[Row, ...]:
    """Precision first, then other changes, what was added and what was removed."""
    diff = report.structure
    changed = [_changed_row(layer) for layer in diff.changed]
    order = {"precision": 0, "changed": 1, "rounded": 2}
    changed.sort(key=lambda row: order[row.kind])
    added = [_lone_row("added", layer) for layer in diff.added]
    removed = [_lone_row("removed", layer) for layer in diff.removed]
    return (*changed, *added, *removed)


def _changed_row(layer: LayerChange) -> Row:
    precision = layer.precision
    words = [_words(change) for change in layer.changes]
    changes = list(layer.changes)
    kind: RowKind = "changed"
    if precision is not None and precision.computes_differently:
        kind = "precision"
        words.insert(0, f"{precision.before} → {precision.after}")
        changes.insert(
            0, Change(what="computes in", before=precision.before, after=precision.after)
        )
    if precision is not None and precision.results_before != precision.results_after:
        told = f"result {precision.results_before} → {precision.results_after}"
        kind = "rounded" if kind == "changed" and not layer.changes else kind
        words += [told] if kind == "rounded" else []
        changes.append(
            Change(
                what="result kept in",
                before=precision.results_before,
                after=precision.results_after,
            )
        )
    return Row(
        kind=kind,
        title=layer.a.name,
        operator=layer.a.operator,
        words=" · ".join(words),
        a=LayerId(layer.a.id),
        b=LayerId(layer.b.id),
        changes=tuple(changes),
        notes=_notes(layer),
    )


def _notes(layer: LayerChange) -> tuple[str, ...]:
    notes = list(layer.precision.details) if layer.precision else []
    if layer.a.name != layer.b.name:
        notes.append(f"called {layer.b.name} in B")
    if layer.matched_by != "id":
        notes.append(f"recognized by its {layer.matched_by}")
    if layer.conversions:
        notes.append(f"with the conversions {', '.join(layer.conversions)}")
    return tuple(notes)


def _words(change: Change) -> str:
    if not change.before:
        return f"{change.what}: {change.after}"
    return f"{change.what}: {change.before} → {change.after or 'none'}"


def _lone_row(kind: Literal["added", "removed"], layer: LayerName) -> Row:
    own = LayerId(layer.id)
    words = "only in B" if kind == "added" else "only in A"
    a, b = (None, own) if kind == "added" else (own, None)
    return Row(kind, layer.name, layer.operator, words, a, b)


def _badge(row: Row) -> Badge:
    match row.kind:
        case "added" | "removed":
            return Badge(row.kind)
        case _:
            return Badge("changed", _short_words(row))


def _short_words(row: Row) -> str:
    """What fits beside a box: “fp32 → int8”."""
    text = row.words.split(" · ")[0] if row.kind == "precision" else ""
    for name, short in _SHORT.items():
        text = text.replace(name, short)
    return text.removesuffix(" weights")
