"""Finds the preprocessing contract of detectors and other models by the metric of their task."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.data.choose import ContractChoice, ContractTrial
from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset, Sample
from core.data.decode import Progress, prepare
from core.data.judge import judge_for
from core.data.metrics.base import Metric
from core.data.splitting import spread
from core.data.standard import Standard
from core.data.tensors import Tensors, column_of
from core.runtimes.base import Session

if TYPE_CHECKING:
    pass

IMAGES = 16
"""On which every contract is tried."""


def task_of(
    dataset: OpenDataset,
    session: Session,
    contract: PreprocessingContract,
    metadata: Mapping[str, str],
) -> str:
    """What the model does, from what it gives for one image and from what is known of it."""
    return judge_for(_standard(dataset, dataset.samples[:1], contract, session, metadata)).task


def choose_by_metric(
    dataset: OpenDataset,
    contracts: Sequence[PreprocessingContract],
    session: Session,
    *,
    metadata: Mapping[str, str],
    images: int = IMAGES,
    progress: Progress = lambda done, total, text: None,
) -> ContractChoice:
    """Try the contracts on some images; the one that the limiting metric likes best wins.

    Of equally good ones the first given wins, so give the common ones first. Without truth there
    is nothing to tell them apart, and the first is taken, with a warning. Raises InputError.
    """
    samples = spread(dataset.samples)[:images]
    trials: list[tuple[float, ContractTrial]] = []
    for index, contract in enumerate(contracts):
        progress(index, len(contracts), "Trying ways to prepare images")
        judge = judge_for(_standard(dataset, samples, contract, session, metadata))
        metric = judge.limiting
        if metric.truth is None:
            return _assumed(contracts[0], len(samples))
        value = metric.tally(judge.standard.reference, judge.standard).value
        merit = value if metric.higher_is_better else -value
        trials.append((merit, _trial(contract, metric, value, len(samples))))
    best = max(merit for merit, _ in trials)
    table = tuple(trial for _, trial in sorted(trials, key=lambda pair: -pair[0]))
    first = table[0]
    tried = f"best of {len(table)} presets" if len(table) > 1 else "the only preset that fits"
    equals = sum(merit == best for merit, _ in trials)
    alike = f"; {equals} do equally well, this is the most common" if equals > 1 else ""
    return ContractChoice(
        contract=first.contract,
        table=table,
        sentence=f"{tried} by {first.label} on {first.images} images{alike}",
        warning="" if best > 0 else _nothing_right(first.label),
    )


def _trial(
    contract: PreprocessingContract, metric: Metric, value: float, images: int
) -> ContractTrial:
    return ContractTrial(
        contract=contract,
        accuracy=value if metric.unit == "share" else None,
        evidence=round(value, 9),
        images=images,
        label=metric.label,
    )


def _assumed(contract: PreprocessingContract, images: int) -> ContractChoice:
    trial = ContractTrial(contract=contract, accuracy=None, evidence=0.0, images=images)
    return ContractChoice(
        contract=contract,
        table=(trial,),
        sentence="the usual one for such models, not checked",
        warning="There are no labels to check the preprocessing against. Compare it with the "
        "model's documentation, or give a preprocessing file.",
    )


def _nothing_right(label: str) -> str:
    return (
        f"With no preset does the model get anything right ({label} 0). Check that the labels "
        "number the classes as the model does, or give a preprocessing file."
    )


def _standard(
    dataset: OpenDataset,
    samples: Sequence[Sample],
    contract: PreprocessingContract,
    session: Session,
    metadata: Mapping[str, str],
) -> Standard:
    return Standard(
        reference=answers_to(dataset, samples, contract, session),
        truths=dataset.truths_of(samples),
        contract=contract,
        classes=tuple(dataset.classes),
        metadata=metadata,
        alphabet=dataset.alphabet,
    )


def answers_to(
    dataset: OpenDataset,
    samples: Sequence[Sample],
    contract: PreprocessingContract | None,
    session: Session,
) -> Tensors:
    """What the model gives for a few samples, in memory. Raises InputError."""
    import numpy as np

    found: list[dict[str, np.ndarray]] = []
    for sample in samples:
        if contract is None:
            feeds = dataset.feeds(sample, session.inputs)
        else:
            tensor = prepare(dataset.read(sample), contract)[np.newaxis]
            feeds = {session.inputs[0].name: tensor}
        fitted = {port.name: feeds[port.name].astype(port.dtype) for port in session.inputs}
        found.append(session.infer(fitted))
    return Tensors({name: column_of([one[name] for one in found]) for name in found[0]})
