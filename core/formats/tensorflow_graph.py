"""The formats of TensorFlow: SavedModel folders and frozen graphs, drawn from their bytes."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.conversion.declaration import Conversion, ConversionWork
from core.formats.base import Format
from core.model.graph import ModelGraph

if TYPE_CHECKING:
    from core.readers.tensorflow import TensorFlowGraph

_START = 4096
_SAVED_MODEL = "saved_model.pb"


class TensorFlow(Format):
    name: ClassVar[str] = "tensorflow"
    label: ClassVar[str] = "TensorFlow"
    suffixes: ClassVar[tuple[str, ...]] = (".pb",)
    folders: ClassVar[bool] = True
    conversions: ClassVar[tuple[Conversion, ...]] = (Conversion(target="openvino"),)

    def sniff(self, path: Path) -> bool:
        file = _file_of(path)
        if not file.is_file():
            return False
        with file.open("rb") as opened:
            start = opened.read(_START)
        return _is_saved_model(start) or _is_graph(start)

    def read_graph(self, path: Path) -> ModelGraph:
        from core.model.collector import collector_paused
        from core.model.protobuf import BrokenFile
        from core.readers.assembly import Header, assemble
        from core.readers.mapped_file import mapped, refuse_broken
        from core.readers.tensorflow_graph import TooManyLayers, parts_of

        file = _file_of(path)
        with mapped(file) as data, collector_paused():
            try:
                graph = _read(data)
                parts = parts_of(graph)
            except (BrokenFile, TooManyLayers) as error:
                raise refuse_broken(file, str(error)) from error
        files = (file, *self.companions(path))
        header = Header(
            name=file.parent.name if file.name == _SAVED_MODEL else file.stem,
            format=self.name,
            version=f"TensorFlow {graph.version or 'graph'}",
            producer="TensorFlow",
            file_bytes=sum(one.stat().st_size for one in files),
            metadata=graph.metadata,
        )
        return assemble(header, parts)

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)

    def companions(self, path: Path) -> tuple[Path, ...]:
        file = _file_of(path)
        if file.name != _SAVED_MODEL:
            return ()
        found = [file.parent / "fingerprint.pb"]
        found += sorted((file.parent / "variables").glob("variables.*"))
        return tuple(one for one in found if one.is_file() and not one.is_symlink())

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        from core.export.openvino_ir import write_openvino_ir

        self.read_graph(work.source)
        file = _file_of(work.source)
        source = file.parent if file.name == _SAVED_MODEL else file
        write_openvino_ir(source, work.target)


def _file_of(path: Path) -> Path:
    return path / _SAVED_MODEL if path.is_dir() else path


def _read(data: memoryview) -> "TensorFlowGraph":
    from core.readers.tensorflow import read_graph_def, read_saved_model

    saved = _is_saved_model(bytes(data[:_START]))
    return read_saved_model(data) if saved else read_graph_def(data)


def _is_saved_model(start: bytes) -> bool:
    """Schema version 1, then a MetaGraphDef, whose first field is a message or whose graph is."""
    from core.readers.protobuf import first_tags

    tags = first_tags(start)
    if [tag[:2] for tag in tags[:2]] != [(1, 0), (2, 2)] or tags[0][2] != b"\1":
        return False
    inner = first_tags(tags[1][2])
    return bool(inner) and all(wire == 2 and number <= 8 for number, wire, _ in inner)


def _is_graph(start: bytes) -> bool:
    """A GraphDef: nodes that begin with a name and an operator."""
    from core.readers.protobuf import first_tags

    tags = first_tags(start)
    if not tags or not {tag[:2] for tag in tags} <= {(1, 2), (2, 2), (3, 0), (4, 2)}:
        return False
    nodes = [content for number, _, content in tags if number == 1]
    return bool(nodes) and _is_node(nodes[0])


def _is_node(content: bytes) -> bool:
    from core.readers.protobuf import first_tags

    tags = first_tags(content)
    allowed = {(1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (6, 2), (7, 2)}
    operator = next((text for number, _, text in tags if number == 2), b"")
    word = operator.replace(b"_", b"").replace(b">", b"")
    return {tag[:2] for tag in tags} <= allowed and word.isalnum()
