"""Which profile describes a device that is there, fitted to what is known of that device."""

import math
import re
from collections.abc import Iterable

from core.devices.base import DeviceFacts
from core.devices.profile_facts import Confidence, DeviceProfile
from core.devices.profile_files import profiles

_CORE_BANDWIDTH_GBS = 12.0
"""About what one processor core can fetch; few cores do not use the memory of a big server."""
_ASSUMED: Confidence = "assumed"
_X86 = {"x86_64", "amd64"}
_X86_FAMILY = "intel-cpu"
_MARKS = re.compile(r"\((?:r|tm)\)", re.IGNORECASE)


def profile_for(facts: DeviceFacts) -> DeviceProfile | None:
    """The profile of this computer or of a board; None where nothing fits.

    Part numbers decide, then names, then memory; for x86 without a known name the instructions.
    Cores and memory are the device's own, and what depends on them follows.
    """
    known = list(profiles().values())
    found = _by_words(facts, known)
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


def _by_words(facts: DeviceFacts, known: Iterable[DeviceProfile]) -> DeviceProfile | None:
    """The longest name counts: “Raspberry Pi 3 Model B Plus” is no “Raspberry Pi 3 Model B”."""
    told = _MARKS.sub("", f"{facts.board} {facts.processor}")

    def likeness(profile: DeviceProfile) -> tuple[bool, int, float]:
        part = any(_said(one, told) for one in profile.module_ids)
        name = max((len(one) for one in profile.names if _said(one, told)), default=0)
        gap = abs((profile.memory_gb or 0) - facts.memory_bytes / 1e9)
        return part, name, -gap

    best = max(known, key=likeness, default=None)
    return best if best is not None and any(likeness(best)[:2]) else None


def _said(words: str, told: str) -> bool:
    pattern = rf"(?<!\w){re.escape(words)}(?!\w)"
    return re.search(pattern, told, re.IGNORECASE) is not None


def _by_instructions(facts: DeviceFacts, known: Iterable[DeviceProfile]) -> DeviceProfile | None:
    if facts.architecture.lower() not in _X86 or not facts.instructions:
        return None
    own = set(facts.instructions)

    def difference(profile: DeviceProfile) -> tuple[int, int]:
        return len(own ^ set(profile.instructions)), abs((profile.cores or 0) - facts.cores)

    processors = (one for one in known if one.family == _X86_FAMILY)
    return min(processors, key=difference, default=None)


def _fitted(profile: DeviceProfile, facts: DeviceFacts) -> DeviceProfile:
    changed: dict[str, object] = {}
    confidence = dict(profile.confidence)
    if not profile.cpu_peaks and profile.cores and 0 < facts.cores != profile.cores:
        changed |= _with_cores(profile, profile.cores, facts.cores)
        confidence.update(dict.fromkeys(changed, _ASSUMED), cores="sourced")
    if facts.memory_bytes:
        changed["memory_gb"] = facts.memory_bytes / 1e9
        confidence["memory_gb"] = "sourced"
    return profile.model_copy(update={**changed, "confidence": confidence})


def _with_cores(profile: DeviceProfile, listed: int, own: int) -> dict[str, object]:
    share = own / listed
    bandwidth = profile.bandwidth_gbs and min(profile.bandwidth_gbs, own * _CORE_BANDWIDTH_GBS)
    return {
        "cores": own,
        "sockets": math.ceil(share * profile.sockets),
        "peaks": {precision: peak * share for precision, peak in profile.peaks.items()},
        "bandwidth_gbs": bandwidth,
    }
