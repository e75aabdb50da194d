"""The common ways to preprocess images, read from resources and fitted to a model's input."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.data.contract import LETTERBOX_GREY, Interpolation, PreprocessingContract
from core.errors import InputError

CLASSIFICATION = "classification"

DEFAULT_SIZES = {3: 224, 1: 28}
"""Channels to the width and height that a model with free sizes is given."""

SMALL = 64
"""Inputs up to this length get the whole image: data for them comes at their size."""


class Preset(BaseModel):
    """One file of resources/preprocessing; fields as in PreprocessingContract where not said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    used_by: str
    """Which models want it, for people."""
    order: int
    """Simple ones first; of equally good presets the first is taken."""
    channels: Literal[1, 3]
    largest: int = 16384
    """Input width or height beyond which the preset makes no sense."""
    tasks: tuple[str, ...] = (CLASSIFICATION,)
    """What models do that it is tried for, in the words of Metric.task."""
    free: tuple[int, int] | None = None
    """Width and height for models that take any; None takes DEFAULT_SIZES."""
    resize: Literal["short-side", "stretch", "letterbox", "corner"] = "short-side"
    fill: int = LETTERBOX_GREY
    crop: float = 1.0
    """Share of the short side that the crop keeps: 224 of 256 is 0.875."""
    interpolation: Interpolation = "bilinear"
    colour: Literal["RGB", "BGR"] = "RGB"
    scale: float = 1 / 255
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    def contract(
        self, width: int, height: int, layout: Literal["NCHW", "NHWC"]
    ) -> PreprocessingContract:
        return PreprocessingContract(
            name=self.name,
            width=width,
            height=height,
            resize=self.resize,
            resize_to=self._short_side(min(width, height)),
            fill=self.fill,
            interpolation=self.interpolation,
            colour="grey" if self.channels == 1 else self.colour,
            layout=layout,
            scale=self.scale,
            mean=self.mean,
            std=self.std,
        )

    def _short_side(self, cropped: int) -> int | None:
        if self.crop == 1 or cropped <= SMALL:
            return None
        return round(cropped / self.crop)


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, the simple ones first."""
    folder = files("resources") / "preprocessing"
    found = [
        Preset.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda preset: (preset.order, preset.name)))


def contracts_for(
    input_shape: Sequence[int | str | None], task: str = CLASSIFICATION
) -> list[PreprocessingContract]:
    """The presets that fit a model's input, batch first, such as (1, 3, 224, 224).

    Free widths and heights take the preset's, or DEFAULT_SIZES. A task without presets of its own
    takes those of classification. Raises InputError when it is no image.
    """
    layout, channels, height, width = _image_axes(input_shape)
    usual = DEFAULT_SIZES[channels]
    known = [preset for preset in presets() if preset.channels == channels]
    fitting = [one for one in known if task in one.tasks] or [
        one for one in known if CLASSIFICATION in one.tasks
    ]
    found: list[PreprocessingContract] = []
    for preset in fitting:
        free = preset.free or (usual, usual)
        across = width if isinstance(width, int) else free[0]
        down = height if isinstance(height, int) else free[1]
        if max(across, down) <= preset.largest:
            found.append(preset.contract(across, down, layout))
    return found


def _image_axes(
    shape: Sequence[int | str | None],
) -> tuple[Literal["NCHW", "NHWC"], int, int | str | None, int | str | None]:
    if len(shape) == 4:
        _, second, third, fourth = shape
        if isinstance(second, int) and second in DEFAULT_SIZES:
            return "NCHW", second, third, fourth
        if isinstance(fourth, int) and fourth in DEFAULT_SIZES:
            return "NHWC", fourth, second, third
    told = "×".join("?" if size is None else str(size) for size in shape) or "a single number"
    raise InputError(
        "The model's input is not an image.",
        f"Its shape is {told}; an image has four sizes with 1 or 3 colour channels, such as "
        "1×3×224×224.",
        "Measure speed without images, or choose a model that takes images.",
    )
