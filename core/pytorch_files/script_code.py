"""The code of a TorchScript archive: its text, parsed and never run."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from core.model.onnx_file import broken
from core.pytorch_files.archive import Archive

_FOLDER, _SUFFIX = "code/", ".py"
_LARGEST_CODE = 64 << 20
"""Bytes of all files together."""


@dataclass(frozen=True)
class ScriptClass:
    """A class by its qualified name, such as “__torch__.torch.nn.modules.conv.Conv2d”."""

    methods: Mapping[str, ast.FunctionDef]


class ScriptCode:
    """Classes and functions by qualified name."""

    def __init__(self, archive: Archive) -> None:
        """Parses every file. Raises InputError for text that is no code."""
        self._archive = archive
        files = archive.below(_FOLDER, _SUFFIX)
        if sum(archive.size(name) for name in files) > _LARGEST_CODE:
            raise broken(archive.path, "Its code is longer than any model's.")
        self._files = {
            name.removeprefix(_FOLDER).removesuffix(_SUFFIX).replace("/", "."): name
            for name in files
        }
        self._trees = {module: self._parsed(name) for module, name in self._files.items()}

    def _parsed(self, name: str) -> ast.Module:
        try:
            return ast.parse(self._archive.text(name))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise broken(self._archive.path, f"The code “{name[:80]}” cannot be read.") from error

    @cached_property
    def classes(self) -> Mapping[str, ScriptClass]:
        return {
            f"{module}.{node.name}": ScriptClass(
                {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
            )
            for module, tree in self._trees.items()
            for node in tree.body
            if isinstance(node, ast.ClassDef)
        }

    @cached_property
    def functions(self) -> Mapping[str, ast.FunctionDef]:
        return {
            f"{module}.{node.name}": node
            for module, tree in self._trees.items()
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
        }
