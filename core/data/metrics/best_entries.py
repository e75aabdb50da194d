"""Best entries: whether the highest of each row of scores stays where the original has it."""

from core.data.closeness import partner_names, real_outputs
from core.data.metrics.base import ANY_MODEL, Metric
from core.data.standard import Standard
from core.data.tally import Tally, mean_of
from core.data.tensors import Tensors


class BestEntries(Metric):
    """Over the last axis, as in the scores of tokens; of all real outputs with several rows."""

    name = "best-entries"
    label = "same highest entry as the original"
    task = ANY_MODEL
    rank = 70

    def fits(self, standard: Standard) -> bool:
        return bool(_names(standard.reference))

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        reference = standard.reference
        partners = partner_names(outputs, reference)
        shares = np.zeros(reference.count)
        names = _names(reference)
        for name in names:
            ours, theirs = outputs.columns[partners[name]], reference.columns[name]
            for row in range(reference.count):
                if ours[row].shape == theirs[row].shape:
                    same = ours[row].argmax(axis=-1) == theirs[row].argmax(axis=-1)
                    shares[row] += float(same.mean()) / len(names)
        return mean_of(shares)


def _names(reference: Tensors) -> tuple[str, ...]:
    first = reference.sample(0)
    return tuple(
        name
        for name in real_outputs(reference)
        if first[name].ndim >= 3 and first[name].shape[-1] > 1 and first[name].size
    )
