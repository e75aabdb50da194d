"""What is said to a contender's process and what it answers; one JSON object on one line."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from core.data.contract import PreprocessingContract
from core.plan.plan import RuntimeChoice
from core.runtimes.base import ExecutedLayer

DEFAULT_INFERENCES = 5
"""Counted for a report."""


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Load(Message):
    """Compile a model and run it once; the first thing to be asked. Answer: Loaded."""

    type: Literal["load"] = "load"
    model: str
    choice: RuntimeChoice
    feeds: str | None = None
    """A .npy file of inputs without batch, (samples, …), or a folder of named tensors.

    None means made-up inputs.
    """


class Block(Message):
    """Infer again and again for some seconds. Answer: Timed."""

    type: Literal["block"] = "block"
    seconds: float


class Evaluate(Message):
    """Infer every input once. Answers: Evaluating now and then, then Done."""

    type: Literal["evaluate"] = "evaluate"
    inputs: str
    """What core.data.inputs.InputSet reads: a .npy file of rows, or a folder of named tensors."""
    outputs: str
    """The folder to write: all outputs, as core.data.tensors.TensorWriter lays them out."""


class Walk(Message):
    """Go from image to answer, one image after the other. Answer: Walked."""

    type: Literal["walk"] = "walk"
    data: str
    """A folder or zip of images."""
    contract: PreprocessingContract
    images: int
    """How many at most."""


class Report(Message):
    """Compile once more with counters and say what ran. Answer: Reported."""

    type: Literal["report"] = "report"
    inferences: int = Field(default=DEFAULT_INFERENCES, ge=1)
    """To count, after those that warm up."""


class Memory(Message):
    """Answer: MemoryUsed."""

    type: Literal["memory"] = "memory"


class Loaded(Message):
    type: Literal["loaded"] = "loaded"
    compile_ms: float
    first_ms: float
    threads: int
    version: str
    notes: tuple[str, ...] = ()
    power_covers: str = ""
    """What the watts of blocks belong to: “the processor (RAPL)”."""
    power_missing: str = ""
    """Why there are none, and what to do."""


class Timed(Message):
    type: Literal["timed"] = "timed"
    samples_ms: tuple[float, ...]
    """One number for each inference, in order; with several streams one stream after another."""
    rate: float = 0.0
    """Inferences a second while all streams were busy."""
    cores: float = 0.0
    """Processor seconds of the process in a second, while it was timed."""
    watts: float | None = None
    """Mean power meanwhile; None where it cannot be measured."""


class Evaluating(Message):
    type: Literal["evaluating"] = "evaluating"
    done: int
    total: int


class Walked(Message):
    """One number for each image."""

    type: Literal["walked"] = "walked"
    preparing_ms: tuple[float, ...]
    inference_ms: tuple[float, ...]
    reading_ms: tuple[float, ...]
    answer: str
    """What was read from the answer; empty where it is used as it is."""


class Done(Message):
    type: Literal["done"] = "done"


class Reported(Message):
    type: Literal["reported"] = "reported"
    layers: tuple[ExecutedLayer, ...]
    latency_ms: float
    """Median of one inference with counters."""


class MemoryUsed(Message):
    type: Literal["memory-used"] = "memory-used"
    peak_bytes: int


class Refused(Message):
    """It cannot be done, for a reason that a person can understand."""

    type: Literal["refused"] = "refused"
    what: str
    why: str
    remedy: str


Request = Load | Block | Evaluate | Walk | Report | Memory
Answer = Loaded | Timed | Walked | Evaluating | Done | Reported | MemoryUsed | Refused

_REQUESTS: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="type")])
_ANSWERS: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="type")])


def request_from_json(line: str) -> Request:
    """Raises pydantic.ValidationError for anything that is no request."""
    return _REQUESTS.validate_json(line)


def answer_from_json(line: str) -> Answer:
    """Raises pydantic.ValidationError for anything that is no answer."""
    return _ANSWERS.validate_json(line)
