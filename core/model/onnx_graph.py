"""Builds the ModelGraph of an ONNX model from the columns of its file."""

from pathlib import Path
from typing import TYPE_CHECKING

from core.model.attributes import plain
from core.model.external_data import files_of
from core.model.faults import faults_of
from core.model.graph import ModelGraph, Tensor
from core.model.graph_file import graph_of
from core.model.onnx_layers import OnnxLayers
from core.model.onnx_soundness import is_surely_sound
from core.model.onnx_table import OnnxTable
from core.model.shapes import tensor_from
from core.model.wiring import opset_of, wiring_of

if TYPE_CHECKING:
    import onnx

_LONGEST_VALUE = 500
_MOST_WARNINGS = 50


def graph_from_onnx(table: OnnxTable) -> ModelGraph:
    """The graph of an opened file. `sha256` stays empty: that would take reading the weights."""
    layers = OnnxLayers(table)
    header = table.header
    return graph_of(
        layers.columns(),
        name=table.path.stem,
        format="onnx",
        version=f"ONNX opset {opset_of(header) or 'not given'}",
        producer=plain(f"{header.producer_name} {header.producer_version}".strip()),
        inputs=_inputs(table, layers),
        outputs=tuple(tensor_from(value) for value in table.outputs),
        file_bytes=_file_bytes(table),
        sha256="",
        metadata={
            plain(entry.key): plain(entry.value, _LONGEST_VALUE) for entry in header.metadata_props
        },
        warnings=_warnings(table, layers),
        opsets={plain(entry.domain): entry.version for entry in header.opset_import},
        properties=properties_of(header),
        prepared=layers.prepared(),
    )


def properties_of(model: "onnx.ModelProto") -> dict[str, str]:
    """What the file says about itself besides its graph, in words for people."""
    said = {
        "IR version": str(model.ir_version or ""),
        "Model version": str(model.model_version or ""),
        "Domain": model.domain,
        "Description": model.doc_string,
        "Functions": ", ".join(dict.fromkeys(each.name for each in model.functions)),
    }
    return {words: plain(value, _LONGEST_VALUE) for words, value in said.items() if value}


def _inputs(table: OnnxTable, layers: OnnxLayers) -> tuple[Tensor, ...]:
    """Weights may be listed among the inputs, too."""
    return tuple(
        tensor_from(value)
        for value in table.inputs
        if table.texts.number(value.name) not in layers.weights
    )


def _warnings(table: OnnxTable, layers: OnnxLayers) -> tuple[str, ...]:
    found = list(layers.shapes.warnings)
    if not is_surely_sound(table, layers):
        faults = faults_of(table.skeleton, wiring_of(table.skeleton))
        found = [fault.sentence for fault in faults] + found
    more = len(found) - _MOST_WARNINGS
    return (*found[:_MOST_WARNINGS], *([f"{more} more faults."] if more > 0 else []))


def _file_bytes(table: OnnxTable) -> int:
    files: tuple[Path, ...] = (table.path, *files_of(table.path, table.references))
    return sum(file.stat().st_size for file in files if file.is_file())
