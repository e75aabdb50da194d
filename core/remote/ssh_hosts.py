"""The hosts that the person's own SSH configuration names, as places where a board may be."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_PATTERN = frozenset("*?!")
_MOST_BYTES = 1_000_000
_DEEPEST = 8
"""Files that include files."""


@dataclass(frozen=True)
class SshHost:
    """One `Host` of the configuration; what it does not say is as SSH has it."""

    name: str
    """As the person calls it."""
    host: str
    """Its address; the name itself where no other is given."""
    user: str = ""
    port: int = 22


def ssh_hosts(configuration: Path | None = None) -> tuple[SshHost, ...]:
    """The named hosts in order, without patterns; empty where nothing can be read.

    `configuration` is the file, by default ~/.ssh/config. `Match` blocks are passed over.
    """
    file = configuration or Path.home() / ".ssh" / "config"
    found: dict[str, SshHost] = {}
    names: list[str] = []
    for keyword, values in _lines(file, _DEEPEST):
        if keyword in ("host", "match"):
            named = values if keyword == "host" else []
            names = [name for name in named if not _PATTERN & set(name) and name not in found]
            found |= {name: SshHost(name, name) for name in names}
            continue
        for name in names:
            found[name] = _told(found[name], keyword, values[0])
    return tuple(found.values())


def _told(host: SshHost, keyword: str, value: str) -> SshHost:
    """The first value of each keyword counts, as with ssh itself."""
    if keyword == "hostname" and host.host == host.name:
        return replace(host, host=value.replace("%h", host.name))
    if keyword == "user" and not host.user:
        return replace(host, user=value)
    if keyword == "port" and host.port == 22 and value.isdecimal() and int(value) < 65536:
        return replace(host, port=int(value))
    return host


def _lines(file: Path, depth: int) -> Iterator[tuple[str, list[str]]]:
    """Keyword in small letters and its values, of this file and those that it includes."""
    try:
        text = file.read_bytes()[:_MOST_BYTES].decode(errors="replace") if depth else ""
    except OSError:
        return
    for line in text.splitlines():
        keyword, *values = _words(line) or [""]
        if keyword.lower() == "include":
            for pattern in values:
                for included in sorted(_matching(pattern, file.parent)):
                    yield from _lines(included, depth - 1)
        elif values:
            yield keyword.lower(), values


def _words(line: str) -> list[str]:
    """“Keyword value” or “Keyword=value”; nothing for a comment or what cannot be split."""
    bare = line.strip()
    if not bare or bare.startswith("#"):
        return []
    try:
        return shlex.split(bare.replace("=", " ", 1), comments=True)
    except ValueError:
        return []


def _matching(pattern: str, folder: Path) -> list[Path]:
    path = Path(pattern).expanduser()
    base = Path(path.anchor) if path.anchor else folder
    return [each for each in base.glob(str(path.relative_to(path.anchor))) if each.is_file()]
