"""`edgewright sensitivity`: what each layer costs in accuracy when it alone is compressed."""

import argparse
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.benchmark.results import Estimate
from core.commands.arguments import add_images, contract_of, count, data_of
from core.commands.base import Answer, Command, run_apart
from core.commands.words import percent, table
from core.data.metrics.base import Score
from core.errors import InputError
from core.jobs.kinds.sensitivity import SensitivityRequest
from core.jobs.runner import Listener
from core.search.sensitivity.report import NO_NOISE_DB, LayerSensitivity, SensitivityReport


class SensitivityCommand(Command):
    name: ClassVar[str] = "sensitivity"
    summary: ClassVar[str] = "Find the layers that cost most accuracy when they are compressed."
    outcome_type: ClassVar[type[BaseModel]] = SensitivityReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.description = (
            "Compresses one layer at a time and compares the model's answers with the original's. "
            "Stop it at any time with Ctrl+C: what was found is kept, and the same command goes "
            "on from there."
        )
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        add_images(parser)
        parser.add_argument(
            "--images",
            type=count,
            default=200,
            metavar="N",
            help="the most images that a figure rests on (default: 200)",
        )
        parser.add_argument(
            "--setting",
            action="append",
            default=[],
            metavar="NAME",
            help="int8, int8-asymmetric, fp16 …; may be repeated (default: int8)",
        )
        parser.add_argument(
            "--scheduler",
            default="",
            metavar="ADDRESS",
            help="spread the work over the workers of this Dask scheduler, such as tcp://host:8786",
        )
        parser.add_argument(
            "--processes",
            type=count,
            default=0,
            metavar="N",
            help="worker processes on this computer; 0 means one for each processor (default)",
        )
        parser.add_argument(
            "--cache",
            type=Path,
            metavar="FOLDER",
            help="where figures are kept for the next time (default: the user's cache folder)",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        data = data_of(arguments)
        if data is None:
            raise InputError(
                "Sensitivity needs images.",
                "It compares what the model answers to them.",
                "Name a folder or zip file with --data.",
            )
        request = SensitivityRequest(
            model=arguments.model.absolute(),
            data=data,
            contract=contract_of(arguments),
            images=max(arguments.images, 1),
            settings=tuple(dict.fromkeys(arguments.setting)) or ("int8",),
            scheduler=arguments.scheduler,
            processes=arguments.processes,
            cache=None if arguments.cache is None else arguments.cache.absolute(),
        )
        report = cast("SensitivityReport", run_apart("sensitivity", request, listen))
        return Answer(report, "\n\n".join(_text(report, name) for name in report.settings))


def _text(report: SensitivityReport, setting: str) -> str:
    figures = report.of(setting)
    header = (
        "Layer",
        "Signal to noise, dB",
        "KL divergence, nats",
        "Other answer",
        "Drop, points",
        "Images",
    )
    ordered = [figures[layer] for layer in report.worst_first(setting)]
    moving = [one for one in ordered if one.sqnr_db.value < NO_NOISE_DB]
    skipped = [one for one in report.skipped if one.setting == setting and not one.refused]
    lines = [
        f"{setting}, measured with 95 % intervals; the layers that hurt most come first",
        table(header, [_row(one) for one in moving]),
    ]
    if len(moving) < len(ordered):
        lines.append(f"{len(ordered) - len(moving)} layers change nothing when treated alone.")
    lines += [f"{one.layer} was left out: {one.reason}" for one in skipped]
    lines.append(
        "On other images this order is expected to stay the same up to a rank correlation of "
        f"{report.stability.get(setting, 1.0):.3f}."
    )
    return "\n".join(lines)


def _row(one: LayerSensitivity) -> tuple[str, ...]:
    flips = one.flips
    return (
        one.layer,
        _words(one.sqnr_db, ".1f"),
        "–" if one.kl is None else _words(one.kl, ".2g"),
        "–" if flips is None else _flips_words(flips),
        "–" if one.drop is None else _words(one.drop, ".1f"),
        str(one.images),
    )


def _flips_words(flips: Score) -> str:
    return f"{percent(flips.value, 1)} ({100 * flips.low:.1f} to {100 * flips.high:.1f})"


def _words(figure: Estimate, form: str) -> str:
    return f"{figure.value:{form}} ({figure.low:{form}} to {figure.high:{form}})"
