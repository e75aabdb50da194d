"""Reads JSON files of others: bounded, and refused in plain words."""

import json
from pathlib import Path
from typing import cast

from core.model.onnx_file import broken, unreadable

LARGEST = 512 << 20

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def read_json(path: Path) -> Json:
    """Raises InputError for a file that is cut off, endless or nested without end."""
    try:
        if path.stat().st_size > LARGEST:
            raise broken(path, f"Its text is longer than {LARGEST >> 20} MB.")
        return parse_json(path.read_bytes(), path)
    except OSError as error:
        raise unreadable(path, error) from error


def parse_json(content: bytes, path: Path) -> Json:
    """The JSON in `content`, which comes from `path`. Raises InputError."""
    try:
        return cast("Json", json.loads(content))
    except (ValueError, RecursionError) as error:
        raise broken(path, f"Its JSON cannot be understood: {error}.") from error


def first_json(content: bytes) -> Json:
    """The JSON that `content` begins with, whatever follows it; None where there is none."""
    try:
        text = content.partition(b"\0")[0].decode(errors="replace")
        found, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return cast("Json", found)


def texts_in(value: Json) -> dict[str, str]:
    """The plain entries of an object as text: settings of a layer; objects within are left out."""
    if not isinstance(value, dict):
        return {}
    return {key: _text(entry) for key, entry in value.items() if _is_plain(entry)}


def _is_plain(value: Json) -> bool:
    if isinstance(value, list):
        return len(value) <= 64 and all(not isinstance(entry, dict) for entry in value)
    return value is not None and not isinstance(value, dict)


def _text(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(_text(entry) for entry in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
