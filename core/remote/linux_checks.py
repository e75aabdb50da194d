"""What is looked at on a Linux board before models are run on it."""

from collections.abc import Callable, Iterator

from core.remote.checks import (
    Check,
    check_clocks,
    check_disk,
    check_memory,
    check_quiet,
    finding,
)
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
_TOOLS = ("setsid", "timeout", "sha256sum", "df", "nproc")
_ABSENT = 'for name in "$@"; do command -v "$name" >/dev/null || echo "$name"; done'


def check_linux_board(connection: Connection) -> Iterator[Check]:
    """Every finding as soon as it is known. Raises BoardError when the board cannot be asked."""
    for check in _CHECKS:
        yield check(connection)


def _board(connection: Connection) -> Check:
    model = board_model(connection)
    count = processors(connection)
    cores = f"{count} processor{'s' if count != 1 else ''}"
    if not model:
        return finding("board", "Board", "unknown", f"It does not say its model; {cores}.")
    return finding("board", "Board", "ok", f"{model}, {cores}")


def _system(connection: Connection) -> Check:
    machine = connection.run(["uname", "-m"]).out.strip()
    return finding("system", "System", "ok", f"{system_name(connection)}, {machine}")


def _tools(connection: Connection) -> Check:
    absent = connection.run(["sh", "-c", _ABSENT, "sh", *_TOOLS]).out.split()
    if absent:
        return finding(
            "tools",
            "Basic programs",
            "failed",
            f"Not there: {', '.join(absent)}.",
            "On the board: sudo apt install coreutils util-linux",
        )
    return finding("tools", "Basic programs", "ok", "All are there.")


def _python(connection: Connection) -> Check:
    found = find_python(connection)
    oldest = ".".join(str(number) for number in oldest_python())
    if found is None or not found.new_enough:
        return finding(
            "python",
            "Python",
            "failed",
            f"{found.words if found else 'There is none'}; {oldest} or newer is needed.",
            f"Install Python {oldest} or newer on the board, or a newer system.",
        )
    return finding("python", "Python", "ok", found.words)


def _runtimes(connection: Connection) -> Check:
    found = find_python(connection)
    if found is not None and found.ready:
        words = [f"{name} {version}" for name, version in found.runtimes.items()]
        return finding("runtimes", "Runtimes", "ok", ", ".join(words))
    lacks = f"Not there: {', '.join(found.missing)}." if found and found.missing else "None."
    return finding("runtimes", "Runtimes", "failed", lacks, remedy_for(connection.board))


def _memory(connection: Connection) -> Check:
    said = memory(connection)
    return check_memory(
        said.get("MemAvailable"),
        said.get("MemTotal", 0),
        _LEAST_MEMORY,
        "Close programs on the board, or its desktop.",
    )


def _disk(connection: Connection) -> Check:
    return check_disk(free_disk(connection), _LEAST_DISK, "runtimes and models")


def _clocks(connection: Connection) -> Check:
    found = governor(connection)
    return check_clocks(
        (found,) if found else (),
        "On the board: echo performance | sudo tee "
        "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
    )


def _heat(connection: Connection) -> Check:
    found = temperature(connection)
    if found is None:
        return finding("heat", "Temperature", "unknown", "No sensor can be read.")
    if found > _HOT_CELSIUS:
        return finding(
            "heat",
            "Temperature",
            "warn",
            f"{found:.0f} °C, near to where it slows itself down.",
            "Let it cool down, or give it a fan.",
        )
    return finding("heat", "Temperature", "ok", f"{found:.0f} °C")


def _quiet(connection: Connection) -> Check:
    return check_quiet(load(connection), processors(connection))


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
