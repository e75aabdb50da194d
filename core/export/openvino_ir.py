"""Converts models that OpenVINO reads into its own format."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# openvino's bindings have no complete stubs.

from pathlib import Path

from core.errors import UserError


def write_openvino_ir(model: Path, target: Path, *, fp16: bool = False) -> None:
    """Write `target` (.xml) with its .bin beside it; `fp16` stores real weights in half precision.

    Raises UserError when OpenVINO cannot read the model.
    """
    import openvino

    try:
        openvino.save_model(
            openvino.Core().read_model(str(model)), str(target), compress_to_fp16=fp16
        )
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise UserError(
            f"OpenVINO cannot convert {model.name}.",
            f"It says: {lines[-1][:300] if lines else type(error).__name__}",
            "Export it as ONNX; OpenVINO reads that too.",
        ) from error
