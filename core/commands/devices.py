"""`edgewright devices`: where models can be run and measured, and boards to add to these."""

import argparse
from collections.abc import Callable, Mapping
from typing import ClassVar, cast

from pydantic import BaseModel, ConfigDict

from core.commands.arguments import password_from
from core.commands.base import Answer, Command, run_apart
from core.devices.base import DeviceFacts
from core.errors import InputError, UnknownHostKey
from core.jobs.kinds.device_add import PASSWORD, AddedBoard, AddRequest
from core.jobs.kinds.device_check import CheckedBoard, CheckRequest
from core.jobs.kinds.device_contact import Contact, ContactRequest
from core.jobs.kinds.device_prepare import PrepareRequest
from core.jobs.kinds.device_remove import RemoveRequest
from core.jobs.kinds.devices import DevicesReport, DevicesRequest
from core.jobs.runner import Listener
from core.remote.board import Board
from core.remote.boards import boards, remove_board
from core.remote.checks import Check

_MARKS = {"ok": "✓", "warn": "!", "failed": "✗", "unknown": "?"}


class DevicesAnswer(BaseModel):
    """What was asked for is filled in, the rest is empty."""

    model_config = ConfigDict(frozen=True)

    devices: tuple[DeviceFacts, ...] = ()
    """Those that can be reached now."""
    boards: tuple[Board, ...] = ()
    """All that were added, reached or not."""
    board: Board | None = None
    """The one that was added, checked, prepared or removed."""
    checks: tuple[Check, ...] = ()


class DevicesCommand(Command):
    name: ClassVar[str] = "devices"
    summary: ClassVar[str] = "List devices; add, check, prepare and remove boards over SSH."
    outcome_type: ClassVar[type[BaseModel]] = DevicesAnswer

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "action",
            nargs="?",
            choices=list(_ACTIONS),
            default="list",
            help="what to do (default: list)",
        )
        parser.add_argument(
            "target",
            nargs="?",
            default="",
            metavar="WHICH",
            help="add: USER@HOST or USER@HOST:PORT; else the name or id of a board",
        )
        parser.add_argument("--name", default="", help="add: what to call the board")
        parser.add_argument(
            "--accept",
            default="",
            metavar="FINGERPRINT",
            help="add: the host key’s fingerprint, as the board itself says it (SHA256:…)",
        )
        parser.add_argument(
            "--password",
            action="store_true",
            help="add: ask for the password, or read it from the first line of standard input",
        )
        parser.add_argument(
            "--remember",
            action="store_true",
            help="add: keep the password in the system’s keyring",
        )
        parser.add_argument(
            "--leave",
            action="store_true",
            help="remove: only forget the board here, and leave our key and folder on it",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        action: str = arguments.action
        if action != "list" and not arguments.target:
            raise InputError(
                f"It is not said which board to {action}.",
                "Its address or its name is missing.",
                f"Say it behind the action: edgewright devices {action} WHICH.",
            )
        return _ACTIONS[action](arguments, listen)


def _list(arguments: argparse.Namespace, listen: Listener) -> Answer:
    report = cast("DevicesReport", run_apart("devices", DevicesRequest(), listen))
    known = boards()
    reached = {device.id for device in report.devices}
    away = [board for board in known.found.values() if board.id not in reached]
    parts = [
        *(_device_text(device) for device in report.devices),
        *(f"{board.id}: {board.name} ({board.address}) does not answer" for board in away),
        *(f"The file {file} cannot be used: {why}" for file, why in known.failed.items()),
    ]
    answer = DevicesAnswer(devices=report.devices, boards=tuple(known.found.values()))
    return Answer(answer, "\n\n".join(parts))


def _add(arguments: argparse.Namespace, listen: Listener) -> Answer:
    user, host, port = _address(arguments.target)
    contact = cast(
        "Contact", run_apart("device-contact", ContactRequest(host=host, port=port), listen)
    )
    if arguments.accept != contact.key.fingerprint:
        raise _not_accepted(arguments, contact)
    request = AddRequest(
        host=host,
        port=port,
        user=user,
        host_key=contact.key.key,
        name=arguments.name,
        remember=arguments.remember,
    )
    added = cast("AddedBoard", run_apart("device-add", request, listen, _secrets(arguments)))
    text = f"Added “{added.board.name}” ({added.board.id}).\n{_checks_text(added.checks)}"
    return Answer(DevicesAnswer(board=added.board, checks=added.checks), text)


def _check(arguments: argparse.Namespace, listen: Listener) -> Answer:
    request = CheckRequest(board=arguments.target)
    checked = cast("CheckedBoard", run_apart("device-check", request, listen))
    answer = DevicesAnswer(board=boards().named(checked.board), checks=checked.checks)
    failed = any(check.state == "failed" for check in checked.checks)
    return Answer(answer, _checks_text(checked.checks), exit_code=1 if failed else 0)


def _prepare(arguments: argparse.Namespace, listen: Listener) -> Answer:
    request = PrepareRequest(board=arguments.target)
    done = cast("AddedBoard", run_apart("device-prepare", request, listen))
    text = f"“{done.board.name}” is prepared.\n{_checks_text(done.checks)}"
    return Answer(DevicesAnswer(board=done.board, checks=done.checks), text)


def _remove(arguments: argparse.Namespace, listen: Listener) -> Answer:
    from core.remote.passwords import forget_password

    board = boards().named(arguments.target)
    if arguments.leave:
        forget_password(board.id)
        remove_board(board.id)
        return Answer(DevicesAnswer(board=board), f"“{board.name}” is forgotten here.")
    run_apart("device-remove", RemoveRequest(board=board.id), listen)
    text = f"“{board.name}” is forgotten; our key and our folder are gone from it."
    return Answer(DevicesAnswer(board=board), text)


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Listener], Answer]] = {
    "list": _list,
    "add": _add,
    "check": _check,
    "prepare": _prepare,
    "remove": _remove,
}


