"""The closed set of events that a job sends; the window, the command line and tests read these.

Each event is one JSON object on one line. A job sends `started` first and exactly one of
`finished`, `failed` or `cancelled` last.
"""

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

from core.plain import json_of, plain_of, value_of


@dataclass(frozen=True, kw_only=True)
class _Event:
    type: ClassVar[str]
    at: float = 0.0
    """Seconds since the job started, from a monotonic clock."""


@dataclass(frozen=True, kw_only=True)
class Started(_Event):
    """The worker runs. `steps` lists the names of the steps to come, in order, for people."""

    type: ClassVar[str] = "started"
    kind: str
    pid: int
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step(_Event):
    """A new step began; `index` counts from 0 within `total`."""

    type: ClassVar[str] = "step"
    index: int
    total: int
    title: str


@dataclass(frozen=True, kw_only=True)
class Progress(_Event):
    """How far the current step is. `seconds_left` is for the whole job, None when not known."""

    type: ClassVar[str] = "progress"
    done: float
    total: float
    unit: str = ""
    text: str = ""
    fraction: float = 0.0
    """Share of the whole job that is done, 0 to 1."""
    seconds_left: float | None = None


@dataclass(frozen=True, kw_only=True)
class Note(_Event):
    """Something worth knowing that is no failure."""

    type: ClassVar[str] = "note"
    level: Literal["info", "warning"] = "info"
    text: str


@dataclass(frozen=True, kw_only=True)
class Artifact(_Event):
    """A file was written; `path` is relative to the run folder."""

    type: ClassVar[str] = "artifact"
    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Measured(_Event):
    """A figure exists and has been saved; `result` is the JSON form of a core result type."""

    type: ClassVar[str] = "measured"
    what: str
    """Its key: names it for good."""
    result: dict[str, Any]
    title: str = ""
    """For people, where the key says too little."""


@dataclass(frozen=True, kw_only=True)
class Finished(_Event):
    """The job succeeded; `outcome` is the JSON form of the job kind's outcome type."""

    type: ClassVar[str] = "finished"
    outcome: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Failed(_Event):
    """The job failed; `code` is the exit code of the command line."""

    type: ClassVar[str] = "failed"
    what: str
    why: str
    remedy: str
    code: int = 2
    error: str = ""
    """Name of the type of UserError, for whoever does something of its own about it."""
    step: str = ""
    log: tuple[str, ...] = ()
    """The last lines of the worker's log, where they help to understand the failure."""
    defect: bool = False
    """True when this is a fault of Edgewright itself rather than of the input."""


@dataclass(frozen=True, kw_only=True)
class Cancelled(_Event):
    """The person stopped the job."""

    type: ClassVar[str] = "cancelled"


Event = Started | Step | Progress | Note | Artifact | Measured | Finished | Failed | Cancelled
LastEvent = Finished | Failed | Cancelled
"""Exactly one of these ends a job."""

_TYPES: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (Started, Step, Progress, Note, Artifact, Measured, Finished, Failed, Cancelled)
}


def event_from_json(line: str | bytes) -> Event:
    """Read one line; raises ValueError for anything that is no event."""
    try:
        plain: object = json.loads(line)
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    told = cast("dict[str, object]", plain if isinstance(plain, dict) else {})
    kind = _TYPES.get(str(told.get("type")))
    if kind is None:
        raise ValueError("It names no type of event.")
    return value_of(kind, told)


def json_from_event(event: Event) -> str:
    """One line without its line break."""
    return json_of({**plain_of(event), "type": event.type})
