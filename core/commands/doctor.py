"""`edgewright doctor`: what is wrong with a model or its compressed form, and what mends it."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.commands.arguments import add_images, contract_of, count, data_of
from core.commands.base import Answer, Command, run_apart
from core.commands.words import table
from core.doctors import doctors
from core.doctors.base import Diagnosis, DoctorReport, DoctorRequest, Finding, Remedy
from core.errors import InputError
from core.jobs.folders import write_atomically
from core.jobs.runner import Listener
from core.plan.plan_file import read_plan, write_plan


class DoctorCommand(Command):
    name: ClassVar[str] = "doctor"
    summary: ClassVar[str] = "Find out why a model answers badly, and what mends it."
    outcome_type: ClassVar[type[BaseModel]] = DoctorReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        known = "; ".join(f"{doctor.name}: {doctor.question}" for doctor in doctors())
        parser.description = f"Doctors look at the model on your images. {known}"
        parser.add_argument("model", type=Path, metavar="MODEL", help="the original model file")
        add_images(parser)
        parser.add_argument(
            "--which",
            action="append",
            choices=[doctor.name for doctor in doctors()],
            default=[],
            help="ask only this doctor; may be repeated (default: all)",
        )
        parser.add_argument(
            "--compressed", type=Path, metavar="MODEL", help="its compressed form, to look at too"
        )
        parser.add_argument(
            "--plan",
            type=Path,
            metavar="FILE",
            help="the plan that compresses it (default: plain INT8; for overflows FP16 too)",
        )
        parser.add_argument(
            "--images",
            type=count,
            default=64,
            metavar="N",
            help="the most images that a doctor looks at (default: 64)",
        )
        parser.add_argument(
            "--remedies",
            type=Path,
            metavar="FOLDER",
            help="write every remedy there, as a plan or a preprocessing file that commands take",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        data = data_of(arguments)
        if data is None:
            raise InputError(
                "Doctors need images.",
                "They look at what the model makes of them.",
                "Name a folder or zip file with --data.",
            )
        compressed: Path | None = arguments.compressed
        request = DoctorRequest(
            model=arguments.model.absolute(),
            data=data,
            contract=contract_of(arguments),
            plan=None if arguments.plan is None else read_plan(arguments.plan),
            compressed=None if compressed is None else compressed.absolute(),
            which=tuple(dict.fromkeys(arguments.which)) or tuple(one.name for one in doctors()),
            images=max(arguments.images, 1),
        )
        report = cast("DoctorReport", run_apart("doctor", request, listen))
        if arguments.remedies is not None:
            _write(report, arguments.remedies)
        return Answer(report, "\n\n\n".join(_text(diagnosis) for diagnosis in report.diagnoses))


def _write(report: DoctorReport, folder: Path) -> None:
    """`accuracy-1.json`, `preprocessing-1.json` … in the order in which they are said."""
    folder.mkdir(parents=True, exist_ok=True)
    for diagnosis in report.diagnoses:
        for number, remedy in enumerate(_remedies(diagnosis), start=1):
            file = folder / f"{diagnosis.doctor}-{number}.json"
            if remedy.plan is not None:
                write_plan(remedy.plan, file)
            elif remedy.contract is not None:
                write_atomically(file, remedy.contract.model_dump_json(indent=2).encode() + b"\n")


def _remedies(diagnosis: Diagnosis) -> Iterator[Remedy]:
    for finding in diagnosis.findings:
        yield from finding.remedies


def _text(diagnosis: Diagnosis) -> str:
    mark = "well" if diagnosis.healthy else "something is wrong"
    parts = [f"{diagnosis.label}: {mark}\n{diagnosis.sentence}"]
    numbers = {id(one): n for n, one in enumerate(_remedies(diagnosis), start=1)}
    parts += [_finding(finding, numbers) for finding in diagnosis.findings]
    for shown in diagnosis.tables:
        parts.append(f"{shown.title}\n{table(shown.header, shown.rows)}")
    parts += diagnosis.notes
    return "\n\n".join(parts)


def _finding(finding: Finding, numbers: dict[int, int]) -> str:
    lines = [finding.title, *(f"  {fact}" for fact in finding.facts)]
    for remedy in finding.remedies:
        number = numbers[id(remedy)]
        lines.append(f"  {number}. {remedy.label} – {remedy.basis}: {remedy.effect}")
    return "\n".join(lines)