def _address(text: str) -> tuple[str, str, int]:
    """User, host and port of “user@host:port”."""
    user, _, place = text.rpartition("@")
    host, colon, port = place.rpartition(":")
    if not colon or not port.isdecimal():
        host, port = place, "22"
    if not user or not host:
        raise InputError(
            f"“{text}” is no address of a board.",
            "The user to log in as, or the address, is missing.",
            "Write it as USER@HOST, such as nvidia@192.168.55.1 or pi@raspberrypi.local.",
        )
    return user, host, int(port)


def _not_accepted(arguments: argparse.Namespace, contact: Contact) -> UnknownHostKey:
    known = ", ".join(f"“{board.name}”" for board in contact.known)
    changed = f" Known at this address, or by this key: {known}." if known else ""
    return UnknownHostKey(
        "Nobody has accepted the key of this board yet."
        if not arguments.accept
        else "The board shows another key than the accepted one.",
        f"It shows {contact.key.fingerprint}.{changed} No password was sent.",
        "Compare it with what the board says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub); "
        f"if it is the same, add: --accept {contact.key.fingerprint}",
    )


def _secrets(arguments: argparse.Namespace) -> dict[str, str]:
    if not arguments.password:
        return {}
    return {PASSWORD: password_from(f"Password of {arguments.target}: ")}


def _checks_text(checks: tuple[Check, ...]) -> str:
    lines: list[str] = []
    for check in checks:
        lines.append(f"  {_MARKS[check.state]} {check.title}: {check.detail}")
        if check.remedy:
            lines.append(f"      {check.remedy}")
    return "\n".join(lines)


def _device_text(device: DeviceFacts) -> str:
    runtimes = [f"{name} {version}" for name, version in device.runtimes.items()]
    return "\n".join(
        [
            f"{device.id}: {device.name}",
            f"  Processor: {device.processor}, {_size_of(device)}"
            f"{device.memory_bytes / 1e9:.1f} GB memory",
            *((f"  Driver: {device.driver}",) if device.driver else ()),
            f"  {device.boost}. {device.boost_detail}",
            f"  Runtimes: {', '.join(runtimes) or 'none'}",
            *(f"  Not usable: {name}: {why}" for name, why in device.missing_runtimes.items()),
            f"  System: {device.operating_system}",
        ]
    )


def _size_of(device: DeviceFacts) -> str:
    """Cores and threads; units of a GPU or NPU, which has no threads of its own."""
    if device.threads:
        return f"{device.cores} cores, {device.threads} threads, "
    return f"{device.cores} units, " if device.cores else ""
