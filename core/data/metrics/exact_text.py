"""Exact texts: the share of texts that are right to the last character."""

from core.data.metrics.base import Metric
from core.data.standard import Standard
from core.data.tally import Hits, Tally
from core.data.tensors import Tensors
from core.data.text_reading import alphabet_of, is_text, texts_of
from core.data.truth import TextTruth


class ExactText(Metric):
    name = "exact-texts"
    label = "texts entirely right"
    task = "text recognition"
    truth = TextTruth
    rank = 2

    def fits(self, standard: Standard) -> bool:
        return is_text(standard.first_answer()) and bool(alphabet_of(standard))

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        pairs = zip(texts_of(outputs, standard), standard.needed(TextTruth).texts, strict=True)
        return Hits(np.asarray([found == true for found, true in pairs]))
