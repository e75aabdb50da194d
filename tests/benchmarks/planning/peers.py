"""The ways of others to make a model fast: as it is, NNCF's and ONNX Runtime's quantization."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.benchmark.contender_process import Contender
from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes

NNCF = """
import sys
import nncf, numpy, openvino
model, inputs, name, count, target = sys.argv[1:]
rows = numpy.load(inputs, mmap_mode="r")[: int(count)]
feeds = [{name: numpy.ascontiguousarray(row[None])} for row in rows]
quantized = nncf.quantize(
    openvino.Core().read_model(model), nncf.Dataset(feeds), subset_size=len(feeds)
)
openvino.save_model(quantized, target, compress_to_fp16=False)
"""


@dataclass(frozen=True)
class Material:
    """What every peer is given."""

    model: Path
    input_name: str
    calibration: Path
    """A .npy file of float32 rows."""
    count: int
    threads: int


def peers_of(material: Material, folder: Path, nncf: Path | None) -> Iterator[Contender]:
    """All peers that can be made here; `nncf` is the Python of an environment that has it."""
    yield _contender("ort", "ONNX Runtime", material.model, material, "onnxruntime")
    yield _contender("ov", "OpenVINO", material.model, material, "openvino")
    if "bf16" in runtimes()["openvino"].precisions():
        yield _contender("ov-f32", "OpenVINO f32", material.model, material, "openvino", "f32")
    if nncf is not None:
        target = folder / "nncf.xml"
        if not target.exists():
            _quantize_with_nncf(nncf, material, target)
        if target.exists():
            yield _contender("nncf", "NNCF default", target, material, "openvino")
    if (static := _static_int8(material, folder)) is not None:
        yield _contender("ort-int8", "ONNX Runtime INT8", static, material, "onnxruntime")


def _static_int8(material: Material, folder: Path) -> Path | None:
    """ONNX Runtime's own static quantization with its recommended settings for x86."""
    from onnxruntime.quantization import (  # pyright: ignore[reportMissingTypeStubs]
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quant_pre_process,
        quantize_static,
    )

    class Rows(CalibrationDataReader):
        def __init__(self) -> None:
            rows = np.load(material.calibration, mmap_mode="r")[: material.count]
            self._rows = iter(rows)

        def get_next(self) -> dict[str, np.ndarray] | None:
            row = next(self._rows, None)
            return None if row is None else {material.input_name: np.ascontiguousarray(row[None])}

    prepared, target = folder / "prepared.onnx", folder / "ort-int8.onnx"
    try:
        quant_pre_process(str(material.model), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(target),
            Rows(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    except Exception as error:
        print(f"ONNX Runtime INT8: {error}"[:200])
        return None
    return target


def _quantize_with_nncf(python: Path, material: Material, target: Path) -> None:
    asked = [str(python), "-c", NNCF, str(material.model), str(material.calibration)]
    done = subprocess.run(
        [*asked, material.input_name, str(material.count), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"NNCF: {done.stderr.strip().splitlines()[-1:]}")


def _contender(
    id: str, label: str, model: Path, material: Material, runtime: str, precision: str = "auto"
) -> Contender:
    choice = RuntimeChoice(runtime=runtime, precision=precision, threads=material.threads)
    return Contender(id=id, label=label, model=model, choice=choice)
