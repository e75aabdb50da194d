"""Text agreement: the model reads the same text as the original."""

from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Hits, Tally
from core.data.tensors import Tensors
from core.data.text_reading import alphabet_of, is_text, texts_of


class TextAgreement(Metric):
    name = "text-agreement"
    label = "same text as the original"
    task = "text recognition"
    rank = 10

    def fits(self, standard: Standard) -> bool:
        return is_text(standard.first_answer()) and bool(alphabet_of(standard))

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        pairs = zip(
            texts_of(outputs, standard), texts_of(standard.reference, standard), strict=True
        )
        return Hits(np.asarray([found == original for found, original in pairs]))
