"""The formats of Caffe: prototxt text, which is drawn, and caffemodel with its weights."""

import re
from pathlib import Path
from typing import ClassVar

from core.formats.base import Format
from core.model.graph import ModelGraph

_START = 1 << 16
_LAYER = re.compile(rb"^\s*layers?\s*:?\s*\{", re.MULTILINE)
_LARGEST_TEXT = 64 << 20


class Caffe(Format):
    name: ClassVar[str] = "caffe"
    label: ClassVar[str] = "Caffe"
    suffixes: ClassVar[tuple[str, ...]] = (".prototxt", ".caffemodel")
    way_out: ClassVar[str] = (
        "Convert it to ONNX with the program that was used for training, or with OpenVINO 2023.3 "
        "or older (mo --input_model), whose .xml can be opened here."
    )

    def sniff(self, path: Path) -> bool:
        with path.open("rb") as file:
            start = file.read(_START)
        return _is_text(start) or _is_binary(start)

    def read_graph(self, path: Path) -> ModelGraph:
        from core.model.protobuf import BrokenFile
        from core.readers.assembly import NO_SIZES, Header, assemble
        from core.readers.caffe import net_from_binary, net_from_text, parts_of
        from core.readers.mapped_file import mapped, refuse_broken
        from core.readers.text_protobuf import BrokenText

        with mapped(path) as data:
            try:
                if _is_text(bytes(data[:_START])):
                    text = bytes(data[:_LARGEST_TEXT]).decode(errors="replace")
                    net, form = net_from_text(text), "prototxt"
                else:
                    net, form = net_from_binary(data), "caffemodel"
            except (BrokenText, BrokenFile) as error:
                raise refuse_broken(path, str(error)) from error
        if not net.layers:
            raise refuse_broken(path, "It has no layers.")
        header = Header(
            name=net.name or path.stem,
            format=self.name,
            version=f"Caffe {form}",
            producer="Caffe",
            file_bytes=path.stat().st_size,
        )
        parts = parts_of(net)
        if form == "prototxt":
            parts.warnings.append(NO_SIZES)
        return assemble(header, parts)

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)


def _is_text(start: bytes) -> bool:
    return b"\0" not in start and _LAYER.search(start) is not None


def _is_binary(start: bytes) -> bool:
    """A NetParameter: its name, then layers, each with a name or inputs of its own."""
    from core.readers.protobuf import first_tags

    tags = first_tags(start)
    kinds = {(number, wire) for number, wire, _ in tags}
    if not kinds or not kinds <= {(1, 2), (2, 2), (3, 2), (4, 0), (8, 2), (100, 2)}:
        return False
    layers = [content for number, _, content in tags if number in (2, 100)]
    return bool(layers) and all(_is_layer(content) for content in layers[:3])


def _is_layer(content: bytes) -> bool:
    """Layers of the new form begin with their name, those of the old one with their inputs."""
    from core.readers.protobuf import first_tags

    tags = first_tags(content)
    return len(tags) >= 2 and all(wire == 2 for _, wire, _ in tags[:2]) and tags[0][2].isascii()
