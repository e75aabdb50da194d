"""`edgewright export`: write a measured candidate as a folder that is ready to deploy."""

import argparse
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.commands.base import Answer, Command, run_apart
from core.commands.words import megabytes
from core.errors import InputError
from core.export.bundle import ExportReport
from core.jobs.kinds.export import ExportRequest
from core.jobs.runner import Listener
from core.project.project import Project


class ExportCommand(Command):
    name: ClassVar[str] = "export"
    summary: ClassVar[str] = "Write the chosen model as a folder that is ready to deploy."
    outcome_type: ClassVar[type[BaseModel]] = ExportReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("project", type=Path, metavar="PROJECT", help="folder of a project")
        parser.add_argument(
            "--out", type=Path, required=True, metavar="FOLDER", help="new folder to write"
        )
        parser.add_argument(
            "--candidate", metavar="ID", help="another than the chosen one, such as keep.openvino"
        )
        parser.add_argument(
            "--openvino-ir",
            action="store_true",
            help="write model.xml and model.bin instead of model.onnx",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        project = Project.open(arguments.project, read_only=True)
        latest = project.latest_report()
        if latest is None:
            raise InputError(
                f"The project “{project.state.name}” has nothing to export.",
                "Nothing in it has been optimized to the end yet.",
                "Run “edgewright optimize” with this project first.",
            )
        request = ExportRequest(
            run=latest[0].folder,
            out=arguments.out.absolute(),
            candidate=arguments.candidate,
            data=project.state.data,
            openvino_ir=arguments.openvino_ir,
        )
        report = cast("ExportReport", run_apart("export", request, listen))
        return Answer(report, _text(report))


def _text(report: ExportReport) -> str:
    files = [f"  {name}  {megabytes(size)}" for name, size in report.files.items()]
    return "\n".join(
        [
            f"{report.label} is in {report.folder}:",
            *files,
            f"Try it: python {report.folder}/infer.py IMAGE",
        ]
    )
