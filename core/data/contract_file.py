"""Reads a preprocessing contract from a JSON or TOML file."""

import json
import tomllib
from pathlib import Path

from pydantic import ValidationError

from core.data.contract import PreprocessingContract
from core.errors import InputError


def read_contract(path: Path) -> PreprocessingContract:
    """Raises InputError that tells everything that is wrong with the file."""
    try:
        text = path.read_text(encoding="utf-8")
        fields = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        return PreprocessingContract.model_validate(fields)
    except OSError as error:
        raise _unusable(path, f"The computer says: {error.strerror or error}.") from error
    except ValidationError as error:
        raise _unusable(path, " ".join(_sentences(error))) from error
    except ValueError as error:  # not UTF-8, not JSON, not TOML
        raise _unusable(path, f"It is no JSON or TOML: {error}.") from error


def _sentences(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in problem['loc']) or 'It'}: "
        f"{problem['msg'].removeprefix('Value error, ')}."
        for problem in error.errors()
    ]


def _unusable(path: Path, why: str) -> InputError:
    return InputError(
        f"“{path.name}” is no usable preprocessing contract.",
        why,
        f"Give a file with fields such as width, height, mean and std; all are: {_FIELDS}.",
    )


_FIELDS = ", ".join(PreprocessingContract.model_fields)
