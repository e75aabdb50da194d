"""Turns an argument list into the one line of text that SSH carries to a board's shell."""

import shlex
from collections.abc import Sequence


def command_line(argv: Sequence[str]) -> str:
    """Each argument arrives as it is, whatever is in it; no shell looks into it.

    SSH has no argument lists (RFC 4254, section 6.5): the board's login shell splits a line. This
    is the only place where such a line is made. Raises ValueError for what no argument can hold.
    """
    if not argv:
        raise ValueError("a command has at least a name")
    if any("\0" in argument for argument in argv):
        raise ValueError("an argument cannot hold a NUL character")
    return shlex.join(argv)
