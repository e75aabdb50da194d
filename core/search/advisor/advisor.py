"""Asks the rules and the forecast, and puts the answers together."""

from collections.abc import Iterator, Mapping

from core.devices.profile import DeviceProfile, profiles
from core.model.graph import ModelGraph
from core.search.advisor.advice import Advice
from core.search.advisor.consultation import Consultation
from core.search.advisor.edge_or_cloud import edge_or_cloud
from core.search.advisor.forecasting import Forecaster, Forecasts, predict, subject_of
from core.search.advisor.formats import format_suggestions
from core.search.advisor.further import further_suggestions
from core.search.advisor.question import Question
from core.search.advisor.real_time import real_time
from core.search.advisor.sentences import ruled_out

_BEFORE = ("require", "first")
"""What has such a verdict, and is no mere way of working, stands before the formats of numbers."""
_TELLING = 0.1
"""Share of layers without known work from which on a forecast misleads."""


def advise(
    graph: ModelGraph,
    profile: DeviceProfile,
    question: Question,
    *,
    forecaster: Forecaster = predict,
    known: Mapping[str, DeviceProfile] | None = None,
) -> Advice:
    """Rank what can be done for a model on a device; deterministic.

    `known` are the devices among which a larger one is looked for; None takes all profiles.
    Takes tenths of a second. Raises InputError for a power mode that the device has not.
    """
    profile.in_mode(question.mode)
    consultation = Consultation(
        subject_of(graph),
        profile,
        question,
        profiles() if known is None else known,
        Forecasts(forecaster),
    )
    further = further_suggestions(consultation)
    first = tuple(each for each in further if each.kind != "practice" and each.verdict in _BEFORE)
    rest = tuple(each for each in further if each not in first)
    return Advice(
        model_name=graph.name,
        profile=profile.id,
        profile_name=profile.name,
        mode=consultation.mode,
        aim=question.goal.aim,
        question=question,
        real_time=real_time(consultation),
        suggestions=(*first, *format_suggestions(consultation), *rest),
        ruled_out=ruled_out(consultation),
        edge_or_cloud=edge_or_cloud(consultation),
        warnings=tuple(_warnings(consultation)),
    )


def _warnings(consultation: Consultation) -> Iterator[str]:
    mode = consultation.profile.mode(consultation.mode) if consultation.mode else None
    if mode is not None and not mode.peaks:
        yield (
            f"The clocks of {mode.name} are not known: the forecasts are those of the device's "
            "full speed."
        )
    work, layers = consultation.subject.workload, len(consultation.subject.graph.layers)
    if work.unknown > _TELLING * layers:
        yield (
            f"The work of {work.unknown:,} of {layers:,} layers is not known, so the forecasts are "
            "too low. Fix the sizes of the inputs first."
        )
    best = consultation.best()
    if best is not None:
        yield from best[1].warnings
