"""Small pictures of a dataset, for people to see what was taken in."""

import io
from pathlib import Path

from core.data.datasets.base import OpenDataset
from core.data.decode import decoded
from core.data.splitting import spread
from core.errors import InputError

COUNT = 12
SIDE = 128
"""Pixels of the longer side."""
TRIED = 50
"""Images tried before giving up on finding COUNT good ones."""


def write_thumbnails(dataset: OpenDataset, folder: Path) -> tuple[str, ...]:
    """Write up to COUNT small PNGs, of different classes where possible; returns their names."""
    from PIL.Image import Resampling

    names: list[str] = []
    if dataset.holds != "images":
        return ()
    for sample in spread(dataset.samples)[:TRIED]:
        if len(names) == COUNT:
            break
        try:
            image = decoded(dataset.read(sample), "RGB")
        except InputError:  # reported where it matters: when the images are prepared
            continue
        factor = SIDE / max(image.size)
        # Tiny images are enlarged in whole pixels, as they are, instead of being blurred.
        how = Resampling.LANCZOS if factor < 1 else Resampling.NEAREST
        size = tuple(max(1, round(length * factor)) for length in image.size)
        png = io.BytesIO()
        image.resize((size[0], size[1]), how).save(png, "PNG")
        name = f"thumbnail-{len(names):02d}.png"
        (folder / name).write_bytes(png.getvalue())
        names.append(name)
    return tuple(names)
