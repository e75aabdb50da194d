"""Runs the scripts that look at a board, and takes what they say apart."""

from functools import cache
from importlib import resources

from core.remote.connection import Connection

_MARK = "=="


@cache
def script(name: str) -> str:
    """The text of a script for a board's shell, from resources/jetson."""
    return (resources.files("resources") / "jetson" / f"{name}.sh.txt").read_text(encoding="utf-8")


def parts_from(connection: Connection, name: str, *arguments: str) -> dict[str, str]:
    """Run a script and give what it says, by the names of its parts."""
    ran = connection.run(["sh", "-c", script(name), "edgewright", *arguments])
    return parts_of(ran.out)


def parts_of(text: str) -> dict[str, str]:
    """The text after each line “==NAME”, without space around it."""
    found: dict[str, str] = {}
    for part in f"\n{text}".split(f"\n{_MARK}")[1:]:
        name, _, body = part.partition("\n")
        found[name.strip()] = body.strip()
    return found
