"""Changes a Jetson's power mode and holds its clocks, with the person's consent, and undoes it.

The change is made by one process of the administrator on the board. It writes down what to put back
before it changes anything, and puts it back as soon as a process of ours ends: when the work is
done, cancelled or crashed, and half a minute after a cable was pulled. What a board that lost its
power left behind is found at the next connection (`unfinished`).
"""

import re
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress

from pydantic import BaseModel, ConfigDict

from core.errors import BoardError, EdgewrightError, InputError
from core.remote.connection import Completed, Connection
from core.remote.jetson_identity import Jetson, JetsonMode, look_at
from core.remote.jetson_scripts import script

_HOLDER = ["sh", "-c", "while :; do sleep 60; done"]
_NONE = "-"
_JOURNAL = re.compile(r"(\d{1,3}) (\d{1,3}|-) (\S{1,10})")
_CHANGE_SECONDS = 120.0
_PUT_BACK_SECONDS = 60.0
_NEEDS_RESTART = "eboot required"
_CODES = {
    4: "Edgewright’s folder on the board cannot be written to.",
    5: "jetson_clocks failed.",
    6: "nvpmodel did not take the mode.",
}
"""Exit codes of the scripts."""


class PowerWish(BaseModel):
    """What a person agreed to change while something is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: str = ""
    """Name of a power mode that the board offers; empty leaves it."""
    hold_clocks: bool = False
    """Hold all clocks at the highest of the mode, as jetson_clocks does."""

    @property
    def empty(self) -> bool:
        return not (self.mode or self.hold_clocks)


class Unfinished(BaseModel):
    """A change that was never undone, because the board lost its power meanwhile."""

    model_config = ConfigDict(frozen=True)

    mode_before: int
    held_clocks: bool


@contextmanager
def held_power(
    connection: Connection, jetson: Jetson, wish: PowerWish, password: str | None = None
) -> Generator[JetsonMode | None]:
    """Change power mode and clocks for the block; yields the mode that then holds.

    `password` is sudo's, where the board asks for one; it travels over stdin only. Raises
    InputError for a mode that the board does not offer, BoardError when it cannot be changed.
    """
    if wish.empty:
        yield jetson.mode
        return
    before, wanted = _modes(jetson, wish)
    holder = connection.start(_HOLDER, lambda line: None)
    try:
        told = [
            connection.folder,
            str(holder.pid),
            str(before.id if before else 0),
            _NONE if wanted is None else str(wanted.id),
            "clocks" if wish.hold_clocks else _NONE,
        ]
        _check(as_administrator(connection, "hold_power", told, password), wanted)
        yield wanted or before
    except BaseException:
        with suppress(EdgewrightError):  # the board puts back by itself; the reason counts
            holder.stop()
            _wait_until_put_back(connection)
        raise
    holder.stop()
    _wait_until_put_back(connection)


def unfinished(connection: Connection) -> Unfinished | None:
    """A change that waits to be undone although nobody holds it any more; None is the rule."""
    found = _JOURNAL.match(connection.read(f"{connection.folder}/power-journal") or "")
    if found is None:
        return None
    return Unfinished(mode_before=int(found[1]), held_clocks=found[3] != _NONE)


def put_back(connection: Connection, password: str | None = None) -> None:
    """Undo what was left behind. Raises BoardError when it cannot be done."""
    _check(as_administrator(connection, "put_power_back", [connection.folder], password), None)


def as_administrator(
    connection: Connection, name: str, arguments: Sequence[str], password: str | None
) -> Completed:
    """Run one of our scripts by sudo; the password goes over stdin."""
    sudo = ["sudo", "-n"] if password is None else ["sudo", "-S", "-p", ""]
    command = [*sudo, "--", "sh", "-c", script(name), "edgewright", *arguments]
    given = None if password is None else f"{password}\n"
    return connection.run(command, input=given, timeout=_CHANGE_SECONDS)


def _modes(jetson: Jetson, wish: PowerWish) -> tuple[JetsonMode | None, JetsonMode | None]:
    """The mode now and the one to set; None for the latter where it is the same."""
    if not wish.mode:
        return jetson.mode, None
    if jetson.mode is None:
        raise BoardError(
            "The power mode of the board is not changed.",
            "It does not tell in which mode it is, so it could not be put back.",
            "On the board: sudo nvpmodel -q; or measure in the mode that it is in.",
        )
    wanted = next((one for one in jetson.modes if one.name == wish.mode), None)
    if wanted is None:
        names = ", ".join(mode.name for mode in jetson.modes)
        raise InputError(
            f"The board has no power mode called “{wish.mode}”.",
            f"It has: {names or 'none that it tells'}.",
            "Choose one of these.",
        )
    return jetson.mode, None if wanted.id == jetson.mode.id else wanted


def _check(ran: Completed, wanted: JetsonMode | None) -> None:
    """Raises BoardError when a change failed, with what the board said."""
    if ran.rc == 0:
        return
    said = f"{ran.out}\n{ran.err}"
    if _NEEDS_RESTART in said:
        mode = f"sudo nvpmodel -m {wanted.id}" if wanted else "sudo nvpmodel -m ID"
        raise BoardError(
            "The board takes this power mode only with a restart.",
            "It was asked not to restart, so the mode is as before.",
            f"On the board: {mode}, say YES, and measure when it is up again.",
        )
    why = _CODES.get(ran.rc) or f"It says: {ran.err.strip()[-300:] or 'nothing'}."
    raise BoardError(
        "The power mode or the clocks of the board could not be changed.",
        why,
        "Changing them needs sudo on the board: give its password, or allow sudo without one. "
        "Or measure without changing anything.",
    )


def _wait_until_put_back(connection: Connection) -> None:
    """Raises BoardError when the board has not undone the change in time."""
    end = time.monotonic() + _PUT_BACK_SECONDS
    while unfinished(connection) is not None:
        if time.monotonic() > end:
            mode = look_at(connection).mode
            raise BoardError(
                "The board’s power mode was not put back.",
                f"It is now {mode.name if mode else 'not known'}.",
                "Edgewright tries again at the next connection; or on the board: "
                "sudo nvpmodel -m ID, and start it anew to free the clocks.",
            )
        time.sleep(0.2)
