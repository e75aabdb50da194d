"""Finds the preprocessing contract that a model was trained with, by trying the common ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset, Sample
from core.data.decode import Progress, normalized, pixels
from core.data.metrics.base import class_scores
from core.data.splitting import spread
from core.data.tally import Z95
from core.errors import InputError

if TYPE_CHECKING:
    import numpy as np

FIRST_ROUND = 32
"""Images on which every contract is tried; the finalists go on to all."""
FINALISTS = 4
TEMPERATURES = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""Divisors of the scores (Guo et al. 2017) of which each contract gets its best."""


class ContractTrial(BaseModel):
    """How one contract fared."""

    model_config = ConfigDict(frozen=True)

    contract: PreprocessingContract
    accuracy: float | None
    """Top-1 share on the labelled images; None without labels."""
    evidence: float
    """With labels the mean log-likelihood of the true class at the best temperature; without,
    how much the answers tell, in nats."""
    images: int
    """Contracts that fell out early were tried on fewer."""
    label: str = ""
    """What `accuracy` is, for people; empty means the share of right classes."""


class ContractChoice(BaseModel):
    """The best contract, the whole table, and the sentence that must be shown with it."""

    model_config = ConfigDict(frozen=True)

    contract: PreprocessingContract
    table: tuple[ContractTrial, ...]
    """Best first."""
    sentence: str
    """“best of 11 presets by accuracy: 88.0 % of 128 images”."""
    warning: str = ""
    """Why the choice may be wrong; empty when it looks sound."""


@dataclass
class Entrant:
    """A contract that is being tried."""

    contract: PreprocessingContract
    probabilities: list["np.ndarray"] = field(default_factory=list["np.ndarray"])


@dataclass(frozen=True)
class Standing:
    """A trial with its evidence per image, whose mean is the trial's."""

    trial: ContractTrial
    evidence: "np.ndarray"


def choose_contract(
    dataset: OpenDataset,
    contracts: Sequence[PreprocessingContract],
    infer: Callable[["np.ndarray"], "np.ndarray"],
    *,
    images: int = 128,
    progress: Progress = lambda done, total, text: None,
) -> ContractChoice:
    """Try the contracts on up to `images` images, dropping the clearly worse ones early.

    `infer` takes one image's tensor with a batch of 1, float32, and gives the class scores,
    (1, classes). With labels the most accurate contract wins, then the one that gives the true
    classes the higher likelihood, however sure the model is of itself in general. Without labels
    it is the one whose answers tell most about the image: each sure, all together varied (mutual
    information, Bridle et al. 1991); sureness alone would favour unscaled pixels, which saturate
    a model. Of those that the images cannot tell apart the first given wins, so give the common
    ones first. Raises InputError.
    """
    samples = spread(dataset.samples)[:images]
    entrants = [Entrant(contract) for contract in contracts]
    out: list[Standing] = []
    for start, stop in ((0, FIRST_ROUND), (FIRST_ROUND, len(samples))):
        for index in range(start, min(stop, len(samples))):
            progress(index, len(samples), f"Trying {len(entrants)} ways to prepare images")
            try_image(dataset, samples[index], entrants, infer)
        standings = [standing_of(entrant, samples) for entrant in entrants]
        kept = _survivors(standings)
        out += [standing for i, standing in enumerate(standings) if i not in kept]
        entrants = [entrants[i] for i in kept]
    finalists = [standings[i] for i in kept]
    equals = [standing for standing in finalists if not clearly_behind(standing, finalists)]
    rest = sorted((s.trial for s in (*finalists, *out) if s is not equals[0]), key=rank_of)
    table = (equals[0].trial, *rest)
    return _choice(table, len(equals), classes=len(entrants[0].probabilities[0]))


def try_image(
    dataset: OpenDataset,
    sample: Sample,
    entrants: Sequence[Entrant],
    infer: Callable[["np.ndarray"], "np.ndarray"],
) -> None:
    """Give one image to the model in every entrant's way. Raises InputError."""
    import numpy as np

    data = dataset.read(sample)
    fitted: dict[PreprocessingContract, np.ndarray] = {}
    for entrant in entrants:
        geometry = geometry_of(entrant.contract)
        if geometry not in fitted:
            fitted[geometry] = pixels(data, entrant.contract)
        tensor = normalized(fitted[geometry], entrant.contract)[np.newaxis]
        scores = class_scores(infer(tensor))[0]
        if sample.label is not None and sample.label >= len(scores):
            raise InputError(
                "The images do not fit the model.",
                f"They have a class with the number {sample.label}, and the model gives "
                f"{len(scores)} scores, numbered from 0.",
                "Name each class folder with the number of its score first, such as “7_Sneaker”.",
            )
        entrant.probabilities.append(probabilities_of(scores))


