"""What every command promises."""

import argparse

import pytest

from core.commands import commands
from core.commands.base import Command


@pytest.mark.parametrize("command", tuple(commands()), ids=lambda command: command.name)
def test_that_a_command_explains_itself_and_each_of_its_flags(command: Command) -> None:
    parser = argparse.ArgumentParser(prog=command.name)
    command.add_arguments(parser)
    assert command.summary.endswith(".")
    for action in parser._actions:
        assert action.help, action.dest
    assert parser.format_help()
