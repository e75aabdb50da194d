"""`edgewright profiles`: what is known about kinds of devices before one is attached."""

import argparse
from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from core.commands.base import Answer, Command
from core.commands.words import table
from core.devices.profile import FAMILIES, DeviceProfile, Profiles, find_profile, profiles
from core.devices.profile_editing import NAME, edited, typed
from core.devices.profile_files import remove_own, save_copy, save_own
from core.devices.profile_words import (
    CONFIDENCE_WORDS,
    brief,
    facts_of,
    matches,
    mode_words,
    side_by_side,
)
from core.errors import InputError
from core.jobs.runner import Listener

_DIFFERS = "≠"


class ProfilesReport(BaseModel):
    """Device profiles: facts about kinds of devices, each with how it is known."""

    model_config = ConfigDict(frozen=True)

    profiles: tuple[DeviceProfile, ...]
    unusable: dict[str, str]
    """Files of the user's own that cannot be used, with everything that is wrong."""


class ProfilesCommand(Command):
    name: ClassVar[str] = "profiles"
    summary: ClassVar[str] = "List device profiles, show one in full, or compare several."
    outcome_type: ClassVar[type[BaseModel]] = ProfilesReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="ID", help="profiles to show or to compare")
        parser.add_argument("--search", default="", metavar="TEXT", help="list what says this")
        parser.add_argument("--family", choices=tuple(FAMILIES), help="list this kind alone")
        own = parser.add_argument_group("profiles of your own")
        own.add_argument("--copy", metavar="NAME", help="save a copy of ID under this name")
        own.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="change a number of the copy, or of your own ID: memory_gb=4, peaks.i8=20000",
        )
        own.add_argument("--remove", action="store_true", help="delete your own profile ID")

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        if arguments.copy or arguments.set or arguments.remove:
            return _changed(arguments)
        known = profiles()
        if arguments.ids:
            shown = tuple(find_profile(id) for id in arguments.ids)
            text = _in_full(shown[0]) if len(shown) == 1 else _compared(shown)
        else:
            listed = (one for one in known.values() if matches(one, arguments.search))
            shown = tuple(one for one in listed if arguments.family in (None, one.family))
            text = _listed(shown, known)
        return Answer(ProfilesReport(profiles=shown, unusable=dict(known.failed)), text)


def _changed(arguments: argparse.Namespace) -> Answer:
    if len(arguments.ids) != 1:
        raise InputError(
            "Nothing was changed.",
            "One profile must be named.",
            "Give one ID: edgewright profiles ID --copy NAME",
        )
    profile = find_profile(arguments.ids[0])
    if arguments.remove:
        return _removed(profile)
    texts = {NAME: arguments.copy or profile.name, **_settings(arguments.set, profile)}
    result = edited(profile, texts)
    if result.profile is None:
        faults = " ".join(f"{field} {text}" for field, text in result.problems.items())
        raise InputError("Nothing was changed.", faults, "Mend these and try again.")
    if arguments.copy:
        saved = save_copy(result.profile, arguments.copy)
        text = f"Saved as “{saved.name}”: {saved.id}"
    else:
        saved = result.profile
        save_own(saved)
        text = f"Changed {saved.id}."
    return Answer(ProfilesReport(profiles=(saved,), unusable={}), text)


def _removed(profile: DeviceProfile) -> Answer:
    if profile.id not in profiles().own:
        raise InputError(
            f"“{profile.name}” was not deleted.",
            "It came with Edgewright.",
            "Delete only profiles of your own.",
        )
    remove_own(profile.id)
    return Answer(ProfilesReport(profiles=(profile,), unusable={}), f"Deleted {profile.id}.")


def _settings(given: Sequence[str], profile: DeviceProfile) -> dict[str, str]:
    known = typed(profile)
    settings: dict[str, str] = {}
    for one in given:
        field, sign, value = one.partition("=")
        if not sign or field not in known:
            raise InputError(
                f"“{one}” changes nothing.",
                f"Fields that can be set: {', '.join(known)}.",
                "Write FIELD=VALUE, such as memory_gb=4.",
            )
        settings[field] = value
    return settings


def _listed(shown: Sequence[DeviceProfile], known: Profiles) -> str:
    parts: list[str] = []
    for family, words in FAMILIES.items():
        members = [one for one in shown if one.family == family]
        if members:
            rows = [(one.id, one.name, brief(one)) for one in members]
            parts.append(table((words, "Name", "At most"), rows))
    parts += [f"Cannot be used: {file}\n{_indented(why)}" for file, why in known.failed.items()]
    return "\n\n".join(parts) or "No profile says that."


def _in_full(profile: DeviceProfile) -> str:
    rows = [
        (fact.label, fact.value, CONFIDENCE_WORDS[profile.confidence_of(fact.field)])
        for fact in facts_of(profile)
        if fact.value
    ]
    parts = [f"{profile.name} ({profile.id})", table(("Fact", "", "How it is known"), rows)]
    if profile.power_modes:
        parts.append(table(("Power mode", "At most", "How it is known"), _modes(profile)))
    parts += [profile.note, f"Source: {profile.source}" if profile.source else ""]
    return "\n\n".join(filter(None, parts))


def _modes(profile: DeviceProfile) -> list[tuple[str, ...]]:
    return [
        (
            mode.name + (" (default)" if mode.default else ""),
            mode_words(mode),
            CONFIDENCE_WORDS[mode.confidence_of("gpu_mhz")],
        )
        for mode in profile.power_modes
    ]


def _compared(shown: Sequence[DeviceProfile]) -> str:
    rows = [
        (row.label, *(value or "—" for value in row.values), _DIFFERS if row.differs else "")
        for row in side_by_side(shown)
    ]
    return table(("", *(one.name for one in shown), ""), rows)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
