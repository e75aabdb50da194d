"""Changing a profile by what a person types: every field is checked, all problems at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from core.devices.profile_checks import BOUNDS, PEAK_BOUNDS, WATT_BOUNDS, Bounds, problems_of
from core.devices.profile_facts import Confidence, DeviceProfile, Precision
from core.devices.profile_words import PRECISION_WORDS

NAME = "name"
NOTE = "note"
_NAME_LENGTH = 80


@dataclass(frozen=True)
class EditableFact:
    """A number that can be typed. `field` may name an entry of a table: “peaks.i8”."""

    field: str
    label: str
    bounds: Bounds
    help: str
    whole: bool = False

    @property
    def base(self) -> str:
        """The profile's field: of “peaks.i8” it is “peaks”."""
        return self.field.partition(".")[0]


def _peak(precision: Precision) -> EditableFact:
    words = PRECISION_WORDS[precision]
    return EditableFact(
        f"peaks.{precision}",
        f"Peak in {words}",
        PEAK_BOUNDS,
        "Dense: a multiply-add is two operations, zeros count for nothing. It follows the units "
        "and the clock as long as it is not changed itself.",
    )


EDITABLE: tuple[EditableFact, ...] = (
    EditableFact("units", "Units", BOUNDS["units"], "Streaming multiprocessors, EUs …", True),
    EditableFact("clock_mhz", "Clock of the units", BOUNDS["clock_mhz"], "At most"),
    EditableFact("cores", "Processor cores", BOUNDS["cores"], "The fast ones", True),
    EditableFact("core_ghz", "Clock of the cores", BOUNDS["core_ghz"], "What all sustain together"),
    *(_peak(precision) for precision in ("f32", "f16", "bf16", "i8")),
    EditableFact("memory_gb", "Memory", BOUNDS["memory_gb"], "10^9 bytes"),
    EditableFact("bandwidth_gbs", "Memory bandwidth", BOUNDS["bandwidth_gbs"], "10^9 bytes a s"),
    EditableFact("power_watts.0", "Power, least", WATT_BOUNDS, "What it is made to draw"),
    EditableFact("power_watts.1", "Power, most", WATT_BOUNDS, "What it is made to draw"),
)
_UNITS, _CORES = ("units", "clock_mhz"), ("cores", "core_ghz")


@dataclass(frozen=True)
class Edited:
    """What came of it."""

    profile: DeviceProfile | None
    """None where something is wrong."""
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    """Field to what is wrong, in words that go on from its label."""


def typed(profile: DeviceProfile) -> dict[str, str]:
    """What the fields of a form hold for this profile; empty where nothing is known."""
    texts = {one.field: _text(_read(profile, one.field)) for one in EDITABLE}
    return {NAME: profile.name, NOTE: profile.note, **texts}


def edited(
    profile: DeviceProfile, texts: Mapping[str, str], confidence: Confidence = "assumed"
) -> Edited:
    """The profile with what was typed; fields that are not in `texts` stay as they are.

    What changed is known as `confidence` says. Peaks that were not typed follow the units and
    clocks.
    """
    before = typed(profile)
    changed = {
        field: text.strip() for field, text in texts.items() if text.strip() != before[field]
    }
    numbers, problems = _numbers(changed)
    if not 1 <= len(name := changed.get(NAME, profile.name)) <= _NAME_LENGTH:
        problems[NAME] = f"must have 1 to {_NAME_LENGTH} letters."
    power = _power(profile, numbers, problems)
    if problems:
        return Edited(None, problems)
    made = _with_numbers(profile, numbers, power, confidence)
    made = made.model_copy(update={NAME: name, NOTE: changed.get(NOTE, profile.note)})
    faults = {problem.field: problem.text for problem in problems_of(made)}
    return Edited(None if faults else made, faults)


def _with_numbers(
    profile: DeviceProfile,
    numbers: Mapping[str, float | None],
    power: tuple[float, float] | None,
    confidence: Confidence,
) -> DeviceProfile:
    peaks = _peaks(profile, numbers)
    touched = {name.partition(".")[0] for name in numbers}
    if peaks != profile.peaks:
        touched.add("peaks")
    update: dict[str, Any] = {name: value for name, value in numbers.items() if "." not in name}
    if "memory_gb" in numbers:
        update["memory_options_gb"] = ()
    known = profile.confidence | dict.fromkeys(touched, confidence)
    return profile.model_copy(
        update={**update, "power_watts": power, "peaks": peaks, "confidence": known}
    )


def _numbers(changed: Mapping[str, str]) -> tuple[dict[str, float | None], dict[str, str]]:
    numbers: dict[str, float | None] = {}
    problems: dict[str, str] = {}
    for fact in (one for one in EDITABLE if one.field in changed):
        text = changed[fact.field]
        try:
            value = float(text.replace(",", ".")) if text else None
        except ValueError:
            problems[fact.field] = f"must be a number, not “{text}”."
            continue
        if value is not None and (problem := _problem(fact, value)):
            problems[fact.field] = problem
        numbers[fact.field] = int(value) if fact.whole and value and not problems else value
    return numbers, problems


def _problem(fact: EditableFact, value: float) -> str | None:
    if (problem := fact.bounds.problem(value)) is not None:
        return problem
    return "must be a whole number." if fact.whole and value != int(value) else None


def _power(
    profile: DeviceProfile, numbers: Mapping[str, float | None], problems: dict[str, str]
) -> tuple[float, float] | None:
    old = profile.power_watts or (None, None)
    least, most = (numbers.get(f"power_watts.{end}", old[end]) for end in (0, 1))
    if least is None and most is None:
        return None
    if least is None or most is None:
        problems[f"power_watts.{0 if least is None else 1}"] = "must be told where the other is."
        return None
    if least > most:
        problems["power_watts.0"] = "must not be above the most."
    return least, most


def _peaks(profile: DeviceProfile, numbers: Mapping[str, float | None]) -> dict[Precision, float]:
    """Typed ones as they are; the others in proportion to the units (or cores) and clock."""
    own = _UNITS if profile.units or profile.clock_mhz else _CORES
    factor = 1.0
    for one in own:
        before, after = _read(profile, one), numbers.get(one)
        if before and after:
            factor *= after / before
    peaks: dict[Precision, float] = {
        precision: round(peak * factor, 1) for precision, peak in profile.peaks.items()
    }
    for name, value in numbers.items():
        base, _, precision = name.partition(".")
        if base == "peaks" and value is None:
            peaks.pop(cast("Precision", precision), None)
        elif base == "peaks" and value is not None:
            peaks[cast("Precision", precision)] = value
    return peaks


def _read(profile: DeviceProfile, field: str) -> float | None:
    base, _, part = field.partition(".")
    held: Any = getattr(profile, base)
    if not part or held is None:
        return held
    return held[int(part)] if part.isdecimal() else held.get(part)


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
