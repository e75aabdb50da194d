"""Turns a data set into inputs on disk: some samples to calibrate with, the others to judge."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset, Sample
from core.data.inputs import InputSet
from core.data.judge import Judge
from core.data.preparing import Preparation
from core.data.splitting import Split, split
from core.data.tensors import Tensors
from core.data.truth import ClassTruth
from core.formats import metadata_of
from core.model.graph import ModelGraph
from core.runtimes.base import Runtime
from core.techniques.base import Feeds

if TYPE_CHECKING:
    import numpy as np

CALIBRATION_IMAGES = 100
"""As many as calibration takes at most; more change the ranges little."""

Progress = Callable[[float, float, str], None]


@dataclass(frozen=True)
class PreparedImages:
    """Inputs on disk, float32 images in the layout that the model asks for, or tensors."""

    contract: PreprocessingContract | None
    """None where the data set holds tensors."""
    origin: str
    """How the contract was found, for people."""
    preparation: str
    """One sentence for people: how samples become inputs."""
    warnings: tuple[str, ...]
    calibration: Path
    """What InputSet reads: a .npy file of images, or a folder of named tensors."""
    calibration_count: int
    evaluation: Path
    """Likewise."""
    labels: "np.ndarray | None"
    """int64, one per sample of `evaluation`; None without classes."""
    sentence: str
    """“400 of 500 images; 100 others calibrated the ranges”."""
    input_name: str
    """Of the only input; of the first, where there are several."""
    make_judge: Callable[[Tensors, str], Judge]
    """From the original's outputs and the name of the limiting metric, or an empty one."""

    @property
    def inputs(self) -> InputSet:
        """What the candidates are judged on, one sample after the other."""
        return InputSet(self.evaluation, self.input_name)

    def judge(self, reference: Tensors, limiting: str = "") -> Judge:
        """What scores outputs for `evaluation`, with the original's outputs. Raises InputError."""
        return self.make_judge(reference, limiting)

    def first_for_calibration(self, count: int) -> "PreparedImages":
        """The same with fewer images to calibrate with, still spread over the classes."""
        return replace(self, calibration_count=min(count, self.calibration_count))

    def calibration_feeds(self) -> Iterator[Feeds]:
        """A fresh pass over the calibration inputs, batch 1."""
        inputs = InputSet(self.calibration, self.input_name)
        for index in range(self.calibration_count):
            yield inputs.feeds(index)


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
    """Find the contract unless it is given, split the samples, and write them as inputs.

    Raises InputError when data and model do not fit together.
    """
    from core.data import open_dataset
    from core.data.preparing import find_preparation

    dataset = open_dataset(data)
    found = find_preparation(
        dataset, model, runtime, contract, progress=progress, metadata=metadata_of(model)
    )
    parts = split(dataset, CALIBRATION_IMAGES, found.most_judged)
    calibration = found.write(parts.calibration, folder / "calibration", progress)
    evaluation = found.write(parts.evaluation, folder / "evaluation", progress)
    return PreparedImages(
        contract=found.contract,
        origin=found.origin,
        preparation=found.sentence,
        warnings=(*found.warnings, *_fewer(len(dataset.samples), parts, found)),
        calibration=calibration.path,
        calibration_count=calibration.count,
        evaluation=evaluation.path,
        labels=_labels(dataset, parts.evaluation),
        sentence=parts.sentence,
        input_name=graph.inputs[0].name,
        make_judge=lambda reference, limiting: found.judge(parts.evaluation, reference, limiting),
    )


def _labels(dataset: OpenDataset, samples: Sequence[Sample]) -> "np.ndarray | None":
    if ClassTruth not in dataset.truths:
        return None
    classes = (truth for truth in dataset.truths_of(samples) if isinstance(truth, ClassTruth))
    return next((truth.labels for truth in classes), None)


def _fewer(count: int, parts: Split, found: Preparation) -> tuple[str, ...]:
    left = count - len(parts.calibration) - len(parts.evaluation)
    if left <= 0 or not parts.disjoint:
        return ()
    return (
        f"{left} samples take no part: what the model gives for one fills "
        f"{found.output_bytes / 1e6:.0f} MB of the disk.",
    )
