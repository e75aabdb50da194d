"""Checks what a person asked for before anything is converted, and says what is missing."""

from typing import TYPE_CHECKING

from core.conversion.declaration import Conversion, Target
from core.errors import InputError
from core.formats.base import Format

if TYPE_CHECKING:
    from core.jobs.kinds.convert import ConvertRequest

TARGET_LABELS: dict[Target, str] = {"onnx": "ONNX", "openvino": "OpenVINO IR"}
SUFFIXES: dict[Target, str] = {"onnx": ".onnx", "openvino": ".xml"}


def checked_conversion(known: Format, request: "ConvertRequest") -> Conversion:
    """The way that was asked for. Raises InputError where it does not exist or lacks something."""
    found = next((way for way in known.conversions if way.target == request.to), None)
    if found is None:
        ways = " or ".join(TARGET_LABELS[way.target] for way in known.conversions)
        raise InputError(
            f"“{request.model.name}” cannot be converted to {TARGET_LABELS[request.to]}.",
            f"Its format is {known.label}"
            + (f", which can be converted to {ways}." if ways else ", which runs as it is."),
            f"Convert it to {ways}." if ways else "Open it directly.",
        )
    if found.runs and not request.trusted:
        raise InputError(
            f"“{request.model.name}” was not converted.",
            f"{found.runs} Whoever made the file could make it do anything that you may do.",
            "If you trust where it comes from, say so: “--trust” on the command line, or the box "
            "in the window.",
        )
    _check_architecture(found, request)
    if "input-shape" in found.needs and not input_shapes(known, request):
        raise InputError(
            "The size of the input is missing.",
            "The file does not say which sizes the model takes.",
            "Give it, such as “--input-shape 1,3,224,224”; once for each input, in their order.",
        )
    return found


def input_shapes(known: Format, request: "ConvertRequest") -> tuple[tuple[int, ...], ...]:
    """As the person gave them, else as the file says, with 1 for what is free."""
    if request.input_shapes:
        return request.input_shapes
    inputs = known.read_graph(request.model).inputs
    if not inputs or any(tensor.shape is None for tensor in inputs):
        return ()
    return tuple(
        tuple(size if isinstance(size, int) else 1 for size in tensor.shape or ())
        for tensor in inputs
    )


def checked_out(request: "ConvertRequest") -> None:
    """Raises InputError where the result would replace something or has the wrong ending."""
    suffix = SUFFIXES[request.to]
    if request.out.suffix != suffix:
        raise InputError(
            f"The result cannot be called “{request.out.name}”.",
            f"A file of {TARGET_LABELS[request.to]} ends in {suffix}.",
            f"Call it “{request.out.stem}{suffix}”.",
        )
    beside = [request.out] + ([request.out.with_suffix(".bin")] if suffix == ".xml" else [])
    for path in beside:
        if path.exists():
            raise InputError(
                f"“{path}” exists already.",
                "A conversion replaces nothing.",
                "Choose another name, or move the file away first.",
            )


def _check_architecture(conversion: Conversion, request: "ConvertRequest") -> None:
    if "architecture" not in conversion.needs:
        return
    if request.architecture is None or not request.architecture_name:
        raise InputError(
            "The architecture is missing.",
            "The file holds the weights only; how they are used, a Python file of yours says.",
            "Name the file and the class or function in it that builds the model, such as "
            "“--architecture model.py:resnet20”.",
        )
    if not request.architecture.is_file():
        raise InputError(
            f"There is no file “{request.architecture}”.",
            "It was given as the architecture.",
            "Check the path.",
        )
