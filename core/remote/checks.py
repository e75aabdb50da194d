"""What is looked at on a board before it is used, each finding with its remedy."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from core.remote.board import BoardKind

if TYPE_CHECKING:
    from core.remote.connection import Connection

CheckState = Literal["ok", "warn", "failed", "unknown"]


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


def check_board(connection: "Connection", kind: BoardKind) -> Iterator[Check]:
    """Every finding as soon as it is known. Raises BoardError when the board cannot be asked."""
    from core.remote.kinds import board_kind

    return board_kind(kind).checks(connection)
