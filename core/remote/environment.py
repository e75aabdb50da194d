"""The Python of a board: which one there is, what it has, and a private environment of ours."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata

from core.benchmark.sampling import Progress
from core.errors import BoardError
from core.remote.board import Board
from core.remote.connection import Connection

_NEEDED = ("numpy", "psutil", "pydantic")
_RUNTIMES = ("onnxruntime", "openvino")
_USEFUL = ("onnx", "pillow")
"""To tell which kernels ran, and to go from image to answer."""
_MAKE_SECONDS = 60.0
_OPTIONS = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
_NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_WHERE = 'for name in "$@"; do command -v "$name"; done; exit 0'
_PROBE = """
import importlib.util, json, sys
found = {}
try:
    from importlib.metadata import distributions
    for one in distributions():
        name = one.metadata["Name"]
        if name:
            found[name.lower().replace("_", "-")] = one.version
except ImportError:
    pass
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "packages": {name: found[name] for name in sys.argv[1:] if name in found},
    "can_make": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
}))
"""
"""For any Python from 3.4 on."""


@dataclass(frozen=True)
class BoardPython:
    """An interpreter on a board."""

    path: str
    version: tuple[int, ...]
    packages: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of those that matter: name to version."""
    can_make: bool = False
    """Whether it can make an environment."""

    @property
    def new_enough(self) -> bool:
        return self.version >= oldest_python()

    @property
    def runtimes(self) -> dict[str, str]:
        return {name: self.packages[name] for name in _RUNTIMES if name in self.packages}

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be installed before models can be run with it."""
        lacking = tuple(name for name in _NEEDED if name not in self.packages)
        return lacking if self.runtimes else (*lacking, " or ".join(_RUNTIMES))

    @property
    def ready(self) -> bool:
        return self.new_enough and not self.missing

    @property
    def words(self) -> str:
        return f"Python {'.'.join(str(number) for number in self.version)} ({self.path})"


def oldest_python() -> tuple[int, ...]:
    """What Edgewright itself needs, on a board as here."""
    asked = metadata.metadata("edgewright")["Requires-Python"]
    return tuple(int(number) for number in re.findall(r"\d+", asked))


def requirements() -> tuple[str, ...]:
    """What is installed on a board, in the versions that are used here."""
    wanted = {*_NEEDED, *_RUNTIMES, *_USEFUL}
    asked = (text for text in metadata.requires("edgewright") or () if "extra ==" not in text)
    return tuple(text for text in asked if _name_of(text) in wanted)


def find_python(connection: Connection) -> BoardPython | None:
    """The best there is: ready, else new enough, else any; None without Python."""
    return _best(connection, _candidates(connection))


def _best(connection: Connection, paths: Sequence[str]) -> BoardPython | None:
    best: BoardPython | None = None
    for path in paths:
        found = _probe(connection, path)
        if found is None:
            continue
        if found.ready:
            return found
        if best is None or (found.new_enough, found.can_make) > (best.new_enough, best.can_make):
            best = found
    return best


def ready_python(connection: Connection) -> BoardPython:
    """Raises BoardError that says what is missing and how it gets there."""
    found = find_python(connection)
    if found is not None and found.ready:
        return found
    why = "It has no Python." if found is None else _lacks(found)
    raise BoardError(
        f"“{connection.board.name}” cannot run models yet.", why, remedy_for(connection.board)
    )


def remedy_for(board: Board) -> str:
    return (
        "Let Edgewright install what is missing in a folder of its own there: "
        f"edgewright devices prepare {board.name}."
    )


def make_environment(
    connection: Connection, progress: Progress, check_cancelled: Callable[[], None]
) -> BoardPython:
    """Install what is needed in a folder of ours; the person has agreed to it.

    Raises BoardError, and what `check_cancelled` raises; then nothing runs there any more.
    """
    place = _own_environment(connection)
    paths = [path for path in _candidates(connection) if not path.startswith(place)]
    base = _best(connection, paths)
    if base is None or not base.new_enough or not base.can_make:
        raise _no_base(connection.board, base)
    made = connection.run([base.path, "-m", "venv", "--clear", place], timeout=_MAKE_SECONDS)
    if made.rc:
        raise _failed(connection.board, (made.out + made.err).splitlines())
    said: list[str] = []
    pip = [f"{place}/bin/python", "-m", "pip", "install", *_OPTIONS, *requirements()]
    process = connection.start(pip, said.append)

    def look() -> None:
        check_cancelled()
        progress(*_how_far(said), said[-1].strip()[:100] if said else "Starting pip")

    if process.wait(look):
        raise _failed(connection.board, said)
    return ready_python(connection)


def _how_far(said: list[str]) -> tuple[float, float]:
    """pip first collects every package, then installs all at once."""
    collected = sum(line.startswith("Collecting ") for line in said)
    return float(min(collected, len(requirements()))), len(requirements()) + 1.0


def _candidates(connection: Connection) -> list[str]:
    board = connection.board
    if board.python:
        return [board.python]
    names = [f"{_own_environment(connection)}/bin/python", *_NAMES]
    return list(dict.fromkeys(connection.run(["sh", "-c", _WHERE, "sh", *names]).out.split("\n")))


def _own_environment(connection: Connection) -> str:
    """Named by what is in it: a newer Edgewright with other versions makes another."""
    digest = hashlib.sha256("\n".join(requirements()).encode()).hexdigest()
    return f"{connection.folder}/environment-{digest[:12]}"


def _probe(connection: Connection, path: str) -> BoardPython | None:
    if not path:
        return None
    names = (*_NEEDED, *_RUNTIMES, *_USEFUL)
    done = connection.run([path, "-c", _PROBE, *names])
    try:
        said = json.loads(done.out)
        return BoardPython(
            path=path,
            version=tuple(int(number) for number in said["version"]),
            packages={str(name): str(said["packages"][name]) for name in said["packages"]},
            can_make=bool(said["can_make"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _lacks(found: BoardPython) -> str:
    if not found.new_enough:
        oldest = ".".join(str(number) for number in oldest_python())
        return f"It has {found.words}, and {oldest} or newer is needed."
    return f"{found.words} has no {', no '.join(found.missing)}."


def _no_base(board: Board, base: BoardPython | None) -> BoardError:
    oldest = ".".join(str(number) for number in oldest_python())
    if base is not None and base.new_enough:
        return BoardError(
            f"No environment can be made on “{board.name}”.",
            f"{base.words} has no venv.",
            "On the board: sudo apt install python3-venv",
        )
    return BoardError(
        f"“{board.name}” has no Python that is new enough.",
        f"{_lacks(base) if base else f'Python {oldest} or newer is needed.'}",
        f"Install Python {oldest} or newer on the board, or a newer system.",
    )


def _failed(board: Board, lines: list[str]) -> BoardError:
    last = " / ".join(line.strip() for line in lines[-3:] if line.strip())
    return BoardError(
        f"What is needed could not be installed on “{board.name}”.",
        f"pip says: {last[:400] or 'nothing'}",
        "Check the board’s way to the internet and its free space, then try again.",
    )


def _name_of(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found[0].lower() if found else ""
