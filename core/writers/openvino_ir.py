"""Writes OpenVINO's own format: an .xml with its .bin beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from core.export.openvino_ir import write_openvino_ir
from core.model.external_data import external_files
from core.model.onnx_file import read_skeleton
from core.parameters import Toggle, Value
from core.writers.base import Writer


class OpenvinoIrWriter(Writer):
    name: ClassVar[str] = "openvino"
    label: ClassVar[str] = "OpenVINO IR"
    suffix: ClassVar[str] = ".xml"
    about: ClassVar[str] = "An .xml with the layers and a .bin with the weights beside it."
    parameters = (
        Toggle(
            "fp16",
            "Store weights as FP16",
            "Half the file; OpenVINO computes in the precision that the device likes best.",
            default=False,
        ),
    )

    def write(self, model: Path, target: Path, options: Mapping[str, Value]) -> None:
        write_openvino_ir(model, target, fp16=bool(options.get("fp16", False)))
        for file in (*external_files(model, read_skeleton(model)), model):
            file.unlink()
