"""What is known of a board, in the words and tones that cards and pages share."""

from datetime import datetime

from core.remote.board import Board
from gui.devices.fleet import Condition, Fleet
from gui.panels.text import ChipKind
from gui.wording import day_words

_CONDITIONS: dict[Condition, tuple[str, ChipKind, str]] = {
    "ready": ("ready", "good", "good"),
    "look": ("look at it", "warn", "warn"),
    "broken": ("must be mended", "bad", "bad"),
    "away": ("not reached", "bad", "bad"),
    "checking": ("checking…", "accent", "accent"),
    "unseen": ("not checked", "plain", "faint"),
}
"""Words, chip, and tone of the state light."""

_NOW = ("mode", "heat")
"""Checks that say how a board is at this moment."""


def condition_words(fleet: Fleet, board: Board) -> str:
    return _CONDITIONS[fleet.condition(board.id)][0]


def condition_kind(fleet: Fleet, board: Board) -> ChipKind:
    return _CONDITIONS[fleet.condition(board.id)][1]


def condition_tone(fleet: Fleet, board: Board) -> str:
    return _CONDITIONS[fleet.condition(board.id)][2]


def seen_words(board: Board) -> str:
    """“today 13:20”, or that it was never reached since it was added."""
    if not board.seen_at:
        return "not since it was added"
    seen = datetime.fromisoformat(board.seen_at)
    return day_words(seen, datetime.now(seen.tzinfo))


def card_words(fleet: Fleet, board: Board) -> str:
    """The two lines of its card: where it is, and how it is now or when it was last seen."""
    look = fleet.look(board.id)
    found = [check for each in _NOW if (check := look.of(each)) is not None]
    now = [_first_words(check.detail) for check in found if check.state in ("ok", "warn")]
    seen = f"seen {seen_words(board)}" if board.seen_at else "not seen since it was added"
    return f"{board.address}\n{' · '.join(now) or seen}"


def _first_words(detail: str) -> str:
    """“15W” of “15W, 2 of 6 cores are off; also: 7W”."""
    return detail.replace(";", ",").partition(",")[0]
