"""Tries contracts on images and tells how good each is: by labels, by a metric, or by the answers.

Without labels a contract is good when the answers tell much about the images and stay the same
under small changes that do not matter: the image mirrored, and moved by a little.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.benchmark.results import Estimate
from core.data.choose import (
    Entrant,
    Standing,
    geometry_of,
    probabilities_of,
    standing_of,
    try_image,
)
from core.data.choose_by_metric import answers_to
from core.data.contract import PreprocessingContract
from core.data.datasets.base import OpenDataset, Sample
from core.data.decode import Progress, normalized, pixels
from core.data.judge import judge_for, share_drop
from core.data.metrics.base import Metric, class_scores
from core.data.standard import Standard
from core.data.tally import Z95, Tally
from core.runtimes.base import Session

if TYPE_CHECKING:
    import numpy as np

Infer = Callable[["np.ndarray"], "np.ndarray"]
"""One prepared image with its batch of 1 to the class scores, (1, classes)."""

MOVED = 0.04
"""Share of the width by which an image is moved."""

LEAST_TOLD = 0.1
"""Nats by which answers must tell more before another contract is proposed without labels."""


@dataclass(frozen=True, eq=False)
class Tried:
    """How one contract fared."""

    contract: PreprocessingContract
    images: int
    merit: float
    """What decides: the share of right answers or another metric, higher is better; without labels
    the same as `evidence`."""
    evidence: float
    """What decides between equals: mean log-likelihood of the true class, or what the answers
    tell, in nats."""
    words: tuple[str, ...]
    """For people, as many as the trier has `columns`."""
    per_image: "np.ndarray" = field(repr=False)
    """float64, (images,): the evidence of each."""
    tally: Tally | None = field(default=None, repr=False)


class Trier(ABC):
    """One way to tell how good contracts are."""

    unit: Literal["points", "nats"] = "points"
    columns: tuple[str, ...]
    """What `Tried.words` say."""
    basis: str
    """What decides, for people: “top-1 accuracy”."""

    def __init__(self, dataset: OpenDataset, samples: Sequence[Sample]) -> None:
        self.dataset, self.samples = dataset, samples

    @property
    def count(self) -> int:
        return len(self.samples)

    @abstractmethod
    def tried(
        self, contracts: Sequence[PreprocessingContract], images: int, progress: Progress
    ) -> list[Tried]:
        """Try every contract on the first images, in the given order. Raises InputError."""

    @abstractmethod
    def gain(self, before: Tried, after: Tried) -> Estimate:
        """How much better `after` is, in `unit`, on the same images, with a 95 % interval."""

    def clearly_better(self, one: Tried, other: Tried) -> bool:
        """Whether `one` does better on these images, and not by chance."""
        return self.gain(other, one).low > 0


class ByLabels(Trier):
    """Classifiers with labelled images."""

    columns = ("Right",)
    basis = "share of right answers"

    def __init__(self, dataset: OpenDataset, samples: Sequence[Sample], infer: Infer) -> None:
        super().__init__(dataset, samples)
        self._infer = infer

    def tried(
        self, contracts: Sequence[PreprocessingContract], images: int, progress: Progress
    ) -> list[Tried]:
        entrants = [Entrant(contract) for contract in contracts]
        for index, sample in enumerate(self.samples[:images]):
            progress(index, images, "")
            try_image(self.dataset, sample, entrants, self._infer)
        return [self._of(entrant, standing_of(entrant, self.samples)) for entrant in entrants]

    def _of(self, entrant: Entrant, standing: Standing) -> Tried:
        import numpy as np

        from core.data.tally import Hits

        labels = [sample.label for sample in self.samples[: len(entrant.probabilities)]]
        hits = Hits(np.stack(entrant.probabilities).argmax(axis=1) == labels)
        low, high = hits.interval()
        share = hits.value
        return Tried(
            contract=entrant.contract,
            images=hits.samples,
            merit=share,
            evidence=standing.trial.evidence,
            words=(f"{100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f})",),
            per_image=standing.evidence,
            tally=hits,
        )

    def gain(self, before: Tried, after: Tried) -> Estimate:
        from core.data.tally import Hits

        assert isinstance(before.tally, Hits) and isinstance(after.tally, Hits)
        return share_drop(after.tally.right, before.tally.right)

    def clearly_better(self, one: Tried, other: Tried) -> bool:
        """More right answers, and clearly so; or clearly surer ones of the true class besides."""
        if one.merit <= other.merit:
            return False
        surer = _mean_of(one.per_image - other.per_image).low > 0
        return surer or super().clearly_better(one, other)


class ByAnswers(Trier):
    """Classifiers without labels: answers that are sure, varied and the same for the same thing."""

    unit = "nats"
    columns = ("Told by the answers", "Sureness", "Same when mirrored or moved")
    basis = "how sure, varied and consistent the answers are"

    def __init__(self, dataset: OpenDataset, samples: Sequence[Sample], infer: Infer) -> None:
        super().__init__(dataset, samples)
        self._infer = infer

    def tried(
        self, contracts: Sequence[PreprocessingContract], images: int, progress: Progress
    ) -> list[Tried]:
        import numpy as np

        seen: list[list[np.ndarray]] = [[] for _ in contracts]
        for index, sample in enumerate(self.samples[:images]):
            progress(index, images, "")
            data = self.dataset.read(sample)
            fitted: dict[PreprocessingContract, np.ndarray] = {}
            for views, contract in zip(seen, contracts, strict=True):
                geometry = geometry_of(contract)
                if geometry not in fitted:
                    fitted[geometry] = pixels(data, contract)
                views.append(self._views(normalized(fitted[geometry], contract), contract))
        return [
            self._of(contract, np.stack(views))
            for contract, views in zip(contracts, seen, strict=True)
        ]

    def _views(self, tensor: "np.ndarray", contract: PreprocessingContract) -> "np.ndarray":
        """Probabilities of the image, mirrored, and moved; (3, classes)."""
        import numpy as np

        across = 2 if contract.layout == "NCHW" else 1
        step = max(1, round(MOVED * contract.width))
        moved = np.roll(np.roll(tensor, step, axis=across), step, axis=across - 1)
        views = (tensor, np.flip(tensor, axis=across), moved)
        answers = (class_scores(self._infer(np.ascontiguousarray(v)[np.newaxis])) for v in views)
        return np.stack([probabilities_of(answer[0]) for answer in answers])

    def _of(self, contract: PreprocessingContract, views: "np.ndarray") -> Tried:
        """`views` is (images, 3, classes); answers that change add up to unsure ones."""
        import numpy as np

        together = np.maximum(views.mean(axis=1), 1e-12)
        told = (together * np.log(together / together.mean(axis=0))).sum(axis=1)
        best = views.argmax(axis=2)
        same = float((best == best[:, :1]).mean(axis=1).mean() * 1.5 - 0.5)
        sure = float(views[:, 0].max(axis=1).mean())
        return Tried(
            contract=contract,
            images=len(views),
            merit=float(told.mean()),
            evidence=float(told.mean()),
            words=(f"{told.mean():.3f} nats", f"{100 * sure:.0f} %", f"{100 * same:.0f} %"),
            per_image=told,
        )

    def gain(self, before: Tried, after: Tried) -> Estimate:
        return _mean_of(after.per_image - before.per_image)

    def clearly_better(self, one: Tried, other: Tried) -> bool:
        """Also by more than what an order of preference may come to by itself."""
        gain = self.gain(other, one)
        return gain.low > 0 and gain.value >= LEAST_TOLD


class ByMetric(Trier):
    """Detectors and all others, by the metric of their task; needs truth."""

    def __init__(
        self,
        dataset: OpenDataset,
        samples: Sequence[Sample],
        session: Session,
        metadata: Mapping[str, str],
        metric: Metric,
    ) -> None:
        super().__init__(dataset, samples)
        self._session, self._metadata, self._metric = session, metadata, metric
        self.columns = (metric.label,)
        self.basis = metric.label

    def tried(
        self, contracts: Sequence[PreprocessingContract], images: int, progress: Progress
    ) -> list[Tried]:
        found: list[Tried] = []
        for index, contract in enumerate(contracts):
            progress(index, len(contracts), "")
            found.append(self._one(contract, self.samples[:images]))
        return found

    def _one(self, contract: PreprocessingContract, samples: Sequence[Sample]) -> Tried:
        import numpy as np

        standard = standard_of(self.dataset, samples, contract, self._session, self._metadata)
        tally = self._metric.tally(standard.reference, standard)
        low, high = tally.interval()
        merit = tally.value if self._metric.higher_is_better else -tally.value
        return Tried(
            contract=contract,
            images=len(samples),
            merit=merit,
            evidence=merit,
            words=(f"{tally.value:.3g} ({low:.3g} to {high:.3g})",),
            per_image=np.full(len(samples), merit),
            tally=tally,
        )

    def gain(self, before: Tried, after: Tried) -> Estimate:
        assert before.tally is not None and after.tally is not None
        value, low, high = before.tally.drop_from(after.tally)
        if not self._metric.higher_is_better:
            value, low, high = -value, -high, -low
        return Estimate(value=100 * value, low=100 * low, high=100 * high)


def standard_of(
    dataset: OpenDataset,
    samples: Sequence[Sample],
    contract: PreprocessingContract,
    session: Session,
    metadata: Mapping[str, str],
) -> Standard:
    """What the model itself gives for the samples, with what is known of them."""
    return Standard(
        reference=answers_to(dataset, samples, contract, session),
        truths=dataset.truths_of(samples),
        contract=contract,
        classes=tuple(dataset.classes),
        metadata=metadata,
        alphabet=dataset.alphabet,
    )


def trier_for(
    dataset: OpenDataset,
    samples: Sequence[Sample],
    session: Session,
    contract: PreprocessingContract,
    metadata: Mapping[str, str],
) -> Trier | None:
    """Whoever can tell contracts apart here; None where nothing can."""
    from core.data.classifier import scores_with
    from core.data.presets import CLASSIFICATION

    judge = judge_for(standard_of(dataset, samples[:1], contract, session, metadata))
    if judge.task == CLASSIFICATION:
        labelled = all(sample.label is not None for sample in samples)
        return (ByLabels if labelled else ByAnswers)(dataset, samples, scores_with(session))
    if judge.limiting.truth is None:
        return None
    return ByMetric(dataset, samples, session, metadata, judge.limiting)


def _mean_of(values: "np.ndarray") -> Estimate:
    reach = Z95 * float(values.std()) / len(values) ** 0.5
    mean = float(values.mean())
    return Estimate(value=mean, low=mean - reach, high=mean + reach)
