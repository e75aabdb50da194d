"""The sample that ships with the product: where it lies, and what to ask of it."""

from importlib import resources
from pathlib import Path

from core.search.report import Goal

_FOLDER = Path(str(resources.files("resources"))) / "samples" / "fashion-mnist"
SAMPLE_MODEL = _FOLDER / "model.onnx"
SAMPLE_IMAGES = _FOLDER / "images.zip"
SAMPLE_CONTRACT = _FOLDER / "contract.json"
SAMPLE_GOAL = Goal(aim="size")
"""A network of a quarter of a millisecond can hardly get faster, but on every computer smaller."""
