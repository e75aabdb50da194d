"""Same values: the share of whole numbers in the outputs that are the original's."""

from core.data.closeness import partner_names
from core.data.metrics.base import ANY_MODEL, Metric
from core.data.standard import Standard
from core.data.tally import Tally, mean_of
from core.data.tensors import Tensors


class SameValues(Metric):
    """For outputs that are numbers of classes, tokens or places."""

    name = "same-values"
    label = "same numbers as the original"
    task = ANY_MODEL
    rank = 80

    def fits(self, standard: Standard) -> bool:
        return bool(_names(standard.reference))

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        reference = standard.reference
        names, partners = _names(reference), partner_names(outputs, reference)
        shares = np.zeros(reference.count)
        for name in names:
            ours, theirs = outputs.columns[partners[name]], reference.columns[name]
            for row in range(reference.count):
                if ours[row].shape == theirs[row].shape:
                    same = float((ours[row] == theirs[row]).mean()) if theirs[row].size else 1.0
                    shares[row] += same / len(names)
        return mean_of(shares)


def _names(reference: Tensors) -> tuple[str, ...]:
    return tuple(
        name for name, column in reference.columns.items() if column[0].dtype.kind in "biu"
    )
