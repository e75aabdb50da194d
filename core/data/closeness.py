"""How close a model's outputs are to the original's, whatever they mean."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.data.tensors import Tensors
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

LEAST_NOISE = 1e-12
"""Noise over signal below which float32 says nothing; 120 dB."""


def real_outputs(outputs: Tensors) -> tuple[str, ...]:
    """The outputs with real numbers; whole numbers, such as counts, have no direction."""
    kinds = {name: column[0].dtype.kind for name, column in outputs.columns.items()}
    return tuple(name for name, kind in kinds.items() if kind == "f")


def per_sample(
    outputs: Tensors,
    reference: Tensors,
    measure: "Callable[[np.ndarray, np.ndarray], float]",
) -> "np.ndarray":
    """`measure(output, reference)` of every sample and real output, float64 (samples, outputs).

    The measure gets flat float64 vectors of one length; a shorter one, as lists of detections may
    be, is filled with zeros. Raises InputError when the models have different outputs.
    """
    import numpy as np

    names = real_outputs(reference)
    partners = partner_names(outputs, reference)
    found = np.empty((reference.count, len(names)))
    for column, name in enumerate(names):
        ours, theirs = outputs.columns[partners[name]], reference.columns[name]
        for row in range(reference.count):
            found[row, column] = measure(*_alike(ours[row], theirs[row]))
    return found


def partner_names(outputs: Tensors, reference: Tensors) -> dict[str, str]:
    """For each output of the reference its name in `outputs`: the same one, else by order."""
    if set(reference.names) <= set(outputs.names):
        return {name: name for name in reference.names}
    if len(outputs.names) != len(reference.names):
        raise InputError(
            "The two models cannot be compared output by output.",
            f"One gives {', '.join(reference.names)}; the other {', '.join(outputs.names)}.",
            "Choose two models of the same task, or compare speed alone.",
        )
    return dict(zip(reference.names, outputs.names, strict=True))


def cosine_of(output: "np.ndarray", reference: "np.ndarray") -> float:
    """Cosine of the angle between two vectors; 0 where one is not finite, 1 where both are 0."""
    import numpy as np

    if not (np.isfinite(output).all() and np.isfinite(reference).all()):
        return 0.0
    lengths = float(np.linalg.norm(output)), float(np.linalg.norm(reference))
    if min(lengths) == 0:
        return float(lengths[0] == lengths[1])
    return float(np.clip(output @ reference / (lengths[0] * lengths[1]), -1, 1))


def noise_of(output: "np.ndarray", reference: "np.ndarray") -> float:
    """|output − reference|² / |reference|², at least LEAST_NOISE; 1 and more is all noise."""
    import numpy as np

    noise = float(np.sum(np.square(output - reference)))
    if not np.isfinite(noise):
        return 1e6
    return max(noise / max(float(np.sum(np.square(reference))), 1e-30), LEAST_NOISE)


def _alike(output: "np.ndarray", reference: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
    import numpy as np

    flat = [array.reshape(-1).astype(np.float64) for array in (output, reference)]
    length = max(len(vector) for vector in flat)
    first, second = (np.pad(vector, (0, length - len(vector))) for vector in flat)
    return first, second
