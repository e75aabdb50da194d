"""Writes the JSON schema of every command's answer: `python -m core.commands.schemas FOLDER`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.commands import commands

ERROR = "error"
"""Name of the schema of what --json prints instead when a command fails."""


class ErrorWords(BaseModel):
    """Why a command failed, in plain sentences."""

    model_config = ConfigDict(extra="forbid")

    what: str
    why: str
    remedy: str
    code: int
    """The exit code."""


class ErrorAnswer(BaseModel):
    """What --json prints when a command fails."""

    model_config = ConfigDict(extra="forbid")

    error: ErrorWords


def schemas() -> Mapping[str, dict[str, Any]]:
    """Command name to its schema, and that of a failure."""
    types = {command.name: command.outcome_type for command in commands()}
    return {
        name: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **outcome_type.model_json_schema(mode="serialization"),
        }
        for name, outcome_type in {**types, ERROR: ErrorAnswer}.items()
    }


def text_of(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    for name, schema in schemas().items():
        (folder / f"{name}.json").write_text(text_of(schema), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
