"""LayerIds: how a layer is known by one name through every rewrite of its model.

A model that came in from outside gets its ids from what it says: a node's own name, else its first
output. `stamp` writes a working copy in which each node is *named* by its LayerId and carries it as
metadata too. The name is what survives everywhere (onnxslim 0.1.98 and onnx's version converter
drop node metadata and keep names); the metadata survives renaming.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.graph import LayerId
from core.model.wiring import Row, wiring_of

if TYPE_CHECKING:
    import onnx

STAMP = "edgewright.layer_id"
"""Key in a node's metadata_props."""
LONGEST_ID = 200

_TOOL_SUFFIX = re.compile(
    r"(/WithoutBiases|/Bias|/Reshape|/DequantizeLinear|/QuantizeLinear|/fq_\w+|_kernel_time|_nchwc"
    r"|_quant|_quantized|_QuantizeLinear|_DequantizeLinear|_fused|_scales_cast|_token_\d+"
    r"|_\d+_?fused)$"
)
"""What runtimes and quantizers append to a node's name: OpenVINO 2026.4, ONNX Runtime 1.31."""
_TOOL_PREFIX = re.compile(r"^(fused |reorder_|fusedconv_)")


def layer_ids(model: "onnx.ModelProto") -> tuple[LayerId, ...]:
    """The LayerId of every node of the main graph, in the order of `model.graph.node`.

    All different: where one id would stand twice, the later ones get “~2”, “~3” ….
    """
    return ids_of_rows(wiring_of(model).rows)


def ids_of_rows(rows: Sequence[Row]) -> tuple[LayerId, ...]:
    """The same for nodes that were read already."""
    names = Counter(row.name for row in rows)
    stamped = {row.metadata[STAMP] for row in rows if row.metadata.get(STAMP)}
    used: set[str] = set()
    found: list[LayerId] = []
    for index, row in enumerate(rows):
        stamp = row.metadata.get(STAMP)
        wish = stamp or _own_id(row, index, unique=names[row.name] == 1)
        number = 2
        free = wish
        while free in used or (free in stamped and not stamp):
            free = f"{wish}~{number}"
            number += 1
        used.add(free)
        found.append(LayerId(free))
    return tuple(found)


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


class LayerNames:
    """Finds the layer behind a name that a runtime, a profiler or a quantizer uses.

    Knows node names and output tensor names of one model file, which may be simplified or
    quantized; several names may lead to one layer.
    """

    def __init__(self, by_node: Mapping[str, LayerId], by_tensor: Mapping[str, LayerId]) -> None:
        self._by_node = by_node
        self._by_tensor = by_tensor

    @classmethod
    def of_model(cls, model: "onnx.ModelProto") -> "LayerNames":
        by_node: dict[str, LayerId] = {}
        by_tensor: dict[str, LayerId] = {}
        for node, layer in zip(model.graph.node, layer_ids(model), strict=True):
            owner = stamp_of(node) or layer
            by_node.setdefault(node.name, owner)
            by_tensor.update((name, owner) for name in node.output if name)
        by_node.pop("", None)
        return cls(by_node, by_tensor)

    @classmethod
    def of_file(cls, path: Path) -> "LayerNames":
        """Reads the structure only. Raises InputError for what is no ONNX model."""
        from core.model.onnx_file import read_skeleton

        return cls.of_model(read_skeleton(path))

    def layer_of(self, name: str) -> LayerId | None:
        """The layer that `name` stands for, or None for what a tool inserted itself."""
        while name:
            found = self._by_node.get(name) or self._by_tensor.get(name)
            if found is not None:
                return found
            shorter = _TOOL_PREFIX.sub("", _TOOL_SUFFIX.sub("", name))
            if shorter == name:
                return None
            name = shorter
        return None

    def layers_of(self, names: Iterable[str]) -> tuple[LayerId, ...]:
        """The layers behind several names, each once, in order; unknown names are left out."""
        found = (self.layer_of(name) for name in names)
        return tuple(dict.fromkeys(layer for layer in found if layer is not None))


def _own_id(row: Row, index: int, *, unique: bool) -> str:
    if row.name and unique:
        return _readable(row.name)
    output = next((name for name in row.outputs if name), "")
    return _readable(output or row.name or f"{row.operator}#{index}")


def _readable(name: str) -> str:
    """The name itself, unless it is endless or holds control characters."""
    if len(name) <= LONGEST_ID and name.isprintable():
        return name
    short = "".join(c if c.isprintable() else "�" for c in name[: LONGEST_ID // 2])
    return f"{short}~{hashlib.sha256(name.encode()).hexdigest()[:12]}"
