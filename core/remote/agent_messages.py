"""What is said to the agent on a board and what it answers; one JSON object on one line."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from core.benchmark.contender_process import Contender
from core.benchmark.messages import Done, Evaluate, Evaluating, Loaded, Message
from core.benchmark.samples import TimedBlock
from core.devices.base import DeviceFacts, DeviceState
from core.runtimes.base import ExecutedLayer


class Failure(Message):
    """Why something could not be done, for people."""

    type: Literal["failure"] = "failure"
    what: str
    why: str
    remedy: str
    died: bool = False
    """A contender's process died of it."""


class Describe(Message):
    """Answer: Described."""

    type: Literal["describe"] = "describe"


class Described(Message):
    type: Literal["described"] = "described"
    facts: DeviceFacts
    versions: dict[str, str]
    """Of the libraries there that figures can depend on."""


class Look(Message):
    """Answer: Looked."""

    type: Literal["look"] = "look"


class Looked(Message):
    type: Literal["looked"] = "looked"
    state: DeviceState


class Gather(Message):
    """Begin with an empty lineup; the one before it is dismissed. Answer: Done."""

    type: Literal["gather"] = "gather"
    block_seconds: float
    pause_seconds: float
    warm_blocks: int


class Prepare(Message):
    """Start the processes of contenders. Answer: Done."""

    type: Literal["prepare"] = "prepare"
    contenders: tuple[Contender, ...]


class Start(Message):
    """Load and warm up one that was prepared. Answer: Started."""

    type: Literal["start"] = "start"
    contender: Contender
    feeds: Path | None


class Started(Message):
    type: Literal["started"] = "started"
    loaded: Loaded | None
    """None when it failed."""
    steady: bool = False
    failure: Failure | None = None


class Round(Message):
    """One block of everybody. Answer: Taken."""

    type: Literal["round"] = "round"
    process: int
    number: int


class Taken(Message):
    type: Literal["taken"] = "taken"
    blocks: tuple[TimedBlock, ...]
    failures: dict[str, Failure]
    """Contenders that failed up to now."""


class Learn(Message):
    """Ask a live contender about itself. Answer: Learnt."""

    type: Literal["learn"] = "learn"
    contender: str
    layers: bool


class Learnt(Message):
    type: Literal["learnt"] = "learnt"
    peak_bytes: int = 0
    layers: tuple[ExecutedLayer, ...] = ()
    latency_ms: float = 0.0


class Dismiss(Message):
    """End all contenders. Answer: Done."""

    type: Literal["dismiss"] = "dismiss"


class Errand(Message):
    """Start one contender by itself, let it infer all inputs, end it.

    Answers: Evaluating now and then, then Done.
    """

    type: Literal["errand"] = "errand"
    contender: Contender
    feeds: Path | None
    work: Evaluate


Request = Describe | Look | Gather | Prepare | Start | Round | Learn | Dismiss | Errand
Answer = Described | Looked | Started | Taken | Learnt | Evaluating | Done | Failure

_REQUESTS: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="type")])
_ANSWERS: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="type")])


def request_from_json(line: str) -> Request:
    """Raises pydantic.ValidationError for anything that is no request."""
    return _REQUESTS.validate_json(line)


def answer_from_json(line: str) -> Answer:
    """Raises pydantic.ValidationError for anything that is no answer."""
    return _ANSWERS.validate_json(line)
