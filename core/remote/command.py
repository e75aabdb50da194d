"""One command on a board: from its arguments to its end, within a time."""

import asyncio
from collections.abc import Sequence

from core.remote import refusals
from core.remote.board import Board
from core.remote.quoting import command_line
from core.remote.secure_shell import Ended, SecureShell

RUN_SECONDS = 30.0
_MOST_ANSWER_BYTES = 1 << 24


async def run_command(
    shell: SecureShell,
    board: Board,
    argv: Sequence[str],
    given: bytes = b"",
    seconds: float = RUN_SECONDS,
) -> Ended:
    """Raises ConnectionLost, and BoardError when it takes too long or says too much."""
    try:
        async with asyncio.timeout(seconds):
            return await shell.run(command_line(argv), given, _MOST_ANSWER_BYTES)
    except TimeoutError as error:
        raise refusals.too_slow(board, argv, seconds) from error
