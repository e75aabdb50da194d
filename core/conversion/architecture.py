"""The ways from a file of weights to a model: with a Python file that builds it."""

from core.conversion.declaration import Conversion, Need

_RUNS = "The Python file that you choose is run to build the model; the weights are only read."
_NEEDS: tuple[Need, ...] = ("architecture", "input-shape")

WAYS_WITH_ARCHITECTURE = (
    Conversion("onnx", "pytorch", _RUNS, _NEEDS),
    Conversion("openvino", "pytorch", _RUNS, _NEEDS),
)
