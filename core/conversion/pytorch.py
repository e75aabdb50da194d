"""Converts files of PyTorch into ONNX or OpenVINO IR, in the sandbox, after consent."""

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from core.conversion.declaration import Conversion, ConversionWork
from core.conversion.sandbox import Errand, run_confined
from core.errors import InputError, UserError

COMPONENT = "pytorch"
"""The extra of this program that brings PyTorch and its exporter."""
Kind = Literal["exported", "script", "tensors"]

_PROGRAM = "torch_to_onnx.py.txt"
_NAMES = {"torch": "PyTorch", "onnxscript": "onnxscript, which PyTorch’s exporter needs"}


def convert_pytorch(kind: Kind, conversion: Conversion, work: ConversionWork) -> None:
    """Write `work.target`, whose ONNX layers carry the ids of the layers that were drawn.

    Raises UserError; nothing is left at the target then.
    """
    made = work.scratch / "converted.onnx"
    confined = work.scratch / "sandbox"
    confined.mkdir()
    _run(kind, work, confined)
    result = confined / "model.onnx"
    if result.is_symlink() or not result.is_file():
        raise _no_result()
    result.replace(made)
    _finish(conversion, work, made)


def python_with_pytorch(chosen: Path | None) -> Path:
    """The interpreter to use. Raises InputError that says how to get one."""
    if chosen is not None:
        if not os.access(chosen, os.X_OK) or not chosen.is_file():
            raise InputError(
                f"“{chosen}” is no Python interpreter.",
                "It is no file that can be run.",
                "Choose the file called python in the environment that has PyTorch.",
            )
        return chosen.absolute()
    own = not getattr(sys, "frozen", False) and importlib.util.find_spec("torch") is not None
    if not own:
        raise missing_component("torch")
    return Path(sys.executable)


def has_pytorch() -> bool:
    """Whether this program's own interpreter has PyTorch."""
    try:
        python_with_pytorch(None)
    except InputError:
        return False
    return True


def missing_component(module: str) -> InputError:
    """What to say where a library is missing."""
    return InputError(
        "The model cannot be converted yet.",
        f"{_NAMES.get(module, module)} is not installed.",
        f"Add the component with “pip install edgewright[{COMPONENT}]”, or choose a Python that "
        "has it (on the command line “--python FILE”).",
    )


def _run(kind: Kind, work: ConversionWork, confined: Path) -> None:
    architecture = work.architecture.absolute() if work.architecture else None
    argument = {
        "kind": kind,
        "source": str(work.source.absolute()),
        "target": str(confined / "model.onnx"),
        "shapes": work.input_shapes,
        "architecture": str(architecture or ""),
        "folder": str(architecture.parent) if architecture else "",
        "name": work.architecture_name,
    }
    folders = (architecture.parent,) if architecture else ()
    errand = Errand(
        python_with_pytorch(work.python),
        _PROGRAM,
        json.dumps(argument),
        (work.source.absolute(), *folders),
        confined,
    )
    for sentence in run_confined(errand, _Listener(work)):
        work.note(f"{sentence}.")


class _Listener:
    """Passes on what the confined program says, as words."""

    def __init__(self, work: ConversionWork) -> None:
        self._work = work
        self._text = "Starting"

    def __call__(self, message: dict[str, object]) -> None:
        match message:
            case {"say": str(text)}:
                self._text = text[:120]
            case {"missing": str(module)}:
                raise missing_component(module[:60])
            case {"failed": str(reason)}:
                raise _refused(reason)
            case _:
                pass
        self._work.progress(self._text)


def _finish(conversion: Conversion, work: ConversionWork, made: Path) -> None:
    from core.conversion.stamping import stamp_like
    from core.export.openvino_ir import write_openvino_ir
    from core.formats import check_runnable, read_graph

    work.progress("Checking the result")
    try:
        check_runnable(made)
    except InputError as error:
        raise UserError(
            "The conversion did not give a model that runs.",
            f"{error.what} {error.why}",
            "Convert it in its own training program instead.",
        ) from error
    stamp_like(read_graph(work.source), made)
    if conversion.target == "openvino":
        work.progress("Writing OpenVINO IR")
        write_openvino_ir(made, work.target)
    else:
        shutil.move(made, work.target)


def _refused(reason: str) -> UserError:
    return UserError(
        "PyTorch could not convert the model.",
        f"It says: {' '.join(reason.split())[:400]}",
        "Check the sizes of the inputs and the architecture; or convert it in its own training "
        "program with torch.onnx.export.",
    )


def _no_result() -> UserError:
    return UserError(
        "The conversion gave no model.",
        "The process ended well, but wrote no file.",
        "Convert it in its own training program with torch.onnx.export.",
    )
