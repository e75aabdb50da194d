"""The job that asks an address for its host key, before anything secret is said to it."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from core.jobs.kinds.base import JobContext, JobKind
from core.remote.board import Board, Host, HostKey
from core.remote.boards import boards


class ContactRequest(BaseModel):
    """Where to ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Host
    port: int = Field(default=22, ge=1, le=65535)


class Contact(BaseModel):
    """What showed itself there, and what is known of it."""

    model_config = ConfigDict(frozen=True)

    key: HostKey
    known: tuple[Board, ...]
    """Boards that were added at this address or show this key; several Jetsons share the address
    of the USB cable."""
    keyring_problem: str
    """Why passwords cannot be kept on this computer; empty when they can."""


class ContactDevice(JobKind[ContactRequest, Contact]):
    """Sends nothing but the greeting of SSH. Raises BoardUnreachable."""

    name: ClassVar[str] = "device-contact"
    title: ClassVar[str] = "Looking for the device"
    request_type: ClassVar[type[BaseModel]] = ContactRequest
    outcome_type: ClassVar[type[BaseModel]] = Contact

    def run(self, request: ContactRequest, context: JobContext) -> Contact:
        from core.remote.connection import first_contact
        from core.remote.passwords import keyring_problem

        context.step(self.title)
        key = first_contact(request.host, request.port)
        return Contact(
            key=key, known=tuple(_known(request, key)), keyring_problem=keyring_problem()
        )


def _known(request: ContactRequest, key: HostKey) -> Iterator[Board]:
    place = (request.host, request.port)
    for board in boards().found.values():
        if (board.host, board.port) == place or board.host_key == key.key:
            yield board
