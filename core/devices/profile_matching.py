"""Which profile describes a device that is there, fitted to what is known of that device."""

from collections.abc import Iterable

from core.devices.base import DeviceFacts
from core.devices.profile_facts import Confidence, DeviceProfile
from core.devices.profile_files import profiles

_CORE_BANDWIDTH_GBS = 12.0
"""About what one processor core can fetch; few cores do not use the memory of a big server."""
_X86 = {"x86_64", "amd64", "i686"}
_X86_INSTRUCTIONS_FAMILY = "intel-cpu"


def profile_for(facts: DeviceFacts) -> DeviceProfile | None:
    """The profile of this computer or of a board; None where nothing fits.

    Part numbers decide, then names, then (for x86) the instructions. Cores and memory are the
    device's own, and what depends on them follows.
    """
    known = list(profiles().values())
    found = _by_module(facts, known) or _by_name(facts, known)
    if found is not None:
        return _fitted(found, facts)
    similar = _by_instructions(facts, known)
    return similar and _fitted(similar, facts).model_copy(
        update={
            "name": facts.processor or facts.name,
            "note": f"Not listed by name: taken as {similar.name}, which has the same kind of "
            "instructions.",
        }
    )


def _by_module(facts: DeviceFacts, known: Iterable[DeviceProfile]) -> DeviceProfile | None:
    """Boards of one part number differ by their firmware, which their name tells: “Super”."""
    told = facts.board.casefold()
    fitting = [one for one in known if any(part.casefold() in told for part in one.module_ids)]
    named = [one for one in fitting if one.id.endswith("-super") == ("super" in told)]
    return next(iter(named or fitting), None)


def _by_name(facts: DeviceFacts, known: Iterable[DeviceProfile]) -> DeviceProfile | None:
    """The longest name counts: “Raspberry Pi 3 Model B Plus” is no “Raspberry Pi 3 Model B”."""
    told = f"{facts.board} {facts.processor}".casefold()
    fitting = [(len(name), one) for one in known for name in one.names if name.casefold() in told]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _by_instructions(facts: DeviceFacts, known: Iterable[DeviceProfile]) -> DeviceProfile | None:
    if facts.architecture.lower() not in _X86:
        return None
    own = set(facts.instructions)

    def difference(profile: DeviceProfile) -> tuple[int, int]:
        return len(own ^ set(profile.instructions)), abs((profile.cores or 0) - facts.cores)

    processors = (one for one in known if one.family == _X86_INSTRUCTIONS_FAMILY)
    return min(processors, key=difference, default=None)


def _fitted(profile: DeviceProfile, facts: DeviceFacts) -> DeviceProfile:
    changed: dict[str, object] = {}
    confidence: dict[str, Confidence] = {}
    if facts.memory_bytes:
        changed["memory_gb"] = facts.memory_bytes / 1e9
        confidence["memory_gb"] = "sourced"
    if not profile.cpu_peaks and profile.cores and 0 < facts.cores != profile.cores:
        changed |= _with_cores(profile, profile.cores, facts.cores)
        confidence |= dict.fromkeys(changed, "assumed") | {"cores": "sourced"}
    return profile.model_copy(
        update={**changed, "confidence": {**profile.confidence, **confidence}}
    )


def _with_cores(profile: DeviceProfile, listed: int, own: int) -> dict[str, object]:
    share = own / listed
    bandwidth = profile.bandwidth_gbs and min(profile.bandwidth_gbs, own * _CORE_BANDWIDTH_GBS)
    return {
        "cores": own,
        "peaks": {precision: peak * share for precision, peak in profile.peaks.items()},
        "bandwidth_gbs": bandwidth,
    }
