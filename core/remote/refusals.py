"""What a board or the way to it refuses, in plain words."""

import socket
from collections.abc import Sequence

from core.errors import (
    BoardError,
    BoardRestarted,
    BoardUnreachable,
    ChangedHostKey,
    ConnectionLost,
    LoginRefused,
    OtherBoard,
    UnknownHostKey,
)
from core.remote.board import USB_HOST, Board, HostKey

_NOTHING_SENT = "Neither the password nor anything signed with your key was sent."


def unreachable(place: str, error: Exception) -> BoardUnreachable:
    """`place` is the address with its port."""
    why, remedy = _why_unreachable(place, error)
    return BoardUnreachable(f"Nothing answers at {place}.", why, remedy)


def _why_unreachable(place: str, error: Exception) -> tuple[str, str]:
    match error:
        case TimeoutError():
            why = "It did not answer in time."
        case ConnectionRefusedError():
            return (
                "Something is there, but it does not listen for SSH on this port.",
                "On the board: sudo apt install openssh-server; or check the port.",
            )
        case socket.gaierror():
            return (
                "No computer of this name is known here.",
                "Check the spelling, or use the IP address.",
            )
        case _:
            why = f"{str(error).strip().rstrip('.') or type(error).__name__}."
    if place.startswith(USB_HOST):
        return (
            why,
            "Connect the board’s USB device port with this computer, and wait until it is up.",
        )
    return why, "Check that the board is on and in the same network."


def unknown_host_key(shown: HostKey) -> UnknownHostKey:
    return UnknownHostKey(
        "Nobody has accepted the key of this board yet.",
        f"It shows {shown.fingerprint}. {_NOTHING_SENT}",
        "Compare it with what the board says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    )


def changed_host_key(board: Board, shown: HostKey) -> ChangedHostKey:
    return ChangedHostKey(
        f"What answers at {board.host} shows another key than “{board.name}” did.",
        f"It shows {shown.fingerprint}: the board’s system was installed anew, another device has "
        f"its address, or somebody listens in. {_NOTHING_SENT}",
        "If the system was installed anew, remove the board and add it again; otherwise find out "
        "what has its address.",
    )


def swapped(board: Board, other: Board) -> ChangedHostKey:
    """At the address of one known board another known board answers."""
    shared = (
        f" Every Jetson has the address {USB_HOST} on its USB cable."
        if board.host == USB_HOST
        else ""
    )
    return ChangedHostKey(
        f"At {board.host} “{other.name}” answers, not “{board.name}”.",
        f"The key is that of “{other.name}”, so the boards were swapped.{shared} {_NOTHING_SENT}",
        f"Connect “{board.name}”, or choose “{other.name}”.",
    )


def other_serial(board: Board, serial: str) -> OtherBoard:
    return OtherBoard(
        f"This is not “{board.name}”.",
        f"Its key is the same, but its serial number is {serial or 'missing'} and not "
        f"{board.serial}: two boards were set up from one copied disk.",
        "Connect the right board, or add this one under a name of its own. Making new host keys "
        "on one of them tells them apart: sudo ssh-keygen -A, after deleting the old ones.",
    )


def login_refused(user: str, place: str, *, with_password: bool) -> LoginRefused:
    if not with_password:
        return LoginRefused(
            f"{place} does not let “{user}” in.",
            "It accepts none of the keys, and no password was given.",
            "Give the password of this user once; it is not stored unless you ask for it.",
        )
    return LoginRefused(
        f"{place} does not let “{user}” in.",
        "It accepts neither the key nor the password, or allows no passwords.",
        "Check the user name and the password.",
    )


def lost(place: str) -> ConnectionLost:
    return ConnectionLost(
        f"The connection to {place} broke.",
        "The cable was pulled, the network failed, or the board went down.",
        "Check the cable and the board’s power, then start again; nothing unfinished was kept.",
    )


def restarted(board: Board) -> BoardRestarted:
    return BoardRestarted(
        f"“{board.name}” was started anew while it was measured.",
        "What was timed before and after cannot be taken together, so no figure is given.",
        "See why it went down (power, heat, memory), then measure again.",
    )


def gone(board: Board) -> ConnectionLost:
    return ConnectionLost(
        f"“{board.name}” does not answer any more.",
        "It was unplugged, lost its power, or is being started anew. No figure is given.",
        "Check its cable and its power, then measure again.",
    )


def too_much(place: str, most_bytes: int) -> BoardError:
    return BoardError(
        f"{place} sends more than it should.",
        f"An answer is longer than {most_bytes / 1e6:.0f} MB.",
        "Check what runs on the board.",
    )


def too_slow(board: Board, argv: Sequence[str], seconds: float) -> BoardError:
    return BoardError(
        f"“{board.name}” does not answer.",
        f"“{argv[0]}” did not end within {seconds:.0f} s.",
        "See what else runs on the board, or start it anew.",
    )


def file_problem(place: str, error: Exception) -> BoardError:
    """`error` is what the board's file server says."""
    said = str(error).strip().rstrip(".") or type(error).__name__
    return BoardError(
        f"{place} refuses to read or write a file.",
        f"It says: {said[:300]}.",
        "Check the free space and the rights of the folder .edgewright on the board.",
    )


def no_room(board: Board, needed: int, free: int) -> BoardError:
    return BoardError(
        f"There is not enough room on “{board.name}”.",
        f"{needed / 1e6:.1f} MB are needed, {free / 1e6:.1f} MB are free.",
        "Delete files on the board. All that Edgewright put there lies in ~/.edgewright; what is "
        "still needed of it is copied again.",
    )
