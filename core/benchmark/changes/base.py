"""An image whose answer changed between two models, and what is drawn about it."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.data.judge import Judge
from core.data.standard import Standard
from core.data.tensors import Tensors
from core.data.truth import Truth

Effect = Literal["better", "worse", "other"]
"""Whether B is nearer to the truth than A, farther, or neither or not known."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ImageChange(_Part):
    """One image that the two models answer differently."""

    image: str
    """Its place in the dataset."""
    a: str
    """What A answers, for people: the class, the objects, the text …"""
    b: str
    truth: str | None
    """None without labels."""
    effect: Effect
    confidence_a: float | None = None
    """How sure A is of its answer, 0 to 1; None where the answer has no such figure."""
    confidence_b: float | None = None
    damage: float = 0.0
    """How much worse B answers; what is counted depends on the kind of answers, larger is worse,
    and below 0 B is better."""


class DrawnBox(_Part):
    """One object that a model found, or a true one."""

    corners: tuple[float, float, float, float]
    """x0 y0 x1 y1 in pixels of the picture."""
    label: str
    score: float | None
    alone: bool
    """Whether the other model has no such box."""


class DrawnAnswer(_Part):
    """One model's answer to one image, or the truth."""

    boxes: tuple[DrawnBox, ...] = ()
    rows: tuple[tuple[str, float], ...] = ()
    """Lines below the picture with a share of 1 each: classes and probabilities."""
    legend: tuple[tuple[int, str], ...] = ()
    """The numbers that the mask holds, with their names."""


class Drawing(_Part):
    """What is drawn on the picture of one image."""

    a: DrawnAnswer
    b: DrawnAnswer
    truth: DrawnAnswer | None = None


@dataclass(frozen=True)
class Difference:
    """What is said about one image; as the fields of ImageChange."""

    a: str
    b: str
    truth: str | None
    effect: Effect
    damage: float
    confidence_a: float | None = None
    confidence_b: float | None = None

    def of(self, image: str) -> ImageChange:
        return ImageChange(image=image, **vars(self))


@dataclass(frozen=True)
class Asked:
    """The answers of both models to the same samples."""

    judge: Judge
    """Its reference is A."""
    of_b: Tensors

    @property
    def standard(self) -> Standard:
        return self.judge.standard

    @property
    def of_a(self) -> Tensors:
        return self.judge.standard.reference

    def knows(self, truth: type[Truth]) -> bool:
        """Whether the answers are judged by this kind of truth."""
        return self.judge.limiting.truth is truth

    def class_name(self, index: int) -> str:
        names = self.standard.classes
        return names[index] if 0 <= index < len(names) else f"class {index}"


def effect_of(damage: float) -> Effect:
    """For a damage against the truth."""
    return "worse" if damage > 0 else "better" if damage < 0 else "other"
