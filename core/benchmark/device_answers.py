"""What a model answers on the device itself, beside what it answers on this computer."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.benchmark.comparison import Images
from core.benchmark.contender_process import Contender
from core.benchmark.evaluation import evaluate
from core.benchmark.ground import Ground
from core.data.judge import score
from core.data.metrics.base import Score
from core.jobs.kinds.base import JobContext
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes, runtimes


class DeviceAnswers(BaseModel):
    """The same images, judged by the same code."""

    model_config = ConfigDict(frozen=True)

    contender: str
    images: int
    agreement: Score
    """How much the device's answers are like those of this computer."""
    here: tuple[Score, ...]
    """Against the truth; empty without labels."""
    there: tuple[Score, ...]
    runtime_here: str
    """What computed on this computer."""

    @property
    def words(self) -> str:
        """“top-1 accuracy 92.5 % on the device, 92.5 % on this computer; same answer … 100 %”."""
        pairs = [
            f"{there.label} {there.words} on the device, {here.words} on this computer"
            for here, there in zip(self.here[:1], self.there[:1], strict=True)
        ]
        same = f"{self.agreement.label} {self.agreement.words}"
        return f"{'; '.join([*pairs, same])} ({self.images} images)"


def answers_on(
    ground: Ground, contenders: Sequence[Contender], images: Images, context: JobContext
) -> Iterator[DeviceAnswers]:
    """Ask every model here and there. Raises UserError when one of them cannot be asked."""
    for number, model in enumerate(dict.fromkeys(one.model for one in contenders)):
        own = [contender for contender in contenders if contender.model == model]
        folder = context.scratch / f"answers-{number}"
        asked = _Asked(images, _at_home(own[0]), folder, context, ground.most_answers)
        for contender in own:
            yield asked.beside(ground, contender)


class _Asked:
    """The answers of one model on this computer, and the images that it was asked about."""

    def __init__(
        self,
        images: Images,
        at_home: Contender,
        folder: Path,
        context: JobContext,
        most: int | None,
    ) -> None:
        from core.data import open_dataset
        from core.data.preparing import find_preparation

        folder.mkdir()
        dataset = open_dataset(images.data)
        runtime = runtimes()[at_home.choice.runtime]
        found = find_preparation(
            dataset, at_home.model, runtime, images.contract, progress=context.progress
        )
        samples = dataset.samples[: found.most_judged][:most]
        self._context = context
        self._folder = folder
        self._count = len(samples)
        self._inputs = found.write(samples, folder / "inputs", context.progress).path
        self._here = evaluate(
            at_home,
            self._inputs,
            folder / "here",
            progress=context.progress,
            check_cancelled=context.check_cancelled,
        )
        self._judge = found.judge(samples, self._here)
        self._runtime = at_home.choice.runtime

    def beside(self, ground: Ground, contender: Contender) -> DeviceAnswers:
        there = ground.evaluate(
            _one_by_one(contender),
            self._inputs,
            self._folder / contender.id,
            progress=self._context.progress,
            check_cancelled=self._context.check_cancelled,
        )
        standard, metrics = self._judge.standard, self._judge.metrics
        agreement = self._judge.agreement
        truthful = [metric for metric in metrics if metric.truth is not None]
        return DeviceAnswers(
            contender=contender.id,
            images=self._count,
            agreement=score(agreement, agreement.tally(there, standard)),
            here=tuple(score(one, one.tally(self._here, standard)) for one in truthful),
            there=tuple(score(one, one.tally(there, standard)) for one in truthful),
            runtime_here=self._runtime,
        )


def _at_home(contender: Contender) -> Contender:
    """By the same runtime where this computer has it, else by its first."""
    names = [runtime.name for runtime in available_runtimes()]
    name = contender.choice.runtime if contender.choice.runtime in names else names[0]
    return contender.model_copy(update={"choice": RuntimeChoice(runtime=name)})


def _one_by_one(contender: Contender) -> Contender:
    choice = contender.choice.model_copy(update={"streams": 1, "batch": 1})
    return contender.model_copy(update={"choice": choice})
