"""The format ONNX."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.conversion.declaration import Conversion, ConversionWork
from core.formats.base import Format
from core.model.graph import ModelGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.quantized_weights import Companions

_START = 4096
"""Bytes that tell what a file is."""


class OnnxModel(Format):
    name: ClassVar[str] = "onnx"
    label: ClassVar[str] = "ONNX"
    suffixes: ClassVar[tuple[str, ...]] = (".onnx",)
    runs: ClassVar[bool] = True
    conversions: ClassVar[tuple[Conversion, ...]] = (Conversion("openvino"),)

    def sniff(self, path: Path) -> bool:
        from core.model.wire import looks_like_model

        with path.open("rb") as file:
            return looks_like_model(file.read(_START))

    def read_graph(self, path: Path) -> ModelGraph:
        return self.read_whole(path)[0]

    def read_whole(self, path: Path) -> tuple[ModelGraph, tuple[Path, ...]]:
        """Of a model whose data files are not complete, the companions are those that exist."""
        from core.model.collector import collector_paused
        from core.model.external_data import LackingData, check_references, files_of
        from core.model.onnx_graph import graph_from_onnx
        from core.model.onnx_table import opened

        with collector_paused(), opened(path) as table:
            files = files_of(path, table.references)
            try:
                check_references(path, table.references)
                graph = graph_from_onnx(table)
            except LackingData as lack:
                files = tuple(file for file in files if file.is_file())
                graph = graph_from_onnx(table)
                graph = replace(graph, warnings=(f"{lack.why} {lack.remedy}", *graph.warnings))
        return graph, files

    def check_runnable(self, path: Path) -> None:
        from core.model.external_data import check_external_data
        from core.model.faults import check_runnable
        from core.model.onnx_file import read_skeleton

        model = read_skeleton(path)
        check_external_data(path, model)
        check_runnable(path, model)

    def read_weight(self, path: Path, name: str) -> "NDArray[Any]":
        from core.model.weights import read_weight

        return read_weight(path, name)

    def scale_of_weight(self, path: Path, name: str) -> "Companions | None":
        from core.model.onnx_file import read_skeleton
        from core.model.quantized_weights import companions_of

        return companions_of(read_skeleton(path), name)

    def companions(self, path: Path) -> tuple[Path, ...]:
        from core.model.external_data import check_external_data, external_files
        from core.model.onnx_file import read_skeleton

        model = read_skeleton(path)
        check_external_data(path, model)
        return external_files(path, model)

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        from core.export.openvino_ir import write_openvino_ir

        self.check_runnable(work.source)
        write_openvino_ir(work.source, work.target)
