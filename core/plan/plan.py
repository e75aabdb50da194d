"""CompressionPlan: which technique does what to which layer, in which order, and how to run it."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from core.model.graph import LayerId
from core.parameters import Value
from core.techniques import techniques

Options = Mapping[str, Value]
"""A technique's option values by name; what is missing takes the technique's default."""


class Step(BaseModel):
    """One technique over the model.

    `default` holds the options for every layer that the technique can treat and that is not in
    `layers`; None leaves those layers alone. An entry of `layers` overrides it for one layer,
    None again meaning: leave alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    technique: str
    default: dict[str, Value] | None = None
    layers: dict[str, dict[str, Value] | None] = Field(default_factory=dict)

    def options_for(self, layer: LayerId) -> Options | None:
        """The options that apply to a layer, or None where the step leaves it alone."""
        return self.layers.get(layer, self.default)

    def with_layer(self, layer: LayerId, options: Options | None) -> Self:
        chosen = None if options is None else dict(options)
        return self.model_copy(update={"layers": {**self.layers, layer: chosen}})


def prepares(technique: str) -> bool:
    """Whether a technique only prepares a model for others and leaves its number format."""
    return technique in techniques() and not techniques()[technique].stores_numbers


class RuntimeChoice(BaseModel):
    """Which runtime executes the model, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runtime: str
    """Name of a runtime in core.runtimes, e.g. “openvino”."""
    precision: str = "auto"
    """What the runtime may compute in: auto (its own default), f32, tf32, bf16 or f16."""
    threads: int = 0
    """Of all streams together; 0 leaves the choice to the runtime."""
    streams: int = 1
    """Inferences that run at the same time."""
    batch: int = 1
    """Inputs in one inference; more than 1 asks for a model whose batch is free or just this."""


class CompressionPlan(BaseModel):
    """An ordered list of steps plus the runtime. Immutable; a change returns a new plan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "Plan"
    steps: tuple[Step, ...] = ()
    runtime: RuntimeChoice | None = None

    def step(self, technique: str) -> Step | None:
        """The first step of a technique, or None."""
        return next((step for step in self.steps if step.technique == technique), None)

    def choice(self, layer: LayerId) -> tuple[str, Options] | None:
        """What chooses a layer's numbers, as (technique, options); None means: kept as is.

        Steps that prepare a model for others are no such choice.
        """
        for step in self.steps:
            if prepares(step.technique):
                continue
            if (options := step.options_for(layer)) is not None:
                return step.technique, options
        return None

    def with_choice(self, layer: LayerId, technique: str | None, options: Options) -> Self:
        """Treat a layer with one technique only; `technique` None keeps the layer as it is.

        Steps that prepare a model for others stay as they are.
        """
        steps = [
            step.with_layer(layer, options if step.technique == technique else None)
            if step.technique == technique or not prepares(step.technique)
            else step
            for step in self.steps
        ]
        if technique is not None and self.step(technique) is None:
            steps.append(Step(technique=technique).with_layer(layer, options))
        return self.model_copy(update={"steps": tuple(steps)})
