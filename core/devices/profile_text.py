"""A profile as the text of a TOML file, to be read and changed by hand, and back."""

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.devices.profile_checks import problems_of
from core.devices.profile_facts import (
    EVERYTHING,
    EVERYTHING_IN_FILES,
    DeviceProfile,
    PowerMode,
)
from core.errors import InputError

GROUPS: Mapping[str, tuple[str, ...]] = {
    "": ("id", "name", "family", "vendor", "chip", "note"),
    "What computes. Operations are 10^9 a second (GOPS), dense; a multiply-add is two.": (
        "architecture",
        "compute_capability",
        "units",
        "unit_kind",
        "clock_mhz",
        "ops_per_cycle",
        "peaks",
        "sparse_peaks",
        "dla",
        "dla_peaks",
    ),
    "The processor": ("processor", "cores", "core_ghz", "sockets", "instructions", "cpu_peaks"),
    "Memory and power": (
        "memory_gb",
        "memory_options_gb",
        "bandwidth_gbs",
        "cache_mb",
        "storage",
        "power_watts",
        "default_mode",
    ),
    "What it can run": (
        "precisions",
        "preferred",
        "sparsity",
        "static_shapes_only",
        "runtimes",
        "runtime_device",
    ),
    "How it is recognised": ("module_ids", "names", "aliases", "usb_address"),
    "Where the facts are from, and how sure they are": ("source",),
}
"""A file's comments, and the fields below each; tables follow."""

_NUMBER = "must be a number, not “{given}”."
_FAULTS: Mapping[str, str] = {
    "missing": "is missing.",
    "extra_forbidden": "is no field of a profile.",
    "literal_error": "must be {expected}, not “{given}”.",
    "string_pattern_mismatch": "must be {like}, not “{given}”.",
    "string_too_short": "must not be empty.",
    "string_too_long": "must have at most {max_length} letters.",
    "string_type": "must be text, not “{given}”.",
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_from_float": "must be a whole number, not “{given}”.",
    "greater_than": "must be above {gt:g}, not {given}.",
}
"""What pydantic finds, in words for people."""
_LIKE = {
    "id": "small letters, digits, dots, plus and minus signs",
    "compute_capability": "a number such as 8.7",
}

_TABLES = ("confidence", "software")
_LISTS = ("earlier_software", "power_modes")


def profile_from_text(text: str) -> DeviceProfile:
    """Read it. Raises InputError whose `why` names every problem and its field, one a line."""
    try:
        profile = DeviceProfile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _unusable(f"It is not TOML: {error}.") from error
    except ValidationError as error:
        raise _unusable("\n".join(map(_fault, error.errors()))) from error
    if problems := problems_of(profile):
        raise _unusable("\n".join(f"{field}: {text}" for field, text in problems))
    return profile


def _fault(fault: ErrorDetails) -> str:
    field = ".".join(str(part) for part in fault["loc"])
    words = _FAULTS.get(fault["type"])
    if words is None:
        return f"{field}: {fault['msg']}."
    told = {"given": fault["input"], "like": _LIKE.get(field, "otherwise")}
    return f"{field}: {words.format(**told, **fault.get('ctx', {}))}"


def _unusable(why: str) -> InputError:
    return InputError("This device profile cannot be used.", why, "Mend the file, or delete it.")


def text_of_profile(profile: DeviceProfile) -> str:
    """Write it, so that `profile_from_text` gives an equal profile."""
    told = _told(profile)
    parts: list[str] = []
    for comment, fields in GROUPS.items():
        lines = [f"{field} = {_value(told[field])}" for field in fields if field in told]
        if lines:
            parts.append("\n".join([*([f"# {comment}"] if comment else []), *lines]))
    parts += [_table(f"[{name}]", told[name]) for name in _TABLES if name in told]
    lists: dict[str, Sequence[BaseModel]] = {name: getattr(profile, name) for name in _LISTS}
    parts += [_table(f"[[{name}]]", _told(one)) for name in _LISTS for one in lists[name]]
    return "\n\n".join(parts) + "\n"


def _told(facts: BaseModel) -> dict[str, Any]:
    """What is not as it would be without the file, in the words of the file."""
    told = facts.model_dump(mode="json", exclude_defaults=True)
    told |= {last: told.pop(last) for last in ("note", "confidence") if last in told}
    if "confidence" in told:
        confidence = cast("dict[str, str]", told["confidence"])
        alone = isinstance(facts, PowerMode) and set(confidence) == {EVERYTHING}
        told["confidence"] = (
            confidence[EVERYTHING]
            if alone
            else {key or EVERYTHING_IN_FILES: value for key, value in confidence.items()}
        )
    return told


def _table(head: str, values: Mapping[str, Any]) -> str:
    return "\n".join([head, *(f"{_key(key)} = {_value(value)}" for key, value in values.items())])


def _value(value: object) -> str:
    if isinstance(value, str):
        # JSON leaves DEL as it is, which TOML does not take.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(int(value) if value == int(value) else value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return f"{{ {', '.join(f'{_key(key)} = {_value(one)}' for key, one in pairs)} }}"
    return _array(cast("Sequence[object]", value))


def _array(values: Iterable[object]) -> str:
    return f"[{', '.join(map(_value, values))}]"


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else _value(key)
