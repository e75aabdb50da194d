"""Turns a dataset into arrays: some images to calibrate with, the others to judge."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.data.contract import PreprocessingContract
from core.data.inputs import InputSet
from core.errors import InputError
from core.model.graph import ModelGraph
from core.plan.plan import RuntimeChoice
from core.runtimes.base import Runtime
from core.techniques.base import Feeds

if TYPE_CHECKING:
    import numpy as np

CALIBRATION_IMAGES = 100
"""As many as calibration takes at most; more change the ranges little."""

Progress = Callable[[float, float, str], None]


@dataclass(frozen=True)
class PreparedImages:
    """Images as tensors on disk, float32, one row each, in the layout that the model asks for."""

    contract: PreprocessingContract
    origin: str
    """How the contract was found, for people."""
    warnings: tuple[str, ...]
    calibration: Path
    calibration_count: int
    evaluation: Path
    labels: "np.ndarray | None"
    """int64, one per row of `evaluation`; None without labels."""
    sentence: str
    """“400 of 500 images; 100 others calibrated the ranges”."""
    input_name: str

    @property
    def inputs(self) -> InputSet:
        """What the candidates are judged on, one sample after the other."""
        return InputSet(self.evaluation, self.input_name)

    def first_for_calibration(self, count: int) -> "PreparedImages":
        """The same with fewer images to calibrate with, still spread over the classes."""
        return replace(self, calibration_count=min(count, self.calibration_count))

    def calibration_feeds(self) -> Iterator[Feeds]:
        """A fresh pass over the calibration inputs, batch 1."""
        import numpy as np

        rows = cast("np.ndarray", np.load(self.calibration, mmap_mode="r"))
        for index in range(self.calibration_count):
            yield {self.input_name: np.ascontiguousarray(rows[index : index + 1])}


def prepare_images(
    model: Path,
    graph: ModelGraph,
    runtime: Runtime,
    data: Path,
    *,
    contract: PreprocessingContract | None,
    folder: Path,
    progress: Progress,
) -> PreparedImages:
    """Find the contract unless it is given, split the images, and write them as arrays.

    Raises InputError when data and model do not fit together.
    """
    import numpy as np

    from core.data import open_dataset
    from core.data.decode import prepare_all
    from core.data.finding import find_contract
    from core.data.splitting import split

    only_input = _only_input(graph)
    dataset = open_dataset(data)
    session = runtime.compile(model, RuntimeChoice(runtime=runtime.name, precision="auto"))
    with contextlib.closing(session):
        choice, doubts = find_contract(dataset, session, contract, progress)
    parts = split(dataset, CALIBRATION_IMAGES)
    calibration, evaluation = folder / "calibration.npy", folder / "evaluation.npy"
    prepare_all(dataset, parts.calibration, choice.contract, calibration, progress)
    prepare_all(dataset, parts.evaluation, choice.contract, evaluation, progress)
    labels = [sample.label for sample in parts.evaluation]
    known = [label for label in labels if label is not None]
    return PreparedImages(
        contract=choice.contract,
        origin=choice.sentence,
        warnings=(*dataset.warnings, *doubts),
        calibration=calibration,
        calibration_count=len(parts.calibration),
        evaluation=evaluation,
        labels=np.asarray(known, dtype=np.int64) if len(known) == len(labels) else None,
        sentence=parts.sentence,
        input_name=only_input,
    )


def _only_input(graph: ModelGraph) -> str:
    if len(graph.inputs) == 1:
        return graph.inputs[0].name
    raise InputError(
        f"“{graph.name}” cannot be checked on images.",
        f"It has {len(graph.inputs)} inputs; a folder of images fills one.",
        "Leave the images out to measure its speed.",
    )
