"""`edgewright convert`: turn a model of another format into ONNX or OpenVINO IR."""

import argparse
from pathlib import Path
from typing import ClassVar, cast, get_args

from pydantic import BaseModel

from core.commands.base import Answer, Command, run_apart
from core.commands.words import megabytes
from core.conversion.declaration import Target
from core.jobs.kinds.convert import ConvertReport, ConvertRequest
from core.jobs.runner import Listener


class ConvertCommand(Command):
    name: ClassVar[str] = "convert"
    summary: ClassVar[str] = "Turn a model of another format into one that runs."
    outcome_type: ClassVar[type[BaseModel]] = ConvertReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file or folder")
        parser.add_argument(
            "--to", choices=get_args(Target), default="onnx", help="the format (default: onnx)"
        )
        parser.add_argument(
            "--out", type=Path, required=True, metavar="FILE", help="new file to write"
        )
        parser.add_argument(
            "--trust",
            action="store_true",
            help="let code of the file's own run, confined; without it none does",
        )
        parser.add_argument(
            "--input-shape",
            type=_sizes,
            action="append",
            default=[],
            metavar="SIZES",
            help="such as 1,3,224,224; once for each input, where the file does not say",
        )
        parser.add_argument(
            "--architecture",
            type=_place_in_code,
            default=(None, ""),
            metavar="FILE:NAME",
            help="Python file, and the class or function in it that builds the model",
        )
        parser.add_argument(
            "--python", type=Path, metavar="FILE", help="a Python that has the component it takes"
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        architecture, name = cast("tuple[Path | None, str]", arguments.architecture)
        request = ConvertRequest(
            model=arguments.model.absolute(),
            to=arguments.to,
            out=arguments.out.absolute(),
            trusted=arguments.trust,
            input_shapes=tuple(arguments.input_shape),
            architecture=architecture,
            architecture_name=name,
            python=arguments.python,
        )
        report = cast("ConvertReport", run_apart("convert", request, listen))
        return Answer(report, _text(report))


def _sizes(text: str) -> tuple[int, ...]:
    parts = text.replace("×", ",").replace("x", ",").split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"“{text}” is no list of sizes such as 1,3,224,224")
    return tuple(int(part) for part in parts)


def _place_in_code(text: str) -> tuple[Path, str]:
    file, separator, name = text.rpartition(":")
    if not separator or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"“{text}” is not of the form model.py:name")
    return Path(file).absolute(), name


def _text(report: ConvertReport) -> str:
    files = [f"  {name}  {megabytes(size)}" for name, size in report.files.items()]
    notes = [f"While code of the file ran: {note}" for note in report.notes]
    return "\n".join([f"The model is in {report.file.parent}:", *files, *notes])
