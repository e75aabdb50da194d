"""The agent's program: the source of this very engine, put on a board once for each version."""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from core.errors import BoardError
from core.remote.connection import BytesProgress, Connection

_ALWAYS_THE_SAME = (1980, 1, 1, 0, 0, 0)
_START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('core.remote.agent', run_name='__main__')"
)
_UNPACK = """set -e
rm -rf -- "$3"
"$1" -m zipfile -e "$2" "$3"
mv -T -- "$3" "$4" || [ -d "$4" ]
rm -rf -- "$2" "$3"
"""


@dataclass(frozen=True)
class _Program:
    name: str
    """Hex digits of what is in it."""
    content: bytes


def agent_command(python: str, folder: str) -> list[str]:
    """Starts the agent that `install_agent` put into this folder."""
    return [python, "-P", "-c", _START, folder]


def install_agent(
    connection: Connection,
    python: str,
    progress: BytesProgress = lambda done, total: None,
) -> str:
    """Copy the program to the board unless it is there; returns its folder. Raises BoardError."""
    program = _program()
    place = f"{connection.folder}/agent-{program.name}"
    if connection.run(["test", "-d", place]).rc == 0:
        return place
    packed = f"{place}.zip"
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        file = Path(folder) / "agent.zip"
        file.write_bytes(program.content)
        connection.put(file, packed, progress)
    made = connection.run(["sh", "-c", _UNPACK, "sh", python, packed, f"{place}.new", place])
    if made.rc:
        raise BoardError(
            f"Edgewright’s agent cannot be unpacked on “{connection.board.name}”.",
            f"It says: {made.err.strip()[-300:] or 'nothing'}",
            "Check the free space on the board.",
        )
    return place


@cache
def _program() -> _Program:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in _sources(resources.files("core"), "core"):
            archive.writestr(zipfile.ZipInfo(name, _ALWAYS_THE_SAME), source.read_bytes())
    content = packed.getvalue()
    return _Program(hashlib.sha256(content).hexdigest()[:16], content)


def _sources(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from _sources(entry, path)
        elif entry.name.endswith(".py"):
            yield path, entry
