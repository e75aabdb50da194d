"""Settles how a dataset's images are prepared for a compiled model."""

from core.data.choose import ContractChoice, choose_contract
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
from core.runtimes.base import Session


def find_contract(
    dataset: OpenDataset,
    session: Session,
    given: PreprocessingContract | None,
    progress: Progress = lambda done, total, text: None,
) -> tuple[ContractChoice, tuple[str, ...]]:
    """The given contract, tried, or the best preset; and warnings about the choice.

    Raises InputError when the contract, the images and the model do not fit together.
    """
    port = image_input(session)
    infer = scores_with(session)
    if given is not None:
        check_fit(given, port)
        choice = choose_contract(dataset, [given], infer, progress=progress)
        return choice.model_copy(update={"sentence": _given(choice)}), _warnings(choice.warning)
    choice = choose_contract(dataset, fitting_contracts(port), infer, progress=progress)
    return choice, _warnings(choice.warning, assumption(port))


def _given(choice: ContractChoice) -> str:
    best = choice.table[0]
    if best.accuracy is None:
        return "given"
    return f"given: {100 * best.accuracy:.1f} % right of {best.images} images"


def _warnings(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)
