"""Character accuracy: one minus the edits that the texts need, over the true characters."""

from typing import TYPE_CHECKING

from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Sums, Tally
from core.data.tensors import Tensors
from core.data.text_reading import alphabet_of, edit_distance, is_text, texts_of
from core.data.truth import TextTruth

if TYPE_CHECKING:
    import numpy as np


class CharacterAccuracy(Metric):
    """Edits of all texts together; never below 0."""

    name = "characters"
    label = "character accuracy"
    task = "text recognition"
    truth = TextTruth
    rank = 1

    def fits(self, standard: Standard) -> bool:
        return is_text(standard.first_answer()) and bool(alphabet_of(standard))

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        pairs = zip(texts_of(outputs, standard), standard.needed(TextTruth).texts, strict=True)
        parts = [(edit_distance(found, true), len(true)) for found, true in pairs]
        return Sums(np.asarray(parts, dtype=np.float64), _accuracy)


def _accuracy(totals: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return np.maximum(1 - totals[:, 0] / np.maximum(totals[:, 1], 1), 0)
