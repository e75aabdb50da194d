"""What is looked at on a board before it is used, each finding with its remedy."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

CheckState = Literal["ok", "warn", "failed", "unknown"]

_BUSY_SHARE = 0.5
"""Processes that run or wait, for each processor."""
_STEADY_GOVERNORS = frozenset({"performance"})
_UNTOLD = "The board does not tell."


class Check(BaseModel):
    """One finding; `warn` may hurt measurements, `failed` forbids work."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    """For people: “Free memory”."""
    state: CheckState
    detail: str
    """What was found: “3.1 GB of 4.0 GB”."""
    remedy: str = ""
    """What to do; empty when all is well."""


def finding(id: str, title: str, state: CheckState, detail: str, remedy: str = "") -> Check:
    return Check(id=id, title=title, state=state, detail=detail, remedy=remedy)


def check_memory(free: int | None, total: int, least: float, remedy: str) -> Check:
    """Bytes that programs may still take, and those that they should be able to."""
    if free is None:
        return finding("memory", "Free memory", "unknown", _UNTOLD)
    detail = f"{free / 1e9:.1f} GB of {total / 1e9:.1f} GB"
    if free < least:
        return finding("memory", "Free memory", "warn", detail, remedy)
    return finding("memory", "Free memory", "ok", detail)


def check_disk(free: int | None, least: float, what: str) -> Check:
    """`least` bytes are needed by `what`; with a tenth of them nothing can be done."""
    if free is None:
        return finding("disk", "Free disk space", "unknown", _UNTOLD)
    if free < least:
        return finding(
            "disk",
            "Free disk space",
            "failed" if free < least / 10 else "warn",
            f"{free / 1e9:.2f} GB; {what} need about {least / 1e9:.1f} GB.",
            "Delete what is not needed: sudo apt clean, and old files in the home folder.",
        )
    return finding("disk", "Free disk space", "ok", f"{free / 1e9:.1f} GB")


def check_clocks(governors: Sequence[str], remedy: str) -> Check:
    """How the processors' clocks follow the load."""
    if not governors:
        return finding("clocks", "Clocks", "unknown", _UNTOLD)
    named = ", ".join(governors)
    if _STEADY_GOVERNORS.issuperset(governors):
        return finding("clocks", "Clocks", "ok", f"Held high ({named}).")
    detail = f"They follow the load ({named}), which makes times vary."
    return finding("clocks", "Clocks", "warn", detail, remedy)


def check_quiet(load: float | None, count: int) -> Check:
    """Processes that run or wait, on so many processors."""
    if load is None or not count:
        return finding("quiet", "Other programs", "unknown", _UNTOLD)
    detail = f"Load {load:.1f} on {count} processor{'s' if count != 1 else ''}."
    if load > _BUSY_SHARE * count:
        return finding(
            "quiet",
            "Other programs",
            "warn",
            detail,
            "Wait until they have ended, or end them: top, on the board, shows them.",
        )
    return finding("quiet", "Other programs", "ok", detail)
