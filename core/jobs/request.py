"""The file that says what a run is to do, and the key by which equal requests are recognized."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, cast

from core.errors import InputError
from core.jobs.folders import REQUEST_FILE, write_atomically
from core.plain import Data, json_of, plain_of, value_of

_WHERE_IT_GOES_ON = "resume"
"""The field of a request that names an interrupted run; it does not change what is asked for."""


@dataclass(frozen=True)
class RunRequest:
    """What request.json holds."""

    kind: str
    request: dict[str, Any]
    key: str
    """Equal for equal requests."""
    created_at: str
    """ISO 8601 with the UTC offset."""
    edgewright: str
    """Version of the program."""
    parent: str | None = None
    """Name of the run that this one grew from."""
    has_secrets: bool = False
    """Whether passwords follow on the worker's stdin; what they are stands nowhere."""


def run_request(kind: str, request: Data, parent: str | None = None) -> RunRequest:
    from datetime import UTC, datetime
    from importlib.metadata import version

    return RunRequest(
        kind=kind,
        request=plain_of(request),
        key=request_key(kind, request),
        created_at=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        edgewright=version("edgewright"),
        parent=parent,
    )


def request_key(kind: str, request: Data) -> str:
    """Equal for equal requests on unchanged files. Looks at files' sizes and dates only."""
    import hashlib

    content: dict[str, Any] = plain_of(request)
    content.pop(_WHERE_IT_GOES_ON, None)
    files = {
        name: _state_of(value)
        for name, value in _values(request)
        if isinstance(value, Path) and name != _WHERE_IT_GOES_ON
    }
    text = json.dumps([kind, content, files], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _values(request: Data) -> Iterator[tuple[str, object]]:
    if is_dataclass(request):
        return ((field.name, getattr(request, field.name)) for field in fields(request))
    return iter(cast("Iterator[tuple[str, object]]", request))


def _state_of(path: Path) -> list[int]:
    """Count, bytes and last change of a file or of all files in a folder; zeros for neither."""
    found = [path, *path.rglob("*")] if path.is_dir() else [path] if path.is_file() else []
    states = [file.lstat() for file in found]
    newest = max((state.st_mtime_ns for state in states), default=0)
    return [len(states), sum(state.st_size for state in states), newest]


def write_request(folder: Path, request: RunRequest) -> None:
    write_atomically(folder / REQUEST_FILE, json_of(request, indent=2).encode())


def read_request(folder: Path) -> RunRequest:
    """Raises InputError when the folder holds no readable request."""
    try:
        return value_of(RunRequest, json.loads((folder / REQUEST_FILE).read_bytes()))
    except (OSError, ValueError) as error:
        raise InputError(
            f"“{folder}” is not a run of Edgewright.",
            f"Its {REQUEST_FILE} cannot be read ({type(error).__name__}).",
            "Remove the folder, or take it back from a copy.",
        ) from error
