"""The closed set of events that a job sends; the window, the command line and tests read these.

Each event is one JSON object on one line. A job sends `started` first and exactly one of
`finished`, `failed` or `cancelled` last.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: float = 0.0
    """Seconds since the job started, from a monotonic clock."""


class Started(_Event):
    """The worker runs. `steps` lists the names of the steps to come, in order, for people."""

    type: Literal["started"] = "started"
    kind: str
    pid: int
    steps: tuple[str, ...] = ()


class Step(_Event):
    """A new step began; `index` counts from 0 within `total`."""

    type: Literal["step"] = "step"
    index: int
    total: int
    title: str


class Progress(_Event):
    """How far the current step is. `seconds_left` is for the whole job, None when not known."""

    type: Literal["progress"] = "progress"
    done: float
    total: float
    unit: str = ""
    text: str = ""
    fraction: float = 0.0
    """Share of the whole job that is done, 0 to 1."""
    seconds_left: float | None = None


class Note(_Event):
    """Something worth knowing that is no failure."""

    type: Literal["note"] = "note"
    level: Literal["info", "warning"] = "info"
    text: str


class Artifact(_Event):
    """A file was written; `path` is relative to the run folder."""

    type: Literal["artifact"] = "artifact"
    name: str
    path: str


class Measured(_Event):
    """A figure exists and has been saved; `result` is the JSON form of a core result type."""

    type: Literal["measured"] = "measured"
    what: str
    """Its key: names it for good."""
    result: dict[str, Any]
    title: str = ""
    """For people, where the key says too little."""


class Finished(_Event):
    """The job succeeded; `outcome` is the JSON form of the job kind's outcome type."""

    type: Literal["finished"] = "finished"
    outcome: dict[str, Any]


class Failed(_Event):
    """The job failed; `code` is the exit code of the command line."""

    type: Literal["failed"] = "failed"
    what: str
    why: str
    remedy: str
    code: int = 2
    step: str = ""
    log: tuple[str, ...] = ()
    """The last lines of the worker's log, where they help to understand the failure."""
    defect: bool = False
    """True when this is a fault of Edgewright itself rather than of the input."""


class Cancelled(_Event):
    """The person stopped the job."""

    type: Literal["cancelled"] = "cancelled"


Event = Started | Step | Progress | Note | Artifact | Measured | Finished | Failed | Cancelled
LastEvent = Finished | Failed | Cancelled
"""Exactly one of these ends a job."""

_ADAPTER: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def event_from_json(line: str | bytes) -> Event:
    """Read one line; raises pydantic.ValidationError for anything that is no event."""
    return _ADAPTER.validate_json(line)


def json_from_event(event: Event) -> str:
    """One line without its line break."""
    return event.model_dump_json()
