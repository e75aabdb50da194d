"""What a model answers on the device itself, beside what it answers on this computer."""

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


def answers_on(
    ground: Ground, contender: Contender, images: Images, context: JobContext
) -> DeviceAnswers:
    """Ask the model here and there. Raises UserError when one of them cannot be asked."""
    from core.data import open_dataset
    from core.data.preparing import find_preparation

    dataset = open_dataset(images.data)
    at_home = _at_home(contender)
    found = find_preparation(
        dataset,
        at_home.model,
        runtimes()[at_home.choice.runtime],
        images.contract,
        progress=context.progress,
    )
    samples = dataset.samples[: found.most_judged]
    inputs = found.write(samples, context.scratch / f"asked-{contender.id}", context.progress).path
    here = evaluate(
        at_home,
        inputs,
        _folder(context, f"here-{contender.id}"),
        progress=context.progress,
        check_cancelled=context.check_cancelled,
    )
    there = ground.evaluate(
        _one_by_one(contender),
        inputs,
        _folder(context, f"there-{contender.id}"),
        progress=context.progress,
        check_cancelled=context.check_cancelled,
    )
    judge = found.judge(samples, here)
    agreement = next(metric for metric in judge.metrics if metric.truth is None)
    truthful = [metric for metric in judge.metrics if metric.truth is not None]
    standard = judge.standard
    return DeviceAnswers(
        contender=contender.id,
        images=len(samples),
        agreement=score(agreement, agreement.tally(there, standard)),
        here=tuple(score(metric, metric.tally(here, standard)) for metric in truthful),
        there=tuple(score(metric, metric.tally(there, standard)) for metric in truthful),
        runtime_here=at_home.choice.runtime,
    )


def _at_home(contender: Contender) -> Contender:
    """By the same runtime where this computer has it, else by its first."""
    usable = {runtime.name for runtime in available_runtimes()}
    name = contender.choice.runtime if contender.choice.runtime in usable else None
    choice = RuntimeChoice(runtime=name or available_runtimes()[0].name)
    return contender.model_copy(update={"choice": choice})


def _one_by_one(contender: Contender) -> Contender:
    choice = contender.choice.model_copy(update={"streams": 1, "batch": 1})
    return contender.model_copy(update={"choice": choice})


def _folder(context: JobContext, name: str) -> Path:
    return context.scratch / name
