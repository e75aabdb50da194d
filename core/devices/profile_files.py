"""Profiles as files: those that come with Edgewright, and the user's own in the config folder."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from core.devices.profile_facts import DeviceProfile
from core.devices.profile_text import profile_from_text, text_of_profile
from core.errors import InputError, UserError
from core.jobs.folders import storage_errors, write_atomically

_SUFFIX = ".toml"
_PART = re.compile(r"(\D+)(\d*)")
_Stamp = tuple[tuple[str, int, int], ...]
"""Name, time of change and size of each file."""


@dataclass(frozen=True)
class Profiles(Mapping[str, DeviceProfile]):
    """All profiles by id, the user's own after those that came along."""

    found: Mapping[str, DeviceProfile]
    failed: Mapping[str, str]
    """File name to everything that is wrong with it."""
    own: frozenset[str]
    """Ids of the user's own."""

    def __getitem__(self, id: str) -> DeviceProfile:
        return self.found[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def profiles_folder() -> Path:
    """Where the user's own profiles lie; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_config_dir("edgewright", appauthor=False)) / "profiles"


def profiles(folder: Path | None = None) -> Profiles:
    """Every profile. `folder` holds the user's own; None takes `profiles_folder`.

    Files that did not change are not read again.
    """
    folder = folder or profiles_folder()
    return _all_profiles(folder, _stamp(folder))


def find_profile(id: str) -> DeviceProfile:
    """A profile by its id or an alias. Raises InputError that names similar ones."""
    known = profiles()
    if (found := known.get(id) or _by_alias(known).get(id)) is not None:
        return found
    from difflib import get_close_matches

    similar = get_close_matches(id, known, n=3, cutoff=0.5)
    raise InputError(
        f"There is no device profile called “{id}”.",
        f"Similar ones: {', '.join(similar)}." if similar else "Nothing similar is known.",
        "See all of them with: edgewright profiles",
    )


def save_copy(profile: DeviceProfile, name: str, folder: Path | None = None) -> DeviceProfile:
    """Save a profile under a new name as one of the user's own. Raises UserError."""
    taken = profiles(folder)
    stem = re.sub(r"[^a-z0-9.+]+", "-", name.casefold()).strip("-.+")[:56] or "profile"
    candidates = (stem if not number else f"{stem}-{number}" for number in range(len(taken) + 1))
    id = next(one for one in candidates if one not in taken)
    changed = {"id": id, "name": name, "aliases": (), "module_ids": (), "names": ()}
    copy = profile.model_copy(update=changed)
    save_own(copy, folder)
    return copy


def save_own(profile: DeviceProfile, folder: Path | None = None) -> None:
    """Write one of the user's own profiles over its file. Raises UserError."""
    if profile.id in _built_in().found:
        raise InputError(
            f"“{profile.name}” cannot be changed.",
            "It came with Edgewright.",
            "Make a copy of it and change that.",
        )
    folder = folder or profiles_folder()
    path = folder / f"{profile.id}{_SUFFIX}"
    with storage_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text_of_profile(profile).encode())


def remove_own(id: str, folder: Path | None = None) -> None:
    """Delete the file of one of the user's own profiles. Raises UserError."""
    path = (folder or profiles_folder()) / f"{id}{_SUFFIX}"
    with storage_errors(path):
        path.unlink(missing_ok=True)


def _by_alias(known: Profiles) -> dict[str, DeviceProfile]:
    return {alias: profile for profile in known.values() for alias in profile.aliases}


@lru_cache(maxsize=4)
def _all_profiles(folder: Path, stamp: _Stamp) -> Profiles:
    """Depends on `stamp` only to notice changes."""
    built_in = _built_in()
    texts = {name: _text(folder / name) for name, *_ in stamp}
    own = _read(texts, frozenset(built_in.found))
    return Profiles(
        {**built_in.found, **own.found}, {**built_in.failed, **own.failed}, frozenset(own.found)
    )


@cache
def _built_in() -> Profiles:
    folder = files("resources") / "profiles"
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    texts = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in entries
        if entry.name.endswith(_SUFFIX)
    }
    return _read(texts, frozenset())


def _read(texts: Mapping[str, str], taken: frozenset[str]) -> Profiles:
    """In the order of ids, in which 8gb comes before 16gb."""
    found: dict[str, DeviceProfile] = {}
    failed: dict[str, str] = {}
    for name, text in texts.items():
        try:
            profile = profile_from_text(text)
        except UserError as error:
            failed[name] = error.why
            continue
        if profile.id in found or profile.id in taken:
            failed[name] = f"id: another profile is called “{profile.id}” already."
        else:
            found[profile.id] = profile
    ordered = sorted(found.values(), key=lambda one: _in_words_and_numbers(one.id))
    return Profiles({one.id: one for one in ordered}, failed, frozenset())


def _in_words_and_numbers(id: str) -> tuple[tuple[str, int], ...]:
    return tuple((word, int(number or 0)) for word, number in _PART.findall(id))


def _stamp(folder: Path) -> _Stamp:
    try:
        entries = sorted(folder.glob(f"*{_SUFFIX}"))
        states = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    except OSError:
        return ()
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def _text(path: Path) -> str:
    """Empty where it cannot be read, which is then told as every field that is missing."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
