"""Turns a data set into inputs on disk, whether it holds images or tensors."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset, Sample
from core.data.decode import Progress, prepare_all
from core.data.finding import find_contract
from core.data.inputs import InputSet
from core.data.judge import Judge, judge_for
from core.data.standard import Standard
from core.data.tensors import Tensors, TensorWriter
from core.plan.plan import RuntimeChoice
from core.runtimes.base import Port, Runtime, Session

LARGEST_OUTPUTS = 1 << 30
"""Bytes of outputs that are kept of one model; fewer samples are judged where it would be more."""
FEWEST_JUDGED = 16


@dataclass(frozen=True)
class Preparation:
    """How a data set is given to a model, and what the model gives."""

    dataset: OpenDataset
    ports: tuple[Port, ...]
    contract: PreprocessingContract | None
    """None where the data set holds tensors."""
    origin: str
    """How the contract was found, for people."""
    warnings: tuple[str, ...]
    output_bytes: int
    """Of all outputs for one sample."""

    @property
    def sentence(self) -> str:
        """“Images are prepared as 224×224 RGB … (given).”"""
        if self.contract is None:
            return f"The inputs are given to the model as they are: {self.dataset.sentence}."
        return f"Images are prepared as {self.contract.sentence()} ({self.origin})."

    @property
    def most_judged(self) -> int:
        """How many samples can be judged without outputs taking too much of the disk."""
        return max(FEWEST_JUDGED, LARGEST_OUTPUTS // max(self.output_bytes, 1))

    def write(self, samples: Sequence[Sample], target: Path, progress: Progress) -> InputSet:
        """Write the samples' inputs to the file `target`.npy, or to a folder. Raises InputError."""
        if self.contract is not None:
            file = target.with_name(f"{target.name}.npy")
            prepare_all(self.dataset, samples, self.contract, file, progress)
            return InputSet(file, self.ports[0].name)
        with TensorWriter(target) as writer:
            for index, sample in enumerate(samples):
                progress(index, len(samples), "Reading inputs")
                writer.append(self.dataset.feeds(sample, self.ports))
        return InputSet(target)

    def judge(
        self,
        samples: Sequence[Sample],
        reference: Tensors,
        metadata: dict[str, str],
        limiting: str = "",
    ) -> Judge:
        """What judges models on these samples, with the original's outputs for them."""
        standard = Standard(
            reference=reference,
            truths=self.dataset.truths_of(samples),
            contract=self.contract,
            classes=tuple(self.dataset.classes),
            metadata=metadata,
            alphabet=self.dataset.alphabet,
        )
        return judge_for(standard, limiting)


def find_preparation(
    dataset: OpenDataset,
    model: Path,
    runtime: Runtime,
    given: PreprocessingContract | None,
    progress: Progress = lambda done, total, text: None,
) -> Preparation:
    """Settle how the data set is given to the model. Raises InputError when they do not fit."""
    session = runtime.compile(model, RuntimeChoice(runtime=runtime.name))
    with closing(session):
        return preparation_for(dataset, session, given, progress)


def preparation_for(
    dataset: OpenDataset,
    session: Session,
    given: PreprocessingContract | None,
    progress: Progress = lambda done, total, text: None,
) -> Preparation:
    """The same for a compiled model, which is run on some samples."""
    contract, origin, doubts = None, "", ()
    if dataset.holds == "tensors":
        dataset.check_tensors(session.inputs)
    else:
        choice, doubts = find_contract(dataset, session, given, progress)
        contract, origin = choice.contract, choice.sentence
    return Preparation(
        dataset=dataset,
        ports=session.inputs,
        contract=contract,
        origin=origin,
        warnings=(*dataset.warnings, *doubts),
        output_bytes=_output_bytes(dataset, session, contract),
    )


def _output_bytes(
    dataset: OpenDataset, session: Session, contract: PreprocessingContract | None
) -> int:
    import numpy as np

    from core.data.decode import prepare

    if contract is None:
        feeds = dataset.feeds(dataset.samples[0], session.inputs)
    else:
        only = session.inputs[0].name
        feeds = {only: prepare(dataset.read(dataset.samples[0]), contract)[np.newaxis]}
    fitted = {port.name: feeds[port.name].astype(port.dtype) for port in session.inputs}
    return sum(values.nbytes for values in session.infer(fitted).values())
