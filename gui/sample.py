"""Where the sample lies that ships with the product."""

from importlib import resources
from pathlib import Path

_FOLDER = Path(str(resources.files("resources"))) / "samples" / "fashion-mnist"
SAMPLE_MODEL = _FOLDER / "model.onnx"
SAMPLE_IMAGES = _FOLDER / "images.zip"
