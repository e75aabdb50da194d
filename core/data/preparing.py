"""Turns a data set into inputs on disk, whether it holds images or tensors."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.data.choose import ContractTrial
from core.data.choose_by_metric import answers_to
from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset, Sample
from core.data.decode import Progress, prepare_all
from core.data.finding import NOTHING, find_contract
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
    table: tuple[ContractTrial, ...]
    """How each contract that was tried fared, the best first."""
    warnings: tuple[str, ...]
    output_bytes: int
    """Of all outputs for one sample."""
    metadata: Mapping[str, str]
    """What the model file says about itself."""

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

    def answers(self, samples: Sequence[Sample], session: Session) -> Tensors:
        """What a compiled model gives for a few samples, in memory. Raises InputError."""
        return answers_to(self.dataset, samples, self.contract, session)

    def judge(
        self,
        samples: Sequence[Sample],
        reference: Tensors,
        limiting: str = "",
    ) -> Judge:
        """What judges models on these samples, with the original's outputs for them."""
        standard = Standard(
            reference=reference,
            truths=self.dataset.truths_of(samples),
            contract=self.contract,
            classes=tuple(self.dataset.classes),
            metadata=self.metadata,
            alphabet=self.dataset.alphabet,
        )
        return judge_for(standard, limiting)


def find_preparation(
    dataset: OpenDataset,
    model: Path,
    runtime: Runtime,
    given: PreprocessingContract | None,
    *,
    progress: Progress = lambda done, total, text: None,
    metadata: Mapping[str, str] = NOTHING,
) -> Preparation:
    """Settle how the data set is given to the model. Raises InputError when they do not fit."""
    session = runtime.compile(model, RuntimeChoice(runtime=runtime.name))
    with closing(session):
        return preparation_for(dataset, session, given, progress=progress, metadata=metadata)


def preparation_for(
    dataset: OpenDataset,
    session: Session,
    given: PreprocessingContract | None,
    *,
    progress: Progress = lambda done, total, text: None,
    metadata: Mapping[str, str] = NOTHING,
) -> Preparation:
    """The same for a compiled model, which is run on some samples."""
    contract, origin, table, doubts = None, "", (), ()
    if dataset.holds == "tensors":
        dataset.check_tensors(session.inputs)
    else:
        choice, doubts = find_contract(dataset, session, given, progress, metadata)
        contract, origin, table = choice.contract, choice.sentence, choice.table
    answer = answers_to(dataset, dataset.samples[:1], contract, session).sample(0)
    return Preparation(
        dataset=dataset,
        ports=session.inputs,
        contract=contract,
        origin=origin,
        table=table,
        warnings=(*dataset.warnings, *doubts),
        output_bytes=sum(values.nbytes for values in answer.values()),
        metadata=metadata,
    )
