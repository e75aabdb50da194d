"""Suggestions beside the format of numbers: sizes of inputs, the device's modes, how to work."""

from collections.abc import Callable, Mapping

from core.search.advisor.advice import MEETS, ChooseTarget, Suggestion
from core.search.advisor.chances import chance_of, latency_words, outlook_of, predicted
from core.search.advisor.consultation import Consultation
from core.search.advisor.input_sizes import fixed_sizes
from core.search.advisor.proposals import Proposal
from core.search.advisor.sentences import sentences_of
from core.search.forecast import Forecast

_EDITABLE = "onnx"
_NOT_EDITABLE = "Sizes can be fixed in ONNX models: convert it first."
_ORDER = ("require", "first", "second", "allow", "last", "warn", "inform")


def further_suggestions(consultation: Consultation) -> tuple[Suggestion, ...]:
    """In the order of their verdicts, the model and the device before the way to work."""
    found = [
        _MAKERS.get(proposal.approach.id, _plain)(proposal, consultation)
        for proposal in consultation.proposals
        if proposal.approach.kind != "numbers" and proposal.verdict not in ("block", "avoid")
    ]
    found.sort(key=lambda one: (one.kind == "practice", _ORDER.index(one.verdict)))
    return tuple(found)


def _plain(proposal: Proposal, consultation: Consultation) -> Suggestion:
    return Suggestion(
        id=proposal.approach.id,
        title=proposal.approach.label,
        kind=proposal.approach.kind,
        verdict=proposal.verdict,
        sentences=tuple(sentences_of(proposal, consultation)),
        gain=proposal.gain,
        over=proposal.over,
        missing=proposal.approach.missing,
    )


def _static_shapes(proposal: Proposal, consultation: Consultation) -> Suggestion:
    facts = consultation.subject.facts
    free = [each for each in facts.inputs if each.name in facts.free_inputs]
    editable = consultation.subject.graph.format == _EDITABLE
    changed = {
        "action": fixed_sizes(free) if editable else None,
        "missing": "" if editable or not free else _NOT_EDITABLE,
    }
    return _plain(proposal, consultation).model_copy(update=changed)


def _power_mode(proposal: Proposal, consultation: Consultation) -> Suggestion:
    made = _plain(proposal, consultation)
    found = _better_mode(consultation)
    if found is None:
        return made
    name, forecast = found
    said = predicted(_mode_words(name, forecast, consultation), forecast)
    watts = consultation.watts(name)
    return made.model_copy(
        update={
            "title": f"Power mode {name}",
            "verdict": "allow",
            "sentences": (said, *made.sentences),
            "outlook": outlook_of(forecast, consultation.limit_ms, watts=watts),
            "action": ChooseTarget(profile=consultation.profile.id, mode=name),
        }
    )


def _better_mode(consultation: Consultation) -> tuple[str, Forecast] | None:
    """The mode with the least power that keeps the limit; without a limit the one with the least
    energy or the most speed. None where the present one is it, or nothing can be said."""
    found: list[tuple[str, Forecast]] = []
    for mode in consultation.profile.power_modes:
        if mode.peaks and (best := consultation.best(mode=mode.name)) is not None:
            found.append((mode.name, best[1]))
    limit = consultation.limit_ms
    if limit is not None:
        found = [pair for pair in found if chance_of(pair[1], limit) in MEETS]

    def cost(pair: tuple[str, Forecast]) -> tuple[float, float]:
        watts, latency = consultation.watts(pair[0]), pair[1].latency_ms.value
        power = float("inf") if watts is None else watts
        if limit is not None:
            return power, latency
        energy = consultation.question.goal.aim == "energy"
        return (power * latency, latency) if energy else (latency, power)

    best_pair = min(found, key=cost, default=None)
    return None if best_pair is None or best_pair[0] == consultation.mode else best_pair


def _mode_words(name: str, forecast: Forecast, consultation: Consultation) -> str:
    watts = consultation.watts(name)
    budget = f" ({watts:g} W)" if watts else ""
    now = consultation.best()
    instead = (
        f" instead of {latency_words(now[1].latency_ms)} in {consultation.mode}" if now else ""
    )
    limited = consultation.limit_ms is not None
    why = "is the least power that keeps the limit" if limited else "suits the goal best"
    return (
        f"{name}{budget} {why}: {latency_words(forecast.latency_ms)} for one inference{instead}, "
        "predicted."
    )


_MAKERS: Mapping[str, Callable[[Proposal, Consultation], Suggestion]] = {
    "static-shapes": _static_shapes,
    "power-mode": _power_mode,
}
