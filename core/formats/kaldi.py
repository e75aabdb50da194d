"""The format of Kaldi's nnet3 models, drawn from the text that describes their wiring."""

from pathlib import Path
from typing import ClassVar

from core.formats.base import Format
from core.model.graph import ModelGraph

_START = 1 << 16


class Kaldi(Format):
    name: ClassVar[str] = "kaldi"
    label: ClassVar[str] = "Kaldi nnet3"
    suffixes: ClassVar[tuple[str, ...]] = (".raw", ".mdl", ".nnet")
    way_out: ClassVar[str] = (
        "Train or convert it with icefall (the successor of Kaldi), which exports ONNX; or convert "
        "it with OpenVINO 2023.3 or older (mo --framework kaldi), whose .xml can be opened here."
    )

    def sniff(self, path: Path) -> bool:
        with path.open("rb") as file:
            start = file.read(_START)
        begins = start.removeprefix(b"\0B").lstrip().startswith
        return begins(b"<Nnet3>") or begins(b"<TransitionModel>")

    def read_graph(self, path: Path) -> ModelGraph:
        from core.readers.assembly import NO_SIZES, Header, assemble
        from core.readers.kaldi import parts_of
        from core.readers.mapped_file import mapped, refuse_broken

        with mapped(path) as data:
            parts = parts_of(data)
        if not parts.nodes:
            raise refuse_broken(path, "It has no lines that describe an nnet3 network.")
        header = Header(
            name=path.stem,
            format=self.name,
            version="Kaldi nnet3",
            producer="Kaldi",
            file_bytes=path.stat().st_size,
        )
        parts.warnings.append(NO_SIZES)
        return assemble(header, parts)

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)
