"""A compiled model seen as an image classifier: one image in, one row of class scores out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.data.contract import PreprocessingContract
from core.data.decode import tensor_shape
from core.data.metrics.base import class_scores
from core.data.presets import CLASSIFICATION, contracts_for
from core.errors import InputError
from core.runtimes.base import Port, Session

if TYPE_CHECKING:
    import numpy as np


def image_input(session: Session) -> Port:
    """The model's only input. Raises InputError when it has several."""
    if len(session.inputs) == 1:
        return session.inputs[0]
    names = ", ".join(port.name for port in session.inputs) or "none"
    raise InputError(
        "The model cannot be fed with images alone.",
        f"It has {len(session.inputs)} inputs: {names}.",
        "Measure speed without images, or choose a model with one image input.",
    )


def scores_with(session: Session) -> Callable[["np.ndarray"], "np.ndarray"]:
    """A function from one prepared image with its batch of 1 to the scores, (1, classes)."""
    port = image_input(session)

    def infer(tensor: "np.ndarray") -> "np.ndarray":
        outputs = session.infer({port.name: tensor.astype(port.dtype, copy=False)})
        return class_scores(outputs[session.outputs[0].name])

    return infer


def fitting_contracts(port: Port, task: str = CLASSIFICATION) -> list[PreprocessingContract]:
    """The presets for an input; whole numbers can only hold pixels as they are.

    Raises InputError when it is no image.
    """
    contracts = contracts_for(port.shape, task)
    if "int" not in port.dtype:
        return contracts
    return [
        contract
        for contract in contracts
        if contract.scale == 1 and not any(contract.mean) and set(contract.std) == {1.0}
    ]


def check_fit(contract: PreprocessingContract, port: Port) -> None:
    """Raises InputError when the contract's tensors do not fit the model's input."""
    given = (1, *tensor_shape(contract))
    fits = len(given) == len(port.shape) and all(
        needed in (None, size) for size, needed in zip(given[1:], port.shape[1:], strict=True)
    )
    if not fits:
        raise InputError(
            "The preprocessing does not fit the model.",
            f"It gives {_words(given)}, and the model's input “{port.name}” takes "
            f"{_words(port.shape)}.",
            "Change the width, height, colour or layout of the preprocessing.",
        )


def assumption(port: Port, contract: PreprocessingContract) -> str:
    """What had to be assumed about a free width or height; empty when nothing was."""
    if len(port.shape) != 4 or None not in port.shape[1:]:
        return ""
    return (
        f"The model takes images of any size; {contract.width}×{contract.height} was assumed. "
        "Give a preprocessing file for another size."
    )


def _words(shape: tuple[int | None, ...]) -> str:
    return "×".join("any" if size is None else str(size) for size in shape)
