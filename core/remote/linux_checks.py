"""What is looked at on a Linux board before models are run on it."""

from collections.abc import Callable, Iterator

from core.remote.checks import Check, CheckState
from core.remote.connection import Connection
from core.remote.environment import find_python, oldest_python, remedy_for
from core.remote.linux_facts import (
    board_model,
    free_disk,
    governor,
    load,
    memory,
    processors,
    system_name,
    temperature,
)

_LEAST_MEMORY = 0.5e9
_LEAST_DISK = 1.5e9
_HOT_CELSIUS = 75.0
_BUSY_SHARE = 0.5
_STEADY_GOVERNORS = frozenset({"performance"})
_TOOLS = ("setsid", "timeout", "sha256sum", "df", "nproc")
_ABSENT = 'for name in "$@"; do command -v "$name" >/dev/null || echo "$name"; done'


def check_linux_board(connection: Connection) -> Iterator[Check]:
    """Every finding as soon as it is known. Raises BoardError when the board cannot be asked."""
    for check in _CHECKS:
        yield check(connection)


def _check(id: str, title: str, state: CheckState, detail: str, remedy: str = "") -> Check:
    return Check(id=id, title=title, state=state, detail=detail, remedy=remedy)


def _board(connection: Connection) -> Check:
    model = board_model(connection)
    count = processors(connection)
    cores = f"{count} processor{'s' if count != 1 else ''}"
    if not model:
        return _check("board", "Board", "unknown", f"It does not say its model; {cores}.")
    return _check("board", "Board", "ok", f"{model}, {cores}")


def _system(connection: Connection) -> Check:
    machine = connection.run(["uname", "-m"]).out.strip()
    return _check("system", "System", "ok", f"{system_name(connection)}, {machine}")


def _tools(connection: Connection) -> Check:
    absent = connection.run(["sh", "-c", _ABSENT, "sh", *_TOOLS]).out.split()
    if absent:
        return _check(
            "tools",
            "Basic programs",
            "failed",
            f"Not there: {', '.join(absent)}.",
            "On the board: sudo apt install coreutils util-linux",
        )
    return _check("tools", "Basic programs", "ok", "All are there.")


def _python(connection: Connection) -> Check:
    found = find_python(connection)
    oldest = ".".join(str(number) for number in oldest_python())
    if found is None or not found.new_enough:
        return _check(
            "python",
            "Python",
            "failed",
            f"{found.words if found else 'There is none'}; {oldest} or newer is needed.",
            f"Install Python {oldest} or newer on the board, or a newer system.",
        )
    return _check("python", "Python", "ok", found.words)


def _runtimes(connection: Connection) -> Check:
    found = find_python(connection)
    if found is not None and found.ready:
        words = [f"{name} {version}" for name, version in found.runtimes.items()]
        return _check("runtimes", "Runtimes", "ok", ", ".join(words))
    lacks = f"Not there: {', '.join(found.missing)}." if found and found.missing else "None."
    return _check("runtimes", "Runtimes", "failed", lacks, remedy_for(connection.board))


def _memory(connection: Connection) -> Check:
    said = memory(connection)
    free = said.get("MemAvailable")
    if free is None:
        return _check("memory", "Free memory", "unknown", "The board does not tell.")
    detail = f"{free / 1e9:.1f} GB of {said.get('MemTotal', 0) / 1e9:.1f} GB"
    if free < _LEAST_MEMORY:
        return _check(
            "memory", "Free memory", "warn", detail, "Close programs on the board, or its desktop."
        )
    return _check("memory", "Free memory", "ok", detail)


def _disk(connection: Connection) -> Check:
    free = free_disk(connection)
    if free is None:
        return _check("disk", "Free disk space", "unknown", "The board does not tell.")
    if free < _LEAST_DISK:
        return _check(
            "disk",
            "Free disk space",
            "failed" if free < _LEAST_DISK / 10 else "warn",
            f"{free / 1e9:.2f} GB; runtimes and models need about {_LEAST_DISK / 1e9:.1f} GB.",
            "Delete what is not needed: sudo apt clean, and old files in the home folder.",
        )
    return _check("disk", "Free disk space", "ok", f"{free / 1e9:.1f} GB")


def _clocks(connection: Connection) -> Check:
    found = governor(connection)
    if found is None:
        return _check("clocks", "Clocks", "unknown", "The board does not tell.")
    if found in _STEADY_GOVERNORS:
        return _check("clocks", "Clocks", "ok", f"Held high ({found}).")
    return _check(
        "clocks",
        "Clocks",
        "warn",
        f"They follow the load ({found}), which makes times vary.",
        "On the board: echo performance | sudo tee "
        "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
    )


def _heat(connection: Connection) -> Check:
    found = temperature(connection)
    if found is None:
        return _check("heat", "Temperature", "unknown", "No sensor can be read.")
    if found > _HOT_CELSIUS:
        return _check(
            "heat",
            "Temperature",
            "warn",
            f"{found:.0f} °C, near to where it slows itself down.",
            "Let it cool down, or give it a fan.",
        )
    return _check("heat", "Temperature", "ok", f"{found:.0f} °C")


def _quiet(connection: Connection) -> Check:
    found, count = load(connection), processors(connection)
    if found is None:
        return _check("quiet", "Other programs", "unknown", "The board does not tell.")
    detail = f"Load {found:.1f} on {count} processor{'s' if count != 1 else ''}."
    if found > _BUSY_SHARE * count:
        return _check(
            "quiet",
            "Other programs",
            "warn",
            detail,
            "Wait until they have ended, or end them: top, on the board, shows them.",
        )
    return _check("quiet", "Other programs", "ok", detail)


_CHECKS: tuple[Callable[[Connection], Check], ...] = (
    _board,
    _system,
    _tools,
    _python,
    _runtimes,
    _memory,
    _disk,
    _clocks,
    _heat,
    _quiet,
)
