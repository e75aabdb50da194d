"""Settles how a dataset's images are prepared for a compiled model."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from core.data.choose import ContractChoice, choose_contract
from core.data.choose_by_metric import choose_by_metric, task_of
from core.data.classifier import (
    assumption,
    check_fit,
    fitting_contracts,
    image_input,
    scores_with,
)
from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset
from core.data.decode import Progress
from core.data.presets import CLASSIFICATION
from core.errors import InputError
from core.runtimes.base import Port, Session

NOTHING: Mapping[str, str] = MappingProxyType({})


def find_contract(
    dataset: OpenDataset,
    session: Session,
    given: PreprocessingContract | None,
    progress: Progress = lambda done, total, text: None,
    metadata: Mapping[str, str] = NOTHING,
) -> tuple[ContractChoice, tuple[str, ...]]:
    """The given contract, tried, or the best preset; and warnings about the choice.

    `metadata` is what the model file says about itself.

    Raises InputError when the contract, the images and the model do not fit together.
    """
    if dataset.holds != "images":
        raise InputError(
            f"“{dataset.name}” holds tensors, no images.",
            "The model takes them as they are, so there is nothing to prepare.",
            "Choose images here.",
        )
    port = image_input(session)
    if given is not None:
        check_fit(given, port)
    else:
        port = _sized(port, metadata)
    task = task_of(dataset, session, given or fitting_contracts(port)[0], metadata)
    contracts = [given] if given is not None else fitting_contracts(port, task)
    if task == CLASSIFICATION:
        choice = choose_contract(dataset, contracts, scores_with(session), progress=progress)
    else:
        choice = choose_by_metric(dataset, contracts, session, metadata=metadata, progress=progress)
    if given is not None:
        return choice.model_copy(update={"sentence": _given(choice)}), _warnings(choice.warning)
    return choice, _warnings(choice.warning, assumption(port, choice.contract))


def _sized(port: Port, metadata: Mapping[str, str]) -> Port:
    """With the size that Ultralytics' exporter notes for models that take any."""
    noted = re.fullmatch(r"\[(\d{1,5}), *(\d{1,5})\]", metadata.get("imgsz", ""))
    if noted is None or len(port.shape) != 4 or port.shape[2:] != (None, None):
        return port
    return replace(port, shape=(*port.shape[:2], int(noted[1]), int(noted[2])))


def _given(choice: ContractChoice) -> str:
    best = choice.table[0]
    if best.accuracy is None:
        return "given"
    if best.label:
        return f"given: {best.label} {100 * best.accuracy:.1f} % on {best.images} images"
    return f"given: {100 * best.accuracy:.1f} % right of {best.images} images"


def _warnings(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)
