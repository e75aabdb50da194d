"""The command line: reads the words, runs the command, prints what it found.

Exit codes: 0 success, 1 the goal was not met, 2 bad input, 3 a worker died, 130 cancelled.
"""

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from core.commands import commands
from core.commands.base import Answer, Command
from core.commands.progress import ProgressLines
from core.commands.schemas import ErrorAnswer, ErrorWords
from core.commands.words import plain
from core.errors import InputError, JobCancelled, UserError, WorkerDied


def main(argv: Sequence[str] | None = None, more: Sequence[Command] = ()) -> int:
    """Run one command and return its exit code. `more`: commands from outside of core."""
    words = list(sys.argv[1:] if argv is None else argv)
    progress = ProgressLines(sys.stderr, live=sys.stderr.isatty())
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        answer = _run(words, progress, more)
    except UserError as error:
        return _fail(error, "--json" in words, progress)
    except (KeyboardInterrupt, JobCancelled):
        progress.line("Cancelled.")
        return JobCancelled.exit_code
    except Exception as error:  # the edge of the process: a defect is told as one
        traceback.print_exc()
        return _fail(_defect(error), "--json" in words, progress)
    progress.clear()
    _print(answer.outcome.model_dump_json() if "--json" in words else plain(answer.text))
    return answer.exit_code


def _print(text: str) -> None:
    """A reader that has seen enough, such as `head`, is no fault."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # else Python fails again as it ends


def _run(words: Sequence[str], progress: ProgressLines, more: Sequence[Command]) -> Answer:
    parser = _build_parser(more)
    arguments = parser.parse_args(words)
    command: Command = arguments.command
    return command.run(arguments, progress)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(
            "The command is not understood.",
            f"{message[:1].upper()}{message[1:].rstrip('.')}.",
            f"“{self.prog} --help” lists what it takes.",
        )


def _build_parser(more: Sequence[Command]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="edgewright",
        description="Makes deep-learning models fit edge devices, and measures that they do.",
        epilog="Without a command, and with “open MODEL”, the window opens.",
        allow_abbrev=False,
    )
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (*commands(), *more):
        each = parsers.add_parser(
            command.name,
            help=command.summary,
            description=command.summary,
            allow_abbrev=False,
        )
        each.add_argument("--json", action="store_true", help="print one JSON object")
        each.set_defaults(command=command)
        command.add_arguments(each)
    return parser


def _fail(error: UserError, as_json: bool, progress: ProgressLines) -> int:
    for sentence in (error.what, error.why, error.remedy):
        progress.line(sentence)
    if as_json:
        words = ErrorWords(
            what=error.what, why=error.why, remedy=error.remedy, code=error.exit_code
        )
        _print(ErrorAnswer(error=words).model_dump_json())
    return error.exit_code


def _defect(error: Exception) -> UserError:
    return WorkerDied(
        "Edgewright made a mistake.",
        f"{type(error).__name__}: {error}",
        "Please report it together with the lines above; your files are unchanged.",
    )


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
