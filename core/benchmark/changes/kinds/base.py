"""What a kind of answers is: how two of them are told apart, and what is drawn about them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from core.benchmark.changes.base import Asked, Difference, Drawing

if TYPE_CHECKING:
    import numpy as np


class AnswerKind(ABC):
    """One kind of answers. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    rank: ClassVar[int] = 0
    """Of those that fit the lowest is taken."""

    @abstractmethod
    def fits(self, asked: Asked) -> bool: ...

    @abstractmethod
    def damage(self, asked: Asked) -> str:
        """What the damage of an image counts, for people: “lost probability of the true class”."""

    @abstractmethod
    def difference(self, asked: Asked, index: int) -> Difference | None:
        """How the answers to one sample differ; None where people read them alike."""

    @abstractmethod
    def drawing(self, asked: Asked, index: int) -> Drawing: ...

    def masks(self, asked: Asked, index: int) -> "Mapping[str, np.ndarray]":
        """Maps of classes, uint8 (height, width), by “a”, “b” and “truth”; most kinds have none."""
        del asked, index
        return {}
