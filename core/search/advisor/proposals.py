"""What the rules propose for one model on one device, and what they rule out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.devices.profile import DeviceProfile
from core.parameters import Value
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.search.advisor.conditions import Case
from core.search.advisor.question import DeviceAim
from core.search.advisor.rules import Approach, Rule, Verdict, rule_book

_STRENGTH: tuple[Verdict, ...] = (
    "block", "avoid", "require", "first", "second", "allow", "last", "warn", "inform",
)  # fmt: skip
_TIERS: Mapping[Verdict, int] = {
    "require": 0,
    "first": 0,
    "second": 1,
    "allow": 2,
    "last": 3,
    "avoid": 4,
    "inform": 5,
}
_AIMS_BESIDE_SPEED: tuple[DeviceAim, ...] = ("size", "memory")
"""What does not make a model faster can still make it smaller."""
_AS_IT_IS = ("tf32", "fp32")
"""Formats that leave the model alone; the first that the device computes in is its baseline."""


@dataclass(frozen=True)
class Proposal:
    """One approach and all rules about it that hold, in the order of the files."""

    approach: Approach
    rules: tuple[Rule, ...]
    verdict: Verdict

    @property
    def tier(self) -> int:
        """0 for what is to be tried first."""
        return _TIERS.get(self.verdict, len(_TIERS))

    @property
    def telling(self) -> Rule | None:
        """The rule with a gain that counts: the one that decides most."""
        told = [rule for rule in self.rules if rule.gain is not None]
        return min(told, key=lambda rule: _TIERS.get(rule.verdict, len(_TIERS)), default=None)

    @property
    def gain(self) -> tuple[float, float] | None:
        """How many times as fast it was elsewhere; halved where rules say so."""
        told = self.telling and self.telling.gain
        if told is None or not any(rule.halves for rule in self.rules):
            return told
        low, high = (1 + (each - 1) / 2 if each > 1 else each for each in told)
        return low, high

    @property
    def over(self) -> str:
        """What `gain` compares with; empty without one."""
        return self.telling.over if self.telling else ""

    def plan(self, device: str) -> CompressionPlan | None:
        """What puts it into effect; None where nothing has to be done to the model."""
        approach = self.approach
        if approach.steps:
            wanted = {name for rule in self.rules for name in rule.before}
            before = [name for name in approach.preparations if name in wanted]
            steps = [Step(technique=name, default={}) for name in (*before, *approach.steps[:-1])]
            steps.append(Step(technique=approach.steps[-1], default=self._options))
            return CompressionPlan(name=f"{approach.label} for {device}", steps=tuple(steps))
        if approach.runtime is not None and approach.precision is not None:
            choice = RuntimeChoice(runtime=approach.runtime, precision=approach.precision)
            return CompressionPlan(name=f"{approach.label} for {device}", runtime=choice)
        return None

    @property
    def _options(self) -> dict[str, Value]:
        return {name: value for rule in self.rules for name, value in rule.options.items()}


def proposals_for(case: Case) -> tuple[Proposal, ...]:
    """One for each approach that a rule speaks of here, and the model as it is."""
    book = rule_book()
    found: dict[str, list[Rule]] = {}
    for rule in book.rules:
        if rule.holds(case):
            found.setdefault(rule.approach, []).append(rule)
    baseline = _baseline(case.profile)
    if baseline is not None:
        found.setdefault(baseline, [])
    return tuple(
        Proposal(book.approaches[name], tuple(rules), _verdict(rules, book.approaches[name], case))
        for name, rules in found.items()
    )


def _baseline(profile: DeviceProfile) -> str | None:
    approaches = rule_book().approaches
    return next((n for n in _AS_IT_IS if approaches[n].precision in profile.precisions), None)


def _verdict(rules: Iterable[Rule], approach: Approach, case: Case) -> Verdict:
    """The strongest; but what is only slow can still make a model smaller."""
    told = {rule.verdict for rule in rules}
    for verdict in _STRENGTH:
        if verdict in told:
            smaller = verdict == "avoid" and approach.steps and case.aim in _AIMS_BESIDE_SPEED
            return "last" if smaller else verdict
    return "inform"
