"""Reads and writes project.json."""

import json
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from core.errors import InputError
from core.jobs.folders import write_atomically
from core.project.migration import Content, migrate
from core.project.state import VERSION, ProjectState

PROJECT_FILE = "project.json"


def read_state(folder: Path) -> tuple[ProjectState, Content | None]:
    """The state, and the file's content where an older version wrote it. Raises InputError."""
    path = folder / PROJECT_FILE
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("it is not an object")
        content = cast("Content", content)
        state = ProjectState.model_validate(migrate(content))
    except (OSError, ValueError) as error:
        raise InputError(
            f"The project “{folder.name}” cannot be opened.",
            f"Its {PROJECT_FILE} is damaged: {first_fault(error)}.",
            "Take that file back from a copy, or make a new project; the runs are unharmed.",
        ) from error
    return state, content if content["version"] != VERSION else None


def write_state(folder: Path, state: ProjectState) -> None:
    """Raises UserError; the old file stays then."""
    write_atomically(folder / PROJECT_FILE, state.model_dump_json(indent=2).encode())


def write_older_state(folder: Path, content: Content) -> None:
    """Keep the file of an older version beside the migrated one."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    write_atomically(folder / f"project.version-{content['version']}.json", text.encode())


def first_fault(error: Exception) -> str:
    """What is wrong first, with the name of the field where it is known."""
    if isinstance(error, ValidationError):
        fault = error.errors()[0]
        return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
    return str(error)
