"""The advisor's answer: whether the limit can be met, and a ranked plan whose sentences say why."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.benchmark.results import Estimate
from core.plan.plan import CompressionPlan
from core.search.advisor.question import DeviceAim, Question
from core.search.advisor.rules import Kind, Verdict

Chance = Literal["yes, surely", "likely", "unlikely", "no", "cannot tell"]
"""Whether a limit is met: with the whole band of the forecast, with its middle, with its best end
only, not even with that; or nothing can be said."""

Place = Literal["edge", "cloud", "either", "neither", "cannot tell"]
"""Where to compute."""

MEETS: tuple[Chance, ...] = ("yes, surely", "likely")

FORECAST = "forecast"
"""Stands in place of a rule's id where a sentence rests on the forecast."""
SIZES = "sizes"
"""The same for what is computed from the stored weights."""
NETWORK = "network"
"""The same for what follows from the network that was told."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentence(_Part):
    """Something that is said, and where it is known from."""

    text: str
    rule: str
    """Id of a rule, or FORECAST, SIZES or NETWORK."""
    evidence: str
    source: str = ""
    confidence: Literal["high", "medium", "low", "predicted"]


class UsePlan(_Part):
    """Put a plan into the editor."""

    kind: Literal["plan"] = "plan"
    plan: CompressionPlan


class ChooseTarget(_Part):
    """Aim at another device, or at another power mode of the same."""

    kind: Literal["target"] = "target"
    profile: str
    mode: str | None = None


class MakeEdit(_Part):
    """Change the model."""

    kind: Literal["edit"] = "edit"
    edit: dict[str, Any]
    """As core.edit.edits_file reads it."""


class AskSizes(_Part):
    """Ask for the sizes of the inputs: only a person knows them."""

    kind: Literal["sizes"] = "sizes"


Action = Annotated[UsePlan | ChooseTarget | MakeEdit | AskSizes, Field(discriminator="kind")]


class Outlook(_Part):
    """What is predicted of a suggestion; None where it cannot be."""

    latency_ms: Estimate | None = None
    memory_bytes: Estimate | None = None
    fits: bool | None = None
    file_bytes: int | None = None
    millijoules: Estimate | None = None
    """For one inference if the device draws its whole power budget: an upper limit."""
    chance: Chance = "cannot tell"
    """Of keeping the question's limit; “cannot tell” without one."""


class Suggestion(_Part):
    """One thing to do."""

    id: str
    """Of the approach, or of what it proposes."""
    title: str
    kind: Kind
    verdict: Verdict
    about: str = ""
    """What it is, where the title does not say it all."""
    sentences: tuple[Sentence, ...]
    """The most important first."""
    outlook: Outlook = Outlook()
    gain: tuple[float, float] | None = None
    """How many times as fast as `over` it was elsewhere: claimed by the rules, not predicted."""
    over: str = ""
    action: Action | None = None
    """What one click does; None where there is nothing to be done at once."""
    missing: str = ""
    """Why this version cannot do it; empty where it can."""

    @property
    def plan(self) -> CompressionPlan | None:
        """The plan that the action would use."""
        return self.action.plan if isinstance(self.action, UsePlan) else None


class SmallerModel(_Part):
    """The same model with fewer channels or a smaller input, as far as it would meet the limit."""

    change: Literal["resolution", "width"]
    scale: float
    """Of each side of the input, or of the number of channels."""
    sentence: Sentence
    outlook: Outlook
    action: Action | None = None
    missing: str = ""


class LargerDevice(_Part):
    """A device on which the model would meet the limit."""

    profile: str
    name: str
    approach: str
    """Label of what it would compute in."""
    watts: float | None
    """The most that it draws."""
    sentence: Sentence
    outlook: Outlook
    action: ChooseTarget


class FrameRate(_Part):
    """Whether a rate can be kept."""

    frames_per_second: float
    chance: Chance


class RealTime(_Part):
    """The first question: can this device keep the limit at all?"""

    limit_ms: float | None
    chance: Chance
    sentence: Sentence
    rates: tuple[FrameRate, ...]
    """For the usual rates of cameras."""
    smaller: tuple[SmallerModel, ...] = ()
    larger: tuple[LargerDevice, ...] = ()


class Way(_Part):
    """One way to get an answer: on the device, or in the cloud."""

    name: str
    milliseconds: Estimate | None
    """From the input to the answer."""
    frames_per_second: float | None
    """At most, where the network limits them."""
    chance: Chance


class EdgeOrCloud(_Part):
    """Where to compute, given the network."""

    advice: Place
    edge: Way
    cloud: Way
    sentences: tuple[Sentence, ...]


class RuledOut(_Part):
    """What does not pay here, or cannot be done, and why."""

    id: str
    title: str
    verdict: Literal["avoid", "block"]
    sentences: tuple[Sentence, ...]


class Advice(_Part):
    """Everything that the advisor says about a model on a device."""

    model_name: str
    profile: str
    profile_name: str
    mode: str | None
    """The power mode that the forecasts are for."""
    aim: DeviceAim
    question: Question
    real_time: RealTime
    suggestions: tuple[Suggestion, ...]
    """What has to be done first, then the formats of numbers by rank, then everything else."""
    ruled_out: tuple[RuledOut, ...]
    edge_or_cloud: EdgeOrCloud | None = None
    warnings: tuple[str, ...] = ()

    def suggestion(self, id: str) -> Suggestion | None:
        return next((each for each in self.suggestions if each.id == id), None)

    @property
    def formats(self) -> tuple[Suggestion, ...]:
        """The suggestions about formats of numbers, the best first."""
        return tuple(each for each in self.suggestions if each.kind == "numbers")
