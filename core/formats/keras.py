"""The formats of Keras: .keras archives and HDF5 files, drawn from the settings inside."""

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.errors import InputError
from core.formats.base import Format
from core.model.graph import ModelGraph

if TYPE_CHECKING:
    from core.readers.json_text import Json

_HDF5 = b"\x89HDF\r\n\x1a\n"
_CONFIG = "config.json"
_LARGEST = 256 << 20
_SETTINGS = re.compile(rb'\{"(?:class_name|module)": ?"[\w.>]+", ?"(?:config|class_name)": ?')


class Keras(Format):
    name: ClassVar[str] = "keras"
    label: ClassVar[str] = "Keras"
    suffixes: ClassVar[tuple[str, ...]] = (".keras", ".h5", ".hdf5")
    way_out: ClassVar[str] = (
        "Open it in Python with the Keras that made it, and export it: "
        "model.export(“model.onnx”, format=“onnx”). Then open that file."
    )

    def sniff(self, path: Path) -> bool:
        with path.open("rb") as file:
            start = file.read(8)
        if start == _HDF5:
            return True
        return start.startswith(b"PK\x03\x04") and _is_archive(path)

    def read_graph(self, path: Path) -> ModelGraph:
        from core.readers.assembly import NO_SIZES, Header, assemble
        from core.readers.keras import CodeNeeded, parts_of

        settings, version = _settings_of(path)
        try:
            parts = parts_of(settings)
        except CodeNeeded as error:
            what = f"The structure of “{path.name}” cannot be drawn."
            raise InputError(what, str(error), self.way_out) from error
        header = Header(
            name=path.stem,
            format=self.name,
            version=version,
            producer="Keras",
            file_bytes=path.stat().st_size,
        )
        parts.warnings.append(NO_SIZES)
        return assemble(header, parts)

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)


def _is_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return {_CONFIG, "metadata.json"} <= set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError):
        return False


def _settings_of(path: Path) -> "tuple[Json, str]":
    """The model's settings, and the version of Keras in words."""
    with path.open("rb") as file:
        is_hdf5 = file.read(8) == _HDF5
    return _from_hdf5(path) if is_hdf5 else _from_archive(path)


def _from_archive(path: Path) -> "tuple[Json, str]":
    from core.model.onnx_file import broken
    from core.readers.json_text import parse_json, texts_in

    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(_CONFIG).file_size > _LARGEST:
                raise broken(path, "Its settings are longer than any model's.")
            settings = parse_json(archive.read(_CONFIG), path)
            about = texts_in(parse_json(archive.read("metadata.json"), path))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, OSError, EOFError) as error:
        raise broken(path, f"Its archive cannot be read: {error}.") from error
    return settings, f"Keras {about.get('keras_version', '')}".strip()


def _from_hdf5(path: Path) -> "tuple[Json, str]":
    """Keras writes its settings into HDF5 as one piece of text, which needs no library to find."""
    from core.readers.json_text import first_json
    from core.readers.mapped_file import mapped

    with mapped(path) as data:
        for match in _SETTINGS.finditer(data):
            found = first_json(bytes(data[match.start() : match.start() + _LARGEST]))
            if isinstance(found, dict) and "config" in found:
                return found, "Keras HDF5"
    raise InputError(
        f"“{path.name}” is an HDF5 file without a model's structure.",
        "It holds weights or other data, but no settings of a Keras model.",
        "Save the whole model in Python with model.save(“model.keras”), and open that file.",
    )
