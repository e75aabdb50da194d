"""The ways from a file of weights to a model: with a Python file that builds it."""

import ast
from pathlib import Path

from core.conversion.declaration import Conversion, Need
from core.errors import InputError

_RUNS = "The Python file that you choose is run to build the model; the weights are only read."
_NEEDS: tuple[Need, ...] = ("architecture", "input-shape")

WAYS_WITH_ARCHITECTURE = (
    Conversion("onnx", "pytorch", _RUNS, _NEEDS),
    Conversion("openvino", "pytorch", _RUNS, _NEEDS),
)

LONGEST_CODE = 1 << 20
"""Bytes of a Python file that is looked through for builders."""


def builders_in(file: Path) -> tuple[str, ...]:
    """Names of the classes and functions in a Python file, classes first; nothing is run.

    Raises InputError when it is no Python file.
    """
    try:
        with file.open("rb") as opened:
            tree = ast.parse(opened.read(LONGEST_CODE))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(
            f"“{file.name}” cannot be used as an architecture.",
            f"It is no Python file that can be read ({type(error).__name__}).",
            "Choose the .py file with the class or function that builds the model.",
        ) from error
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return tuple(name for name in (*classes[::-1], *functions) if not name.startswith("_"))
