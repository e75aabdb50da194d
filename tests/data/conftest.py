"""Builders of images and datasets."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def encode_png(pixels: np.ndarray) -> bytes:
    """PNG bytes of a uint8 array, (H, W) or (H, W, 3)."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def png() -> Callable[[np.ndarray], bytes]:
    return encode_png


@pytest.fixture
def blank() -> bytes:
    """A grey 8×8 PNG."""
    return encode_png(np.full((8, 8, 3), 128, np.uint8))


@pytest.fixture(params=["folder", "zip"])
def dataset_at(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    """Lay files out as a folder, and as a zip file."""

    def lay_out(files: Mapping[str, bytes]) -> Path:
        if request.param == "zip":
            with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
                for name, data in files.items():
                    archive.writestr(name, data)
            return tmp_path / "images.zip"
        for name, data in files.items():
            path = tmp_path / "images" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (tmp_path / "images").mkdir(exist_ok=True)
        return tmp_path / "images"

    return lay_out
