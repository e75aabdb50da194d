"""The formats of Paddle: .pdmodel, and the newer .json, each with its .pdiparams beside it."""

from pathlib import Path
from typing import ClassVar

from core.conversion.declaration import Conversion, ConversionWork
from core.errors import InputError
from core.formats.base import Format
from core.model.graph import ModelGraph

_START = 4096
_JSON_SIGN = b'"magic":"pir"'


class Paddle(Format):
    name: ClassVar[str] = "paddle"
    label: ClassVar[str] = "Paddle"
    suffixes: ClassVar[tuple[str, ...]] = (".pdmodel", ".json")
    conversions: ClassVar[tuple[Conversion, ...]] = (Conversion(target="openvino"),)

    def sniff(self, path: Path) -> bool:
        with path.open("rb") as file:
            start = file.read(_START)
        return _is_json(start) or _is_program(start)

    def read_graph(self, path: Path) -> ModelGraph:
        from core.model.protobuf import BrokenFile
        from core.readers.assembly import Header, assemble
        from core.readers.json_text import read_json
        from core.readers.mapped_file import mapped, refuse_broken
        from core.readers.paddle import BrokenProgram, parts_of_binary, parts_of_json

        with mapped(path) as data:
            newer = _is_json(bytes(data[:_START]))
            try:
                parts = parts_of_json(read_json(path)) if newer else parts_of_binary(data)
            except (BrokenFile, BrokenProgram) as error:
                raise refuse_broken(path, str(error)) from error
        weights = self.companions(path)
        header = Header(
            name=path.stem,
            format=self.name,
            version="Paddle program (PIR)" if newer else "Paddle program",
            producer="Paddle",
            file_bytes=sum(file.stat().st_size for file in (path, *weights)),
        )
        if not weights and parts.constants:
            missing = path.with_suffix(".pdiparams").name
            parts.warnings.append(f"The file of weights, “{missing}”, is missing.")
        return assemble(header, parts)

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)

    def companions(self, path: Path) -> tuple[Path, ...]:
        weights = path.with_suffix(".pdiparams")
        return (weights,) if weights.is_file() else ()

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        from core.export.openvino_ir import write_openvino_ir

        with work.source.open("rb") as file:
            if _is_json(file.read(_START)):
                raise InputError(
                    f"“{work.source.name}” cannot be converted.",
                    "OpenVINO reads Paddle’s older form, .pdmodel, and not the .json of Paddle 3.",
                    "Save it again with FLAGS_enable_pir_api=0, or convert it with paddle2onnx.",
                )
        self.read_graph(work.source)
        write_openvino_ir(work.source, work.target)


def _is_json(start: bytes) -> bool:
    return start.lstrip().startswith(b"{") and _JSON_SIGN in start.replace(b" ", b"")


def _is_program(start: bytes) -> bool:
    """A ProgramDesc begins with a block, and that with its number 0 and no parent, −1."""
    from core.readers.protobuf import first_tags

    tags = first_tags(start)
    if not tags or tags[0][:2] != (1, 2):
        return False
    block = first_tags(tags[0][2])
    return [tag[:2] for tag in block[:3]] == [(1, 0), (2, 0), (3, 2)] and block[0][2] == b"\0"
