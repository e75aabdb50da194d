"""Which power mode of a board suits the goal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.search.advisor.advice import MEETS, ChooseTarget, Outlook, Sentence
from core.search.advisor.chances import chance_of, latency_words, outlook_of, predicted
from core.search.advisor.consultation import Consultation
from core.search.forecast import Forecast

_NO_BUDGET = float("inf")


@dataclass(frozen=True)
class BetterMode:
    """Another mode than the present one."""

    name: str
    sentence: Sentence
    outlook: Outlook
    action: ChooseTarget


@dataclass(frozen=True)
class _InMode:
    name: str
    watts: float
    format: str
    forecast: Forecast

    @property
    def latency(self) -> float:
        return self.forecast.latency_ms.value

    @property
    def energy(self) -> float:
        return self.watts * self.latency


def better_mode(consultation: Consultation) -> BetterMode | None:
    """The mode with the least power that keeps the limit, for energy the one with the least of it,
    without a limit the fastest. None where that is the present one, or nothing can be said.
    """
    limit = consultation.limit_ms
    found = list(_forecasts(consultation))
    if limit is not None:
        found = [one for one in found if chance_of(one.forecast, limit) in MEETS]
    key, why = _wish(consultation)
    best = min(found, key=key, default=None)
    if best is None or best.name == consultation.mode:
        return None
    watts = None if best.watts == _NO_BUDGET else best.watts
    return BetterMode(
        best.name,
        predicted(_words(best, why, consultation), best.forecast),
        outlook_of(best.forecast, limit, watts=watts),
        ChooseTarget(profile=consultation.profile.id, mode=best.name),
    )


def _forecasts(consultation: Consultation) -> Iterator[_InMode]:
    """Modes of which the clocks are known."""
    for mode in consultation.profile.power_modes:
        best = consultation.best(mode=mode.name) if mode.peaks else None
        if best is not None:
            watts = consultation.watts(mode.name) or _NO_BUDGET
            yield _InMode(mode.name, watts, best[0].approach.label, best[1])


def _wish(consultation: Consultation) -> tuple[Callable[[_InMode], tuple[float, float]], str]:
    """What makes a mode the best, and why it is, in words."""
    if consultation.question.goal.aim == "energy":
        return (lambda one: (one.energy, one.latency)), "needs the least energy for an inference"
    if consultation.limit_ms is not None:
        return (lambda one: (one.watts, one.latency)), "is the least power that keeps the limit"
    return (lambda one: (one.latency, one.watts)), "is the fastest"


def _words(best: _InMode, why: str, consultation: Consultation) -> str:
    budget = "" if best.watts == _NO_BUDGET else f" ({best.watts:g} W)"
    now = consultation.best()
    instead = (
        f" instead of {latency_words(now[1].latency_ms)} in {consultation.mode}" if now else ""
    )
    took = f"{latency_words(best.forecast.latency_ms)} in {best.format}"
    return f"{best.name}{budget} {why}: {took}{instead}, predicted."
