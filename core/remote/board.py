"""What is remembered about a board: where it is, which one it is, and how it proves that."""

import re
import secrets
import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.devices.base import DeviceFacts

BoardKind = Literal["jetson", "linux"]
"""Name of the Device subclass that works with it."""

USB_HOST = "192.168.55.1"
"""The address of every Jetson on its USB cable."""

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._:%-]{0,253})")
_USER = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._@$\\-]{0,63})")
_ID = re.compile(r"[0-9a-f]{12}")


def new_board_id() -> str:
    """Twelve hex digits: the only name of a board that ever becomes part of a path."""
    return secrets.token_hex(6)


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("An address is a host name or an IP address, such as 192.168.55.1.")
    return text


def _user(text: str) -> str:
    if not _USER.fullmatch(text):
        raise ValueError("A user name has letters, digits, dots and dashes.")
    return text


def _name(text: str) -> str:
    name = text.strip()
    if not name or any(unicodedata.category(character)[0] == "C" for character in name):
        raise ValueError("A name has at least one character, and no control characters.")
    return name


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("The id of a board is twelve hex digits.")
    return text


Host = Annotated[str, AfterValidator(_host)]
User = Annotated[str, AfterValidator(_user)]
BoardName = Annotated[str, Field(max_length=200), AfterValidator(_name)]


class HostKey(BaseModel):
    """The public key by which a board proves that it is itself."""

    model_config = ConfigDict(frozen=True)

    fingerprint: str
    """“SHA256:…”, as ssh-keygen shows it."""
    key: str
    """“ssh-ed25519 AAAA…”, without a comment."""


class Board(BaseModel):
    """One board that was added. Holds no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, AfterValidator(_id)] = Field(default_factory=new_board_id)
    name: BoardName
    """What the person calls it."""
    kind: BoardKind
    host: Host
    port: int = Field(default=22, ge=1, le=65535)
    user: User
    host_key: str
    """The key that was shown and accepted: “ssh-ed25519 AAAA…”."""
    serial: str = ""
    """The board's own serial number: addresses are shared, and host keys can be copied."""
    model: str = ""
    """What its maker calls it: “Raspberry Pi 5 Model B Rev 1.0”."""
    python: str = ""
    """Interpreter to use on it; empty looks for one."""
    facts: DeviceFacts | None = None
    """As it was when last seen."""
    seen_at: str = ""
    """ISO 8601 with the UTC offset; empty when it was only added."""

    @property
    def address(self) -> str:
        """“user@host”, with the port where it is not the usual one."""
        port = "" if self.port == 22 else f":{self.port}"
        return f"{self.user}@{self.host}{port}"
