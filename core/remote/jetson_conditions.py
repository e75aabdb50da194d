"""What could spoil a measurement on a Jetson: a restart, braking for heat or power, clocks."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from core.errors import BoardRestarted
from core.remote.connection import Connection
from core.remote.jetson_scripts import parts_from

_BRAKE = re.compile(r"throttle|alert|balanced|heavy", re.IGNORECASE)
"""Names of the kernel's cooling devices that slow processors down, not those that are fans."""
_LIE = 0.1
"""Share by which a claimed clock may differ from the counted one."""


class BoardConditions(BaseModel):
    """One look. What the board does not tell is None."""

    model_config = ConfigDict(frozen=True)

    boot_id: str
    events: int | None
    """How often it was slowed down for too much current or too little voltage since it started."""
    braking: bool | None
    """Whether something is slowed down for heat right now."""
    claimed_mhz: float | None
    """The fastest processor's clock as the kernel sets it."""
    counted_mhz: float | None
    """The same as the hardware counts it."""

    @property
    def mismatch(self) -> str:
        """What to say when the kernel's clock is not the real one, as on Thor; else empty."""
        claimed, counted = self.claimed_mhz, self.counted_mhz
        if claimed is None or not counted or abs(claimed / counted - 1) <= _LIE:
            return ""
        return (
            f"The board says that its processor runs at {claimed:.0f} MHz; its hardware counts "
            f"{counted:.0f} MHz, which is what holds."
        )

    def slowed_since(self, before: "BoardConditions") -> bool | None:
        """Whether heat or power slowed the board down; None where it cannot tell."""
        known = [self.braking, before.braking]
        if self.events is not None and before.events is not None:
            known.append(self.events > before.events)
        told = [one for one in known if one is not None]
        return any(told) if told else None


def conditions_of(connection: Connection) -> BoardConditions:
    """As they are now. Raises BoardError when the board cannot be asked."""
    return read_conditions(parts_from(connection, "conditions"))


def check_same_boot(before: BoardConditions, after: BoardConditions, board: str) -> None:
    """Raises BoardRestarted when the board was started anew between two looks."""
    if before.boot_id == after.boot_id:
        return
    raise BoardRestarted(
        f"“{board}” was started anew while something was measured on it.",
        "Its power mode, clocks and temperature are not those of before, so nothing of this "
        "measurement is used.",
        "Look after its power supply, then measure again.",
    )


def read_conditions(parts: Mapping[str, str]) -> BoardConditions:
    """From what resources/jetson/conditions.sh.txt says."""
    events = re.findall(r"^\d{1,12}$", parts.get("events", ""), re.MULTILINE)
    brakes = re.findall(r"^(\S.{0,60}) (\d{1,4})$", parts.get("brakes", ""), re.MULTILINE)
    braking = [int(state) > 0 for name, state in brakes if _BRAKE.search(name)]
    clocks = re.findall(r"^(\d{1,9}) (\d{1,9})$", parts.get("clocks", ""), re.MULTILINE)
    fastest = max(clocks, key=lambda pair: int(pair[0]), default=None)
    return BoardConditions(
        boot_id=parts.get("boot", "")[:64],
        events=sum(map(int, events)) if events else None,
        braking=any(braking) if braking else None,
        claimed_mhz=None if fastest is None else int(fastest[0]) / 1000,
        counted_mhz=None if fastest is None else int(fastest[1]) / 1000,
    )
