"""What is done with a model's answer before a person can use it, recognized from its form."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from core.data.contract import PreprocessingContract

if TYPE_CHECKING:
    import numpy as np

    Answer = Mapping[str, np.ndarray]
    Reading = Callable[[Answer], object]

_BEST = 5


def reading_of(answer: "Answer", contract: PreprocessingContract) -> "tuple[str, Reading]":
    """What an answer holds, in words, and how it is read; no words for what is used as it is.

    `answer` are all outputs of one inference, batch 1, by name.
    """
    for words, reading in (
        ("boxes", _boxes(answer, contract)),
        ("map of classes", _map(answer)),
        ("class scores", _classes(answer)),
    ):
        if reading is not None:
            return words, reading
    return "", _as_it_is


def _as_it_is(answer: "Answer") -> object:
    return answer


def _boxes(answer: "Answer", contract: PreprocessingContract) -> "Reading | None":
    from core.data.detection.reading import BoxReader, box_layouts, boxes_of

    frame = (contract.width, contract.height)
    for layout in sorted(box_layouts(), key=lambda one: (one.rank, one.name)):
        if layout.fits(answer, frame):
            reader = BoxReader(layout, frame, shares=False)
            return lambda outputs: boxes_of(outputs, reader)
    return None


def _map(answer: "Answer") -> "Reading | None":
    from core.data.segmentation import is_map, map_of

    return map_of if is_map(answer) else None


def _classes(answer: "Answer") -> "Reading | None":
    from core.data.metrics.base import is_class_scores

    first = next(iter(answer.values()))
    return _best_classes if is_class_scores(first.shape) else None


def _best_classes(answer: "Answer") -> "list[tuple[int, float]]":
    """The best classes with their probabilities (softmax)."""
    import numpy as np

    scores = next(iter(answer.values())).reshape(-1).astype(np.float32)
    best = np.argsort(-scores)[:_BEST]
    shares = np.exp(scores - scores.max())
    return [(int(index), float(shares[index] / shares.sum())) for index in best]
