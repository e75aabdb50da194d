"""LayerIds: how a layer is known by one name through every rewrite of its model.

A model that came in from outside gets its ids from what it says: a node's own name, else its first
output. `stamp` writes a working copy in which each node is *named* by its LayerId and carries it as
metadata too. The name is what survives everywhere (onnxslim 0.1.98 and onnx's version converter
drop node metadata and keep names); the metadata survives renaming.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.graph import LayerId
from core.model.wiring import Row, rows_of

if TYPE_CHECKING:
    import onnx

STAMP = "edgewright.layer_id"
"""Key in a node's metadata_props."""
LONGEST_ID = 200


def layer_ids(model: "onnx.ModelProto") -> tuple[LayerId, ...]:
    """The LayerId of every node of the main graph, in the order of `model.graph.node`.

    All different: where one id would stand twice, the later ones get “~2”, “~3” ….
    """
    return ids_of_rows(rows_of(model))


def ids_of_rows(rows: Sequence[Row]) -> tuple[LayerId, ...]:
    """The same for nodes that were read already."""

    def own_word(index: int) -> str:
        row = rows[index]
        output = next((name for name in row.outputs if name), "")
        return output or row.name or f"{row.operator}#{index}"

    marks = {i: row.metadata[STAMP] for i, row in enumerate(rows) if row.metadata.get(STAMP)}
    return ids_of([row.name for row in rows], marks, own_word)


def ids_of(
    names: Sequence[str], marks: Mapping[int, str], own_word: Callable[[int], str]
) -> tuple[LayerId, ...]:
    """The same for nodes of these names, some of them stamped with marks.

    `own_word` says what a node is called by that has no name, or one that others have too.
    """
    if not marks and _are_ids(names):
        return tuple(map(LayerId, names))
    counts = Counter(names)
    stamped = set(marks.values())
    used: set[str] = set()
    times: Counter[str] = Counter()
    found: list[LayerId] = []
    for index, name in enumerate(names):
        mark = marks.get(index)
        unique = bool(name) and counts[name] == 1
        free = wish = mark or _readable(name if unique else own_word(index))
        times[wish] += 1
        while free in used or (free in stamped and free != mark):
            times[wish] += free != wish
            free = f"{wish}~{max(times[wish], 2)}"
        used.add(free)
        found.append(LayerId(free))
    return tuple(found)


def _are_ids(names: Sequence[str]) -> bool:
    """Whether every name is an id as it is."""
    return (
        all(names)
        and len(set(names)) == len(names)
        and max(map(len, names), default=0) <= LONGEST_ID
        and "".join(names).isprintable()
    )


def stamp_of(node: "onnx.NodeProto") -> LayerId | None:
    """The LayerId that was stamped on a node, or None."""
    for entry in node.metadata_props:
        if entry.key == STAMP and entry.value:
            return LayerId(entry.value)
    return None


def set_stamp(node: "onnx.NodeProto", layer: LayerId) -> None:
    """Stamp a node. Techniques do this where they replace one node by several."""
    for entry in node.metadata_props:
        if entry.key == STAMP:
            entry.value = layer
            return
    entry = node.metadata_props.add()
    entry.key, entry.value = STAMP, layer


def nodes_by_layer(model: "onnx.ModelProto") -> "dict[LayerId, onnx.NodeProto]":
    """The node of each layer; changing the node changes the model."""
    return dict(zip(layer_ids(model), model.graph.node, strict=True))


def stamp(source: Path, target: Path) -> None:
    """Write the working copy of an ONNX model that every technique and runtime starts from.

    In it every node is named by its LayerId and stamped with it, nodes are in topological order,
    weights are no graph inputs, and the opset is at least 17 where onnx can upgrade it. Weights
    lie in the file itself below 1.5 GB, else in one file beside it called TARGET.data.

    Raises InputError for a model that no runtime may see: see core.model.faults.
    """
    from core.model.working_copy import write_working_copy

    write_working_copy(source, target)


def _readable(name: str) -> str:
    """The name itself, unless it is endless or holds control characters."""
    if len(name) <= LONGEST_ID and name.isprintable():
        return name
    short = "".join(c if c.isprintable() else "�" for c in name[: LONGEST_ID // 2])
    import hashlib

    return f"{short}~{hashlib.sha256(name.encode()).hexdigest()[:12]}"
