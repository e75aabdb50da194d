"""Signal to noise: the power of the original's outputs over that of the difference, in dB."""

from typing import TYPE_CHECKING, ClassVar

from core.data.closeness import noise_of, per_sample, real_outputs
from core.data.metrics.base import ANY_MODEL, Metric, Unit
from core.data.standard import Standard
from core.data.tally import Sums, Tally
from core.data.tensors import Tensors

if TYPE_CHECKING:
    import numpy as np


class SignalToNoise(Metric):
    """Noise over signal is averaged over outputs and samples, then told in decibels.

    At 120 dB and above nothing differs but rounding.
    """

    name = "sqnr"
    label = "signal to noise against the original"
    task = ANY_MODEL
    rank = 60
    unit: ClassVar[Unit] = "dB"

    def fits(self, standard: Standard) -> bool:
        return bool(real_outputs(standard.reference))

    def tally(self, outputs: Tensors, standard: Standard) -> Tally:
        import numpy as np

        noise = per_sample(outputs, standard.reference, noise_of).mean(axis=1)
        return Sums(np.stack([noise, np.ones_like(noise)], axis=1), _decibels)


def _decibels(totals: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return -10 * np.log10(totals[:, 0] / totals[:, 1])
