"""Brings project files of older versions to the present one, step by step."""

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import InputError
from core.project.state import VERSION

Content = dict[str, Any]
"""project.json as plain data."""


def add_edits(content: Content) -> Content:
    """Version 2 remembers edits of the model, which a program for version 1 cannot read."""
    return {"edits": [], **content}


def add_target(content: Content) -> Content:
    """Version 3 remembers the device that the model is made for."""
    return {"target": None, **content}


def add_metric(content: Content) -> Content:
    """Version 4 remembers what the limit of accuracy is about."""
    return {"metric": "", **content}


MIGRATIONS: Mapping[int, Callable[[Content], Content]] = {
    1: add_edits,
    2: add_target,
    3: add_metric,
}
"""Version to the function that makes the next version of it."""


def migrate(
    content: Content,
    *,
    to: int = VERSION,
    migrations: Mapping[int, Callable[[Content], Content]] = MIGRATIONS,
) -> Content:
    """The same project as a file of version `to` says it. Raises InputError when it is newer."""
    version = content.get("version")
    if not isinstance(version, int) or version < 1:
        raise InputError(
            "This project cannot be opened.",
            f"Its project file says version {version!r}, which never existed.",
            "Take the project file back from a copy.",
        )
    if version > to:
        raise InputError(
            "This project cannot be opened.",
            f"It was saved by a newer Edgewright (project version {version}, known is {to}).",
            "Install the newest Edgewright, or make a new project.",
        )
    for step in range(version, to):
        content = {**migrations[step](content), "version": step + 1}
    return content
