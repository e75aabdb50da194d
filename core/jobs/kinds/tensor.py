"""The job that looks at the numbers of one stored tensor."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel

from core.errors import InputError
from core.formats.base import Format
from core.jobs.kinds.base import JobContext, JobKind
from core.model.quantized_weights import RealRange
from core.model.tensor_facts import TensorFacts

if TYPE_CHECKING:
    from core.model.tensor_facts import TensorPictures

ARRAYS_FILE = "tensor.npz"
"""Fields of core.model.tensor_facts.TensorPictures by name."""


class TensorRequest(BaseModel):
    """Which tensor of which model to look at."""

    model: Path
    weight: str
    axis: int = 0
    """The axis of its output channels."""


class TensorReport(BaseModel):
    """What was found. `arrays` is a file in the run's folder."""

    facts: TensorFacts
    real: RealRange | None
    """For stored integers with a scale."""
    arrays: str


class LookAtTensor(JobKind[TensorRequest, TensorReport]):
    name: ClassVar[str] = "tensor"
    title: ClassVar[str] = "Reading the tensor"
    request_type: ClassVar[type[BaseModel]] = TensorRequest
    outcome_type: ClassVar[type[BaseModel]] = TensorReport

    def run(self, request: TensorRequest, context: JobContext) -> TensorReport:
        from core.formats import format_of
        from core.model.tensor_facts import facts_of

        context.step(self.title)
        found = format_of(request.model)
        array = found.read_weight(request.model, request.weight)
        if array.dtype.kind in "cOSU":
            raise InputError(
                f"“{request.weight}” cannot be shown.",
                "It holds text or complex numbers, for which there are no statistics.",
                "Choose a tensor of plain numbers.",
            )
        axis = min(request.axis, max(array.ndim - 1, 0))
        facts, pictures = facts_of(array, axis, context.progress)
        path = context.folder / ARRAYS_FILE
        _save(path, pictures)
        context.artifact("arrays", path)
        return TensorReport(
            facts=facts, real=_real(found, request, facts, pictures), arrays=path.name
        )


def _real(
    found: Format, request: TensorRequest, facts: TensorFacts, pictures: "TensorPictures"
) -> RealRange | None:
    """What stored integers mean, where the model says so."""
    from core.model.quantized_weights import real_range

    companions = found.scale_of_weight(request.model, request.weight)
    if companions is None or facts.minimum is None:
        return None
    scale = found.read_weight(request.model, companions.scale)
    zero = None
    if companions.zero_point:
        zero = found.read_weight(request.model, companions.zero_point)
    fits = len(pictures.low) and companions.axis == facts.axis
    low, high = (pictures.low, pictures.high) if fits else (facts.minimum, facts.maximum)
    return real_range(companions, scale, zero, low, high)


def _save(path: Path, pictures: "TensorPictures") -> None:
    import numpy as np

    np.savez(path, **vars(pictures))


def read_pictures(path: Path) -> "TensorPictures":
    """What the job left in its folder."""
    import numpy as np

    from core.model.tensor_facts import TensorPictures

    with np.load(path, allow_pickle=False) as arrays:
        return TensorPictures(**arrays)
