"""The formats of numbers for a model on a device, as suggestions in the order to try them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from core.plan.plan import CompressionPlan
from core.plan.resolve import resolve_plan
from core.plan.size import predicted_bytes
from core.search.advisor.advice import MEETS, SIZES, Outlook, Sentence, Suggestion, UsePlan
from core.search.advisor.chances import (
    energy_sentence,
    forecast_sentence,
    memory_sentence,
    outlook_of,
)
from core.search.advisor.consultation import Consultation
from core.search.advisor.proposals import Proposal
from core.search.advisor.question import DeviceAim
from core.search.advisor.sentences import claimed_gain, sentences_of
from core.search.forecast import Forecast
from core.sizes import bytes_words

_FAR = float("inf")


@dataclass(frozen=True)
class _Ranked:
    proposal: Proposal
    suggestion: Suggestion


def format_suggestions(consultation: Consultation) -> tuple[Suggestion, ...]:
    """The best first, for the question's aim; what cannot be made yet comes last."""
    ranked = [
        _Ranked(proposal, _suggestion(proposal, consultation))
        for proposal in consultation.proposals
        if proposal.approach.kind == "numbers" and proposal.verdict not in ("block", "avoid")
    ]
    key = _KEYS[consultation.question.goal.aim]
    ranked.sort(key=lambda one: (bool(one.suggestion.missing), *key(one)))
    return tuple(one.suggestion for one in ranked)


def _suggestion(proposal: Proposal, consultation: Consultation) -> Suggestion:
    plan = proposal.plan(consultation.profile.name)
    obstacle = proposal.approach.missing or _obstacle(plan, consultation)
    forecast = consultation.forecast(proposal)
    file_bytes = None if obstacle else _file_bytes(plan, consultation)
    outlook = outlook_of(
        forecast,
        consultation.limit_ms,
        watts=consultation.watts(consultation.mode),
        file_bytes=file_bytes,
    )
    said = list(sentences_of(proposal, consultation))
    if forecast is not None:
        said += _forecast_sentences(forecast, outlook, proposal, consultation)
    said += claimed_gain(proposal)
    said += _size_sentences(outlook, consultation)
    return Suggestion(
        id=proposal.approach.id,
        title=proposal.approach.label,
        kind="numbers",
        verdict=proposal.verdict,
        about=proposal.approach.about,
        sentences=tuple(said),
        outlook=outlook,
        gain=proposal.gain,
        over=proposal.over,
        action=None if obstacle or plan is None else UsePlan(plan=plan),
        missing=obstacle,
    )


def _forecast_sentences(
    forecast: Forecast, outlook: Outlook, proposal: Proposal, consultation: Consultation
) -> Iterator[Sentence]:
    yield forecast_sentence(forecast, proposal.approach.label)
    aim, watts = consultation.question.goal.aim, consultation.watts(consultation.mode)
    if aim == "memory" or (forecast.fits is not True and consultation.profile.memory_gb):
        yield memory_sentence(forecast)
    if aim == "energy" and watts is not None and outlook.millijoules is not None:
        yield energy_sentence(outlook.millijoules, watts, forecast)


def _obstacle(plan: CompressionPlan | None, consultation: Consultation) -> str:
    """Why the model cannot be compressed so; empty where it can."""
    graph = consultation.subject.graph
    if plan is None or not plan.steps:
        return ""
    if not consultation.subject.changeable:
        return f"This is {graph.version}: convert it to ONNX, then it can be compressed."
    *_, treated = resolve_plan(plan, graph)
    return "" if treated else "It would treat no layer of this model."


def _file_bytes(plan: CompressionPlan | None, consultation: Consultation) -> int:
    graph = consultation.subject.graph
    return graph.file_bytes if plan is None else predicted_bytes(plan, graph)


def _size_sentences(outlook: Outlook, consultation: Consultation) -> Iterator[Sentence]:
    before, after = consultation.subject.graph.file_bytes, outlook.file_bytes
    if after is None or after == before:
        return
    yield Sentence(
        text=f"The file goes from {bytes_words(before)} to about {bytes_words(after)}, predicted.",
        rule=SIZES,
        evidence="Added up from the stored weights of the layers that are treated.",
        confidence="predicted",
    )


def _distance(one: _Ranked) -> int:
    """How far from keeping the limit; all are alike where none was told or can be forecast."""
    chance = one.suggestion.outlook.chance
    if chance in MEETS or chance == "cannot tell":
        return 0
    return 1 if chance == "unlikely" else 2


def _milliseconds(one: _Ranked) -> float:
    latency = one.suggestion.outlook.latency_ms
    return _FAR if latency is None else latency.value


def _memory(one: _Ranked) -> float:
    memory = one.suggestion.outlook.memory_bytes
    return _FAR if memory is None else memory.value


def _file(one: _Ranked) -> float:
    return one.suggestion.outlook.file_bytes or _FAR


Key = tuple[float, ...]


def _by_speed(one: _Ranked) -> Key:
    """What keeps the limit, then in the order of the rules."""
    return _distance(one), one.proposal.tier, _milliseconds(one)


def _by_energy(one: _Ranked) -> Key:
    """The power budget is the same for all: the shorter, the less energy."""
    return _distance(one), _milliseconds(one), one.proposal.tier


def _by_accuracy(one: _Ranked) -> Key:
    return _distance(one), one.proposal.approach.risk, one.proposal.tier


def _by_memory(one: _Ranked) -> Key:
    return _distance(one), _memory(one), one.proposal.tier


def _by_size(one: _Ranked) -> Key:
    return _distance(one), _file(one), one.proposal.tier


_KEYS: Mapping[DeviceAim, Callable[[_Ranked], Key]] = {
    "frames": _by_speed,
    "latency": _by_speed,
    "energy": _by_energy,
    "accuracy": _by_accuracy,
    "memory": _by_memory,
    "size": _by_size,
}
