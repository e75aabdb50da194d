"""The format TensorFlow Lite, now called LiteRT."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.conversion.declaration import Conversion, ConversionWork
from core.formats.base import Format
from core.model.graph import ModelGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray


class TensorFlowLite(Format):
    name: ClassVar[str] = "tflite"
    label: ClassVar[str] = "TensorFlow Lite"
    suffixes: ClassVar[tuple[str, ...]] = (".tflite", ".lite")
    conversions: ClassVar[tuple[Conversion, ...]] = (Conversion(target="openvino"),)

    def sniff(self, path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(8)[4:] == b"TFL3"

    def read_graph(self, path: Path) -> ModelGraph:
        from core.model.collector import collector_paused
        from core.readers.assembly import Header, assemble
        from core.readers.flatbuffer import BrokenBuffer
        from core.readers.mapped_file import mapped, refuse_broken
        from core.readers.tflite import read_tflite

        with mapped(path) as data, collector_paused():
            try:
                model = read_tflite(data)
            except BrokenBuffer as error:
                raise refuse_broken(path, str(error)) from error
            header = Header(
                name=path.stem,
                format=self.name,
                version=f"TensorFlow Lite schema {model.version}",
                producer=model.description,
                file_bytes=path.stat().st_size,
                metadata=model.metadata,
            )
            return assemble(header, model.parts)

    def read_weight(self, path: Path, name: str) -> "NDArray[Any]":
        from core.readers.flatbuffer import BrokenBuffer
        from core.readers.mapped_file import mapped, refuse_broken
        from core.readers.stored_numbers import numbers_at
        from core.readers.tflite import read_tflite

        with mapped(path) as data:
            try:
                place = read_tflite(data).places.get(name)
            except BrokenBuffer as error:
                raise refuse_broken(path, str(error)) from error
        return numbers_at(path, place, name)

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        from core.export.openvino_ir import write_openvino_ir

        self.read_graph(work.source)
        write_openvino_ir(work.source, work.target)
