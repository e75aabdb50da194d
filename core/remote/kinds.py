"""The kinds of devices that are boards, and which of them a new board is."""

from core.devices import devices
from core.errors import InputError
from core.remote.board import BoardKind
from core.remote.board_device import BoardDevice
from core.remote.connection import Connection


def board_kinds() -> tuple[BoardDevice, ...]:
    """Those that recognize their boards first, then those that take any."""
    found = [kind for kind in devices() if isinstance(kind, BoardDevice)]
    return tuple(sorted(found, key=lambda kind: kind.general))


def board_kind(name: BoardKind) -> BoardDevice:
    """Raises InputError when there is no such kind in this Edgewright."""
    found = devices()[name]
    if not isinstance(found, BoardDevice):
        raise InputError(
            f"“{name}” is no kind of board.", "It is reached without SSH.", "Choose a board."
        )
    return found


def recognized(connection: Connection) -> BoardDevice:
    """The kind of a board that was never seen before."""
    return next(kind for kind in board_kinds() if kind.recognizes(connection))