def geometry_of(contract: PreprocessingContract) -> PreprocessingContract:
    """The contract as far as pixels() depends on it."""
    colour = "grey" if contract.colour == "grey" else "RGB"
    plain = {"name": "", "layout": "NCHW", "scale": 1.0, "mean": (0.0,), "std": (1.0,)}
    return contract.model_copy(update={**plain, "colour": colour})


def probabilities_of(scores: "np.ndarray") -> "np.ndarray":
    """Softmax, unless the scores are probabilities already; all equal where they are not finite."""
    import numpy as np

    values = scores.astype(np.float64)
    if not np.isfinite(values).all():
        return np.full(len(values), 1 / len(values))
    if values.min() >= 0 and abs(values.sum() - 1) < 1e-3:
        return values / values.sum()
    values = np.exp(values - values.max())
    return values / values.sum()


def standing_of(entrant: Entrant, samples: Sequence[Sample]) -> Standing:
    """How an entrant fared on the first of `samples`, as many as it was tried on."""
    import numpy as np

    given = np.stack(entrant.probabilities)
    labels = [sample.label for sample in samples[: len(given)]]
    known = [label for label in labels if label is not None]
    accuracy = None
    if len(known) == len(labels):
        accuracy = float((given.argmax(axis=1) == known).mean())
        candidates = (_likelihoods(given, known, divisor) for divisor in TEMPERATURES)
        evidence = max(candidates, key=lambda values: float(values.mean()))
    else:
        evidence = _information(given)
    trial = ContractTrial(
        contract=entrant.contract,
        accuracy=accuracy,
        evidence=round(float(evidence.mean()), 9),
        images=len(labels),
    )
    return Standing(trial, evidence)


def _likelihoods(given: "np.ndarray", labels: Sequence[int], temperature: float) -> "np.ndarray":
    """Log-likelihood of each image's true class when all scores are divided by the temperature."""
    import numpy as np

    scaled = np.log(np.maximum(given, 1e-12)) / temperature
    own = scaled[np.arange(len(labels)), labels]
    return own - np.log(np.exp(scaled).sum(axis=1))


def _information(given: "np.ndarray") -> "np.ndarray":
    """What each answer tells beyond the average answer, in nats; the mean is mutual information."""
    import numpy as np

    floor = np.maximum(given, 1e-12)
    return (given * np.log(floor / floor.mean(axis=0))).sum(axis=1)


def rank_of(trial: ContractTrial) -> tuple[float, float, float]:
    """Sorts the best first; those tried on more images before those that fell out."""
    return (-trial.images, -(trial.accuracy or 0.0), -trial.evidence)


def _survivors(standings: Sequence[Standing]) -> list[int]:
    """The best, at most FINALISTS, in the given order.

    Of contracts that come to the same on these images only the first goes on.
    """
    distinct: dict[tuple[float, float, float], int] = {}
    for index, standing in enumerate(standings):
        distinct.setdefault(rank_of(standing.trial), index)
    return sorted([distinct[rank] for rank in sorted(distinct)][:FINALISTS])


def clearly_behind(standing: Standing, finalists: Sequence[Standing]) -> bool:
    """Whether the evidence for the best finalist, image by image, is clearly stronger."""
    best = min(finalists, key=lambda finalist: rank_of(finalist.trial))
    behind = best.evidence - standing.evidence
    return float(behind.mean()) > Z95 * float(behind.std()) / len(behind) ** 0.5


def _choice(table: tuple[ContractTrial, ...], equals: int, classes: int) -> ContractChoice:
    best = table[0]
    tried = f"best of {len(table)} presets" if len(table) > 1 else "the only preset that fits"
    alike = f"; {equals} do equally well, this is the most common" if equals > 1 else ""
    if best.accuracy is None:
        sentence = f"{tried} by how sure and varied the answers are on {best.images} images{alike}"
        warning = (
            "There are no labels to check the preprocessing against. Compare it with the model's "
            "documentation, or give a preprocessing file."
        )
    else:
        share = f"{100 * best.accuracy:.1f} %"
        sentence = f"{tried} by accuracy: {share} of {best.images} images{alike}"
        warning = _doubt(best.accuracy, best.images, classes)
    return ContractChoice(contract=best.contract, table=table, sentence=sentence, warning=warning)


def _doubt(accuracy: float, images: int, classes: int) -> str:
    """A warning when the accuracy may be mere chance."""
    chance = 1 / classes
    if accuracy > chance + Z95 * (chance * (1 - chance) / images) ** 0.5:
        return ""
    return (
        f"No preset does better than guessing ({100 * accuracy:.1f} % right). Check that the "
        "class folders begin with the model's output numbers, or give a preprocessing file."
    )
