"""The format of tensors that PyTorch saves: state dicts, checkpoints, and whole pickled models."""

from pathlib import Path
from typing import ClassVar

from core.conversion.architecture import WAYS_WITH_ARCHITECTURE
from core.conversion.declaration import Conversion, ConversionWork
from core.formats.base import Format
from core.model.graph import ModelGraph

_NAMED = 5
"""How many of the names in a suspicious file the warning tells."""


class StateDict(Format):
    """Drawn as a tree of tensors: which layers use them how, such a file does not say."""

    name: ClassVar[str] = "state-dict"
    label: ClassVar[str] = "PyTorch state dict"
    suffixes: ClassVar[tuple[str, ...]] = (".pth", ".pt", ".ckpt", ".bin", ".pkl")
    conversions: ClassVar[tuple[Conversion, ...]] = WAYS_WITH_ARCHITECTURE

    def sniff(self, path: Path) -> bool:
        from core.pytorch_files.archive import kind_of
        from core.pytorch_files.checkpoint import is_legacy

        return is_legacy(path) or kind_of(path) == "tensors"

    def read_graph(self, path: Path) -> ModelGraph:
        from core.pytorch_files.checkpoint import read_checkpoint
        from core.pytorch_files.tensor_tree import tree_of_tensors

        found = read_checkpoint(path)
        version = "PyTorch tensors, old" if found.legacy else "PyTorch tensors"
        warnings = (_warning(found.code),) if found.code else ()
        return tree_of_tensors(
            path, self.name, version, found.tensors, metadata=found.facts, warnings=warnings
        )

    def check_runnable(self, path: Path) -> None:
        self.read_graph(path)
        raise self.drawn_only(path)

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        from core.conversion.pytorch import convert_pytorch

        convert_pytorch("tensors", conversion, work)


def _warning(code: tuple[str, ...]) -> str:
    more = f" and {len(code) - _NAMED} more" if len(code) > _NAMED else ""
    return (
        f"Loading this file fully in PyTorch would run code: {', '.join(code[:_NAMED])}{more}. "
        "Edgewright has run none of it."
    )
