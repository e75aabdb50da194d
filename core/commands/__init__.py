"""The commands of the command line: one file each."""

import pkgutil
import sys
from functools import cache

from core.commands.base import Command
from core.discovery import Catalogue, discover


@cache
def commands() -> Catalogue[Command]:
    """Every command, by name."""
    return discover(sys.modules[__name__], Command, "command")


def names_a_command(word: str) -> bool:
    """Whether a command of that name exists; imports none of them."""
    return word in {info.name for info in pkgutil.iter_modules(__path__)}
