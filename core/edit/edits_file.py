"""Reads and writes lists of edits as JSON files that people can edit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from core.edit.kinds import AnyEdit
from core.edit.kinds.base import Edit
from core.errors import InputError
from core.jobs.folders import write_atomically


class EditList(BaseModel):
    """Edits in the order in which they are made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edits: tuple[AnyEdit, ...] = ()


def write_edits(edits: EditList, path: Path) -> None:
    """Write a list; the file is old or new, never broken. Raises UserError."""
    write_atomically(path, edits.model_dump_json(indent=2).encode() + b"\n")


def edits_from(data: Sequence[Mapping[str, object]]) -> tuple[Edit, ...]:
    """Edits from plain data. Raises InputError that names every wrong field at once."""
    try:
        return EditList.model_validate({"edits": tuple(data)}).edits
    except ValidationError as error:
        raise _unusable("The list of edits", error) from error


def read_edits(path: Path) -> EditList:
    """Read a list. Raises InputError that names every wrong field at once."""
    try:
        return EditList.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(
            f"The edits {path.name} could not be read.",
            f"{error.strerror}.",
            "Check the path, and that you may read the file.",
        ) from error
    except ValidationError as error:
        raise _unusable(path.name, error) from error


def _unusable(name: str, error: ValidationError) -> InputError:
    return InputError(
        f"{name} cannot be used.",
        " ".join(
            f"{'.'.join(str(part) for part in entry['loc']) or 'The file'}: {entry['msg']}."
            for entry in error.errors()
        ),
        "Correct these fields; the README lists the edits.",
    )
