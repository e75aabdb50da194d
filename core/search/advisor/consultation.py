"""What every part of the advisor's answer starts from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from core.devices.profile import DeviceProfile
from core.search.advisor.conditions import Case, default_mode
from core.search.advisor.forecasting import Forecasts, Subject
from core.search.advisor.proposals import Proposal, proposals_for
from core.search.advisor.question import Question
from core.search.forecast import Forecast, Workload

_LAST_TIER = 99
MAIN_TIERS = 1
"""The tier of what is to be tried as the second."""


@dataclass(frozen=True)
class Consultation:
    """One model, one device, one question."""

    subject: Subject
    profile: DeviceProfile
    question: Question
    known: Mapping[str, DeviceProfile]
    """Every other device there is, by id."""
    forecasts: Forecasts

    @property
    def limit_ms(self) -> float | None:
        return self.question.goal.limit_ms

    @cached_property
    def mode(self) -> str | None:
        """The power mode that figures are for."""
        default = default_mode(self.profile)
        return self.question.mode or (default.name if default else None)

    @cached_property
    def case(self) -> Case:
        return Case(self.profile, self.subject.facts, self.question.goal.aim)

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        return proposals_for(self.case)

    def watts(self, mode: str | None) -> float | None:
        """The power budget, as the maker tells it."""
        chosen = self.profile.mode(mode) if mode else None
        if chosen is not None and chosen.watts is not None:
            return chosen.watts
        return self.profile.power_watts and self.profile.power_watts[1]

    def forecast(
        self, proposal: Proposal, workload: Workload | None = None, mode: str | None = None
    ) -> Forecast | None:
        """Of the model, or another workload, treated so; None where nothing can be said."""
        precision = proposal.approach.precision
        if precision is None:
            return None
        work = workload or self.subject.workload
        return self.forecasts.of(work, self.profile, precision, mode or self.mode)

    def best(
        self, workload: Workload | None = None, mode: str | None = None, *, tier: int = _LAST_TIER
    ) -> tuple[Proposal, Forecast] | None:
        """The fastest format that this version can make for the device, by the forecast.

        `tier` leaves out what is to be tried later, for where many devices are looked at.
        """
        made = [
            (proposal, forecast)
            for proposal in self.proposals
            if proposal.approach.kind == "numbers"
            and proposal.verdict not in ("block", "avoid")
            and proposal.tier <= tier
            and not proposal.approach.missing
            and (forecast := self.forecast(proposal, workload, mode)) is not None
        ]
        return min(made, key=lambda pair: pair[1].latency_ms.value, default=None)

    def on(self, profile: DeviceProfile) -> "Consultation":
        """The same question about another device, in the mode that a new one starts in."""
        question = self.question.model_copy(update={"mode": None, "network": None})
        return Consultation(self.subject, profile, question, self.known, self.forecasts)
