"""Models that runtimes are asked to run."""

from pathlib import Path

import onnx
import pytest


@pytest.fixture
def free_batch_model(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model with a free batch size."""
    model = onnx.load(tiny_model)
    for port in (model.graph.input[0], model.graph.output[0]):
        port.type.tensor_type.shape.dim[0].dim_param = "batch"
    path = tmp_path / "free.onnx"
    onnx.save(model, path)
    return path
