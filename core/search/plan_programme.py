"""One runtime's decisions as an integer programme: costs, conversions at borders, limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from core.model.graph import LayerId, ModelGraph
from core.search.decisions import Choices, Cost
from core.search.integer_programme import IntegerProgramme
from core.search.layer_map import KEEP, ModelMap
from core.search.live_memory import BYTES, crowded_moments
from core.search.report import Aim

_TIE = 1e-4
"""Weight of what is not aimed at: it decides between plans that are as good."""
_LEAST = 1e-9
"""Sums this small count as this, so that weights stay finite."""


class Limit(BaseModel):
    """What a plan may not exceed; None means no limit."""

    model_config = ConfigDict(frozen=True)

    loss: float | None = None
    """KL divergence or noise, whichever the map adds up."""
    latency_ms: float | None = None
    file_bytes: float | None = None
    memory_bytes: float | None = None
    """Weights and the tensors that exist at one time, without the runtime itself."""


@dataclass(frozen=True)
class _Weights:
    """What one millisecond, one unit of loss and one byte count."""

    milliseconds: float
    loss: float
    bytes: float

    def of(self, cost: Cost) -> float:
        return (
            self.milliseconds * cost.milliseconds + self.loss * cost.loss + self.bytes * cost.bytes
        )


@dataclass(frozen=True)
class PlanProgramme:
    """Solves for the best option of every decision, again and again under other limits."""

    map: ModelMap
    graph: ModelGraph
    choices: Choices
    goal: Aim
    baseline_ms: float

    def solved(self, limit: Limit) -> Mapping[LayerId, str] | None:
        """The option of every layer that is treated; None where nothing satisfies the limit."""
        return _Building(self, limit).solved()

    def loss_of(self, taken: Mapping[LayerId, str]) -> float:
        """What the map says that `taken` loses."""
        return sum(
            decision.costs[_option_of(decision.layers, taken)].loss
            for decision in self.choices.decisions
        )

    def weights(self) -> _Weights:
        """What is aimed at counts most; the rest decides between plans that are as good."""
        decisions = self.choices.decisions
        slowest = sum(max(c.milliseconds for c in d.costs.values()) for d in decisions)
        lossiest = sum(max(c.loss for c in d.costs.values()) for d in decisions)
        slowest, lossiest = max(slowest, _LEAST), max(lossiest, _LEAST)
        size = float(self.map.file_bytes) or 1.0
        if self.goal == "latency":
            return _Weights(1 / slowest, _TIE / lossiest, _TIE / size)
        return _Weights(_TIE / slowest, _TIE / lossiest, 1 / size)


@dataclass
class _Building:
    """One programme in the making."""

    work: PlanProgramme
    limit: Limit
    programme: IntegerProgramme = field(default_factory=IntegerProgramme)
    variables: list[dict[str, int]] = field(default_factory=list[dict[str, int]])
    """Of each decision, by option."""

    def solved(self) -> Mapping[LayerId, str] | None:
        weights = self.work.weights()
        for decision in self.work.choices.decisions:
            own = {
                option: self.programme.yes_or_no(weights.of(cost))
                for option, cost in decision.costs.items()
            }
            self.programme.require(dict.fromkeys(own.values(), 1.0), at_least=1.0, at_most=1.0)
            self.variables.append(own)
        conversions = self._add_conversions(weights.milliseconds)
        self._add_limits(conversions)
        if self.work.goal == "memory" or self.limit.memory_bytes is not None:
            self._add_memory()
        values = self.programme.solve()
        return None if values is None else self._taken(values)

    def _add_conversions(self, weight: float) -> Mapping[int, float]:
        """A variable for every flow over every joint, which is 1 where it must be converted.

        Returns their indices with the milliseconds of each.
        """
        choices = self.work.choices
        added: dict[int, float] = {}
        for joint in choices.joints:
            milliseconds = joint.elements * choices.ms_per_element
            for flow in set(choices.flows.values()) - {"float32"}:
                makes = self._flowing(joint.maker, flow)
                for sign in (1.0, -1.0):
                    converted = self.programme.amount(weight * milliseconds)
                    added[converted] = milliseconds
                    for taker in joint.takers:
                        terms = {converted: 1.0, **dict.fromkeys(makes, -sign)}
                        terms.update(dict.fromkeys(self._flowing(taker, flow), sign))
                        self.programme.require(terms, at_least=0.0)
        return added

    def _flowing(self, decision: int, flow: str) -> list[int]:
        flows = self.work.choices.flows
        own = self.variables[decision]
        return [variable for option, variable in own.items() if flows[option] == flow]

    def _add_limits(self, conversions: Mapping[int, float]) -> None:
        limit, kept = self.limit, 0.0
        times: dict[int, float] = dict(conversions)
        for variable, cost in self._costs():
            times[variable] = cost.milliseconds
        for decision in self.work.choices.decisions:
            kept += decision.costs[KEEP].milliseconds
        if limit.latency_ms is not None:
            allowed = limit.latency_ms - self.work.baseline_ms + kept
            self.programme.require(times, at_most=allowed)
        if limit.loss is not None:
            losses = {variable: cost.loss for variable, cost in self._costs()}
            self.programme.require(losses, at_most=limit.loss)
        if limit.file_bytes is not None:
            allowed = limit.file_bytes - self.work.map.file_bytes
            self.programme.require(self._sizes(), at_most=allowed)

    def _add_memory(self) -> None:
        """The most that tensors which exist together take; weights count with it."""
        size = float(self.work.map.file_bytes) or 1.0
        peak = self.programme.amount(1 / size if self.work.goal == "memory" else 0.0)
        flows = self.work.choices.flows
        place = {
            layer: self.variables[index]
            for index, decision in enumerate(self.work.choices.decisions)
            for layer in decision.layers
        }
        for moment in crowded_moments(self.work.map.borders, self.work.graph.index_of):
            terms, fixed = {peak: 1.0}, 0.0
            for border in moment:
                if border.maker not in place:
                    fixed += border.elements * BYTES["float32"]
                for option, variable in place.get(border.maker, {}).items():
                    taken = border.elements * BYTES[flows[option]]
                    terms[variable] = terms.get(variable, 0.0) - taken
            self.programme.require(terms, at_least=fixed)
        if self.limit.memory_bytes is not None:
            allowed = self.limit.memory_bytes - self.work.map.file_bytes
            self.programme.require({**self._sizes(), peak: 1.0}, at_most=allowed)

    def _sizes(self) -> dict[int, float]:
        return {variable: cost.bytes for variable, cost in self._costs()}

    def _costs(self) -> Sequence[tuple[int, Cost]]:
        return [
            (variables[option], cost)
            for decision, variables in zip(self.work.choices.decisions, self.variables, strict=True)
            for option, cost in decision.costs.items()
        ]

    def _taken(self, values: Sequence[float]) -> Mapping[LayerId, str]:
        found: dict[LayerId, str] = {}
        for decision, variables in zip(self.work.choices.decisions, self.variables, strict=True):
            option = max(variables, key=lambda name: values[variables[name]])
            treats = self.work.map.options[option].treats
            found.update({layer: option for layer in decision.layers if layer in treats})
        return found


def _option_of(layers: Sequence[LayerId], taken: Mapping[LayerId, str]) -> str:
    return next((taken[layer] for layer in layers if layer in taken), KEEP)
