"""The format OpenVINO IR: an .xml file with the network, and a .bin beside it with the weights."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.errors import InputError
from core.formats.base import Format
from core.model.graph import ModelGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray


class OpenVinoIr(Format):
    name: ClassVar[str] = "openvino"
    label: ClassVar[str] = "OpenVINO IR"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def sniff(self, path: Path) -> bool:
        from core.readers.xml_events import begins_with_element

        return begins_with_element(path, "net")

    def read_graph(self, path: Path) -> ModelGraph:
        from core.model.collector import collector_paused
        from core.readers.assembly import Header, assemble
        from core.readers.openvino_graph import parts_of
        from core.readers.openvino_xml import read_xml

        with collector_paused():
            net = read_xml(path)
            weights = weights_of(path)
            size = weights.stat().st_size if weights.is_file() else None
            header = Header(
                name=path.stem,
                format=self.name,
                version=f"OpenVINO IR version {net.version or 'not given'}",
                producer=_producer(net.producer),
                file_bytes=path.stat().st_size + (size or 0),
                metadata=net.metadata,
            )
            parts = parts_of(net, size)
            if size is None and any(found.weights for found in parts.constants.values()):
                parts.warnings[:0] = (f"The file of weights, “{weights.name}”, is missing.",)
            return assemble(header, parts)

    def read_weight(self, path: Path, name: str) -> "NDArray[Any]":
        from core.readers.openvino_graph import blobs_of
        from core.readers.openvino_xml import read_xml
        from core.readers.stored_numbers import Place, numbers_at

        found = (blob for blob in blobs_of(read_xml(path)) if blob.name == name)
        blob = next(found, None)
        place = blob and Place(blob.offset, blob.bytes, blob.dtype, blob.shape or ())
        return numbers_at(weights_of(path), place, name)

    def check_runnable(self, path: Path) -> None:
        graph = self.read_graph(path)
        if graph.warnings:
            raise InputError(
                f"The model “{path.name}” can be drawn but not run.",
                " ".join(graph.warnings[:5]),
                "Copy both its files, .xml and .bin, again, or convert the model again.",
            )

    def companions(self, path: Path) -> tuple[Path, ...]:
        weights = weights_of(path)
        return (weights,) if weights.is_file() else ()


def _producer(version: str) -> str:
    """Converters that were built by hand call their own version unknown."""
    known = version and "unknown" not in version
    return f"OpenVINO {version}" if known else "OpenVINO"


def weights_of(path: Path) -> Path:
    """The file beside the .xml that holds the numbers; there is none where there are no weights."""
    return path.with_suffix(".bin")
