"""Reads and writes plans as JSON files that people can edit."""

from pathlib import Path

from pydantic import ValidationError

from core.errors import InputError
from core.jobs.folders import write_atomically
from core.plan.plan import CompressionPlan


def write_plan(plan: CompressionPlan, path: Path) -> None:
    """Write a plan; the file is old or new, never broken. Raises UserError."""
    write_atomically(path, plan.model_dump_json(indent=2).encode() + b"\n")


def read_plan(path: Path) -> CompressionPlan:
    """Read a plan. Raises InputError that names every wrong field at once."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The plan {path.name} could not be read.",
            f"{error.strerror}.",
            "Check the path, and that you may read the file.",
        ) from error
    try:
        return CompressionPlan.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            f"{path.name} is not a plan that can be used.",
            " ".join(
                f"{'.'.join(str(part) for part in entry['loc']) or 'The file'}: {entry['msg']}."
                for entry in error.errors()
            ),
            "Correct these fields, or save the plan again from Edgewright.",
        ) from error
