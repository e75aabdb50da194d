"""The preprocessing contract: exactly how an image file becomes the tensor that a model expects."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos", "area"]

LETTERBOX_GREY = 114
"""The border that YOLO models are trained with."""


class PreprocessingContract(BaseModel):
    """Decode → colour → resize → crop → scale → (value − mean) / std → layout.

    Pixel values are 0 to 255 before `scale` is multiplied in. `mean` and `std` have one entry per
    channel, or one for all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "custom"
    width: int = Field(ge=1, le=16384)
    height: int = Field(ge=1, le=16384)
    resize: Literal["short-side", "stretch", "letterbox", "corner", "none"] = "short-side"
    """short-side keeps the aspect ratio and crops the centre; letterbox keeps it and fills both
    sides, corner fills the right or the bottom; none asks for exact sizes."""
    resize_to: int | None = Field(default=None, ge=1, le=16384)
    """Length of the short side before the crop; None means no margin."""
    interpolation: Interpolation = "bilinear"
    fill: int = Field(default=LETTERBOX_GREY, ge=0, le=255)
    """Pixel value of what letterbox and corner leave free."""
    colour: Literal["RGB", "BGR", "grey"] = "RGB"
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    scale: float = Field(default=1 / 255, gt=0)
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    @model_validator(mode="after")
    def _check(self) -> Self:
        channels = 1 if self.colour == "grey" else 3
        for field, values in (("mean", self.mean), ("std", self.std)):
            if len(values) not in (1, channels):
                raise ValueError(f"{field} needs 1 or {channels} numbers, not {len(values)}")
        if any(value == 0 for value in self.std):
            raise ValueError("std must not be 0")
        return self

    @property
    def channels(self) -> int:
        return 1 if self.colour == "grey" else 3

    def sentence(self) -> str:
        """For people: “224×224 RGB, short side 256 bicubic, centre crop, mean ½, std ½”."""
        size = f"{self.width}×{self.height} {self.colour}"
        how = {
            "short-side": f"short side {self.resize_to or min(self.width, self.height)} "
            f"{self.interpolation}, centre crop",
            "stretch": f"stretched {self.interpolation}",
            "letterbox": f"letterboxed {self.interpolation}",
            "corner": f"fitted into the top left {self.interpolation}, filled with {self.fill}",
            "none": "not resized",
        }[self.resize]
        scale = "0 to 255" if self.scale == 1 else f"× {self.scale:.4g}"
        mean = " ".join(f"{value:.3g}" for value in self.mean)
        std = " ".join(f"{value:.3g}" for value in self.std)
        return f"{size}, {how}, pixels {scale}, mean {mean}, std {std}, {self.layout}"
