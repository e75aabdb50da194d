"""`edgewright edit`: change a model safely and save it under another name."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.commands.base import Answer, Command, run_apart
from core.commands.words import megabytes
from core.edit.edits_file import EditList, read_edits
from core.edit.kinds import edit_kinds
from core.edit.kinds.base import Edit
from core.edit.saved import SavedModel
from core.errors import InputError
from core.jobs.kinds.save import SaveRequest
from core.jobs.runner import Listener
from core.parameters import Toggle
from core.writers import writers
from core.writers.base import Writer


class EditCommand(Command):
    name: ClassVar[str] = "edit"
    summary: ClassVar[str] = "Change a model safely and save it under another name."
    outcome_type: ClassVar[type[BaseModel]] = SavedModel

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "model", type=Path, metavar="MODEL", help="ONNX file; it stays as it is"
        )
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            metavar="FILE",
            help=f"new file; {' or '.join(_endings())} says which format",
        )
        parser.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")
        for writer in writers():
            for option in _switches(writer):
                parser.add_argument(
                    f"--{option.name}", action="store_true", help=f"{writer.label}: {option.label}"
                )
        edits = parser.add_argument_group("edits, made in the order in which they are given")
        edits.add_argument(
            "--edits", type=Path, metavar="FILE", help="JSON file with a list of edits; made first"
        )
        for kind in edit_kinds():
            for flag in kind.flags:
                edits.add_argument(
                    flag.name,
                    dest="shortcuts",
                    action="append",
                    default=[],
                    type=_typed(flag.make),
                    metavar=flag.metavar,
                    help=flag.help,
                )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        listed = read_edits(arguments.edits).edits if arguments.edits else ()
        edits = EditList(edits=(*listed, *_joined(arguments.shortcuts)))
        out: Path = arguments.out.absolute()
        writer = _writer_of(out)
        chosen = [
            option.name
            for each in writers()
            for option in _switches(each)
            if getattr(arguments, option.name)
        ]
        request = SaveRequest(
            model=arguments.model.absolute(),
            edits=tuple(edits.model_dump(mode="json")["edits"]),
            out=out,
            writer=writer.name,
            options=dict.fromkeys(chosen, True),
            overwrite=arguments.overwrite,
        )
        saved = cast("SavedModel", run_apart("save", request, listen))
        return Answer(saved, _text(saved))


def _typed(make: Callable[[str], Edit]) -> Callable[[str], Edit]:
    def read(text: str) -> Edit:
        try:
            return make(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None

    return read


def _joined(edits: Iterable[Edit]) -> Sequence[Edit]:
    """Flags that together say one thing, such as both ends of a part, as one edit."""
    found: list[Edit] = []
    for edit in edits:
        both = found[-1].joined(edit) if found else None
        if both is None:
            found.append(edit)
        else:
            found[-1] = both
    return found


def _endings() -> list[str]:
    return [writer.suffix for writer in writers()]


def _writer_of(out: Path) -> Writer:
    found = next((each for each in writers() if each.suffix == out.suffix.lower()), None)
    if found is None:
        raise InputError(
            f"It is not clear in which format to write “{out.name}”.",
            f"Its name ends in none of: {', '.join(_endings())}.",
            "Give it the ending of the format that you want.",
        )
    return found


def _switches(writer: Writer) -> list[Toggle]:
    return [each for each in writer.parameters if isinstance(each, Toggle)]


def _text(saved: SavedModel) -> str:
    changes = [f"  {sentence}" for sentence in saved.edits] or ["  Nothing was changed."]
    files = [f"  {name}  {megabytes(size)}" for name, size in saved.files.items()]
    notes = [f"Note: {note}" for note in saved.notes]
    return "\n".join(["Edits:", *changes, f"Saved in {saved.path.parent}:", *files, *notes])
