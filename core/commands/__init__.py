"""The commands of the command line: one file each."""

import sys
from functools import cache

from core.commands.base import Command
from core.discovery import Catalogue, discover


@cache
def commands() -> Catalogue[Command]:
    """Every command, by name."""
    return discover(sys.modules[__name__], Command, "command")
