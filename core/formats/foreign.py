"""Recognizes files that are no model that can be read, to say what they are and what to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_LFS = b"version https://git-lfs.github.com"


@dataclass(frozen=True)
class Foreign:
    """What a file turned out to be, and the way from there to a model that can be read."""

    kind: str
    remedy: str


_PICKLE = Foreign(
    "a Python pickle, which is a program that makes objects and no model file",
    "Save the model with torch.save, torch.export.save or torch.onnx.export, and open that.",
)
_COMPILED = Foreign(
    "a program that PyTorch compiled for one kind of processor",
    "Open the exported program (.pt2) that it was compiled from.",
)
_GGUF = Foreign(
    "a file of weights in the form of llama.cpp (GGUF), without the model's structure",
    "Open the model that it was converted from.",
)
_XML = Foreign(
    "an XML file that holds settings or data, and no network of OpenVINO",
    "Open the .xml file whose first element is “net”; it has a .bin file beside it.",
)
_ENGINE = Foreign(
    "a TensorRT engine, which holds a model for one kind of GPU only",
    "Open the ONNX model that it was built from.",
)
_ARCHIVE = Foreign("an archive", "Unpack it and open the model file that lies in it.")
_LFS_POINTER = Foreign(
    "a placeholder for a file that Git LFS did not download",
    "Run “git lfs pull” in the folder it comes from, and open the file again.",
)
_IMAGE = Foreign("an image", "Add it to the images; open a model file here.")
_DATA = Foreign(
    "the data file of another model", "Open the .onnx or .xml file that lies beside it."
)
_FOLDER = Foreign("a folder", "Choose the model file in it; a folder of images belongs to Images.")
_TEXT = Foreign("a text file", "Choose the model file itself, usually called NAME.onnx.")


def recognize(path: Path) -> Foreign | None:
    """What `path` is, or None for bytes that nothing is known about. Raises OSError."""
    if path.is_dir():
        return _FOLDER
    with path.open("rb") as file:
        start = file.read(4096)
    for matches, foreign in _SIGNS.items():
        if matches(start, path):
            return foreign
    return _TEXT if _is_text(start) else None


def _begins(*signs: bytes) -> Callable[[bytes, Path], bool]:
    return lambda start, path: start.startswith(signs)


def _compiled_program(start: bytes, path: Path) -> bool:
    from core.pytorch_files.archive import kind_of

    return kind_of(path) == "compiled program"


def _pickle(start: bytes, path: Path) -> bool:
    return start[:1] == b"\x80" and start[1:2] in b"\x02\x03\x04\x05"


def _xml(start: bytes, path: Path) -> bool:
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")[:2] in (b"<?", b"<!") or b"</" in start[:4000]


def _data_file(start: bytes, path: Path) -> bool:
    beside = (path.with_suffix(".xml"), path.with_suffix(".onnx"))
    return path.suffix in (".bin", ".data") and any(other.is_file() for other in beside)


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 4 or not start:
            return False
        text = start[: error.start].decode()
    return all(c.isprintable() or c.isspace() for c in text)


_SIGNS: Mapping[Callable[[bytes, Path], bool], Foreign] = {
    _begins(_LFS): _LFS_POINTER,
    _compiled_program: _COMPILED,
    _pickle: _PICKLE,
    _xml: _XML,
    _begins(b"GGUF"): _GGUF,
    _begins(b"ptrt", b"ftrt", b"trtr"): _ENGINE,
    _begins(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM"): _IMAGE,
    _begins(b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ"): _ARCHIVE,
    _data_file: _DATA,
}
"""In this order: the first sign that fits tells."""
