"""What a model's outputs are judged against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from core.data.contract import PreprocessingContract
from core.data.tensors import Tensors
from core.data.truth import Truth

if TYPE_CHECKING:
    import numpy as np

_TRUTH = TypeVar("_TRUTH", bound=Truth)


@dataclass(frozen=True, eq=False)
class Standard:
    """The original's outputs, the truth where it is known, and what is needed to read outputs."""

    reference: Tensors
    """What the original model answers; one row for each judged sample."""
    truths: tuple[Truth, ...] = ()
    """Of the same samples; at most one of a kind."""
    contract: PreprocessingContract | None = None
    """How images became tensors; None where samples are tensors themselves."""
    classes: tuple[str, ...] = ()
    """Names by label; empty where they are not known."""
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the model file says about itself, such as its characters."""
    alphabet: tuple[str, ...] = ()
    """The characters of a data set of texts, in the model's order; empty where not given."""

    def truth(self, kind: type[_TRUTH]) -> _TRUTH | None:
        """The truth of that kind, or None."""
        return next((truth for truth in self.truths if isinstance(truth, kind)), None)

    def needed(self, kind: type[_TRUTH]) -> _TRUTH:
        """The truth of that kind. Raises ValueError: a metric was asked that does not fit."""
        found = self.truth(kind)
        if found is None:
            raise ValueError(f"there are no {kind.kind} to judge by")
        return found

    @property
    def frame(self) -> tuple[int, int]:
        """Width and height of the image tensor; 1 and 1 where there is none."""
        return (1, 1) if self.contract is None else (self.contract.width, self.contract.height)

    def first_answer(self) -> "dict[str, np.ndarray]":
        """All outputs of the original for the first sample, with their batch of 1."""
        return self.reference.sample(0)
