"""The format of MXNet: NAME-symbol.json, drawn from its text."""

from pathlib import Path
from typing import ClassVar

from core.formats.base import Format
from core.model.graph import ModelGraph

_START = 4096


class MxNet(Format):
    name: ClassVar[str] = "mxnet"
    label: ClassVar[str] = "MXNet"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    way_out: ClassVar[str] = (
        "Export it to ONNX with MXNet itself, in an environment that still has it: "
        "mxnet.onnx.export_model(symbol, params, shapes). Then open that file."
    )

    def sniff(self, path: Path) -> bool:
        with path.open("rb") as file:
            start = file.read(_START)
        if not start.lstrip().startswith(b"{") or b'"nodes"' not in start:
            return False
        return b'"op"' in start and b'"inputs"' in start

    def read_graph(self, path: Path) -> ModelGraph:
        from core.readers.assembly import NO_SIZES, Header, assemble
        from core.readers.json_text import read_json
        from core.readers.mapped_file import refuse_broken
        from core.readers.mxnet import BrokenSymbol, parts_of, version_of

        symbol = read_json(path)
        try:
            parts = parts_of(symbol)
        except BrokenSymbol as error:
            raise refuse_broken(path, str(error)) from error
        header = Header(
            name=path.stem.removesuffix("-symbol"),
            format=self.name,
            version=f"MXNet {version_of(symbol)}".strip(),
            producer="MXNet",
            file_bytes=path.stat().st_size,
        )
        parts.warnings.append(NO_SIZES)
        return assemble(header, parts)

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)
