"""Turns image files into the tensors that a preprocessing contract describes."""

import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset, Sample
from core.data.placement import Placement, placement_of
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

MOST_PIXELS = 80_000_000
"""Of one image; 320 MB when decoded."""
NAMED_FAULTS = 5
"""Files named in an error; the others are counted."""
AT_ONCE = 64
"""Images decoded ahead of writing; bounds the memory."""

Progress = Callable[[float, float, str], None]
"""done, total, text; raises core.errors.JobCancelled when the person stopped the job."""


def prepare(data: bytes, contract: PreprocessingContract) -> "np.ndarray":
    """One image file's bytes as float32 (C, H, W), or (H, W, C), without the batch.

    Follows Pillow and torchvision: resizing smooths, the orientation tag of cameras is not
    applied. Raises InputError.
    """
    return normalized(pixels(data, contract), contract)


def pixels(data: bytes, contract: PreprocessingContract) -> "np.ndarray":
    """The resized and cropped RGB or grey image, uint8 (H, W, 3) or (H, W, 1).

    Depends on the contract's geometry and on grey or colour, not on its numbers or the order of
    colours. Raises InputError.
    """
    import numpy as np

    image = _fitted(decoded(data, "L" if contract.colour == "grey" else "RGB"), contract)
    array = np.asarray(image, dtype=np.uint8)
    return array[:, :, np.newaxis] if array.ndim == 2 else array


def normalized(pixels: "np.ndarray", contract: PreprocessingContract) -> "np.ndarray":
    """(value × scale − mean) ÷ std in the contract's order of colours and layout, float32."""
    import numpy as np

    if contract.colour == "BGR":
        pixels = pixels[:, :, ::-1]
    values = pixels.astype(np.float32) * np.float32(contract.scale)
    values -= np.asarray(contract.mean, dtype=np.float32)
    values /= np.asarray(contract.std, dtype=np.float32)
    return np.ascontiguousarray(values.transpose(2, 0, 1) if contract.layout == "NCHW" else values)


def prepare_all(
    dataset: OpenDataset,
    samples: Sequence[Sample],
    contract: PreprocessingContract,
    target: Path,
    progress: Progress = lambda done, total, text: None,
) -> None:
    """Write the tensors of all samples, in order, to `target` as a .npy file, float32.

    Its shape is (samples, C, H, W) or (samples, H, W, C); memory stays small. Raises InputError
    that names every image that cannot be used.
    """
    import numpy as np

    shape = (len(samples), *tensor_shape(contract))
    array = np.lib.format.open_memmap(target, mode="w+", dtype=np.float32, shape=shape)
    _reserve(target)
    faults: list[InputError] = []

    def one(index: int) -> None:
        try:
            array[index] = prepare(dataset.read(samples[index]), contract)
        except InputError as error:
            why = f"“{samples[index].key}”: {error.why}"
            faults.append(InputError(error.what, why, error.remedy))

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for start in range(0, len(samples), AT_ONCE):
            progress(start, len(samples), "Preparing images")
            list(pool.map(one, range(start, min(start + AT_ONCE, len(samples)))))
    array.flush()
    if faults:
        raise _unusable(faults, len(samples))
    progress(len(samples), len(samples), "Preparing images")


def _reserve(file: Path) -> None:
    """Take the file's room on the disk now: a full disk would later kill the process (SIGBUS)."""
    if hasattr(os, "posix_fallocate"):
        with file.open("r+b") as handle:
            os.posix_fallocate(handle.fileno(), 0, file.stat().st_size)


def tensor_shape(contract: PreprocessingContract) -> tuple[int, int, int]:
    """Of one image, without the batch."""
    height, width, channels = contract.height, contract.width, contract.channels
    return (channels, height, width) if contract.layout == "NCHW" else (height, width, channels)


def decoded(data: bytes, mode: str) -> "Image.Image":
    """An image file in Pillow's mode “RGB” or “L”, 8 bits a channel. Raises InputError."""
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(data))
        if image.width * image.height > MOST_PIXELS:
            raise _undecodable(f"It has {image.width}×{image.height} pixels, which is too many.")
        if image.mode.startswith("I;16"):  # Pillow would clip 16 bits instead of scaling them
            image = image.point(lambda value: value / 256, "L")
        return image.convert(mode)
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise _undecodable(f"The decoder says: {error}.") from error


def _fitted(image: "Image.Image", contract: PreprocessingContract) -> "Image.Image":
    size = (contract.width, contract.height)
    if contract.resize == "none" and image.size != size:
        has, needs = (f"{width}×{height}" for width, height in (image.size, size))
        raise InputError(
            "An image does not have the size that the model needs.",
            f"It has {has} pixels, the contract asks for {needs} and not to resize.",
            "Choose another way to resize.",
        )
    bands = len(image.getbands())
    fill = contract.fill if bands == 1 else (contract.fill,) * bands
    return placed(image, placement_of(*image.size, contract), _resampling(contract), fill)


def placed(
    image: "Image.Image", place: Placement, how: "Image.Resampling", fill: int | tuple[int, ...]
) -> "Image.Image":
    """The image resized and put into its frame, what it leaves free filled."""
    from PIL import Image

    resized = image if image.size == place.resized else image.resize(place.resized, how)
    width, height = place.frame
    if place.left <= 0 and place.top <= 0 and _covers(place):
        box = (-place.left, -place.top, width - place.left, height - place.top)
        return resized if resized.size == place.frame else resized.crop(box)
    frame = Image.new(image.mode, place.frame, fill)
    frame.paste(resized, (place.left, place.top))
    return frame


def _covers(place: Placement) -> bool:
    ends = (place.left + place.resized[0], place.top + place.resized[1])
    return ends[0] >= place.frame[0] and ends[1] >= place.frame[1]


def _resampling(contract: PreprocessingContract) -> "Image.Resampling":
    from PIL.Image import Resampling

    name = "box" if contract.interpolation == "area" else contract.interpolation
    return Resampling[name.upper()]


def _undecodable(why: str) -> InputError:
    return InputError(
        "An image cannot be decoded.", why, "Remove it from the dataset, or save it anew as PNG."
    )


def _unusable(faults: Sequence[InputError], count: int) -> InputError:
    """All faults in one error; the remedy of the first, as faults of one dataset are alike."""
    named = " ".join(fault.why for fault in faults[:NAMED_FAULTS])
    more = len(faults) - NAMED_FAULTS
    return InputError(
        f"{len(faults)} of {count} images cannot be used.",
        f"{named} And {more} more." if more > 0 else named,
        faults[0].remedy,
    )
