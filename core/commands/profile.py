"""`edgewright profile`: where a model's time goes, layer by layer, and why INT8 is not faster."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.benchmark.layer_profile import LayerGroup
from core.benchmark.precision_picture import PrecisionPicture
from core.commands.arguments import add_threads, count, runtime_choice
from core.commands.base import Answer, Command, run_apart
from core.commands.words import percent, table
from core.jobs.kinds.profile import ProfileReport, ProfileRequest
from core.jobs.runner import Listener

_SHOWN = 20
_LAYERS_SHOWN = 2


class ProfileCommand(Command):
    name: ClassVar[str] = "profile"
    summary: ClassVar[str] = "Time every layer by the runtime's own counters."
    outcome_type: ClassVar[type[BaseModel]] = ProfileReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        parser.add_argument(
            "--runtime",
            type=runtime_choice,
            metavar="RUNTIME[:PRECISION]",
            help="such as openvino or openvino:f32 (default: the first that takes the model)",
        )
        add_threads(parser)
        parser.add_argument(
            "--against",
            type=Path,
            metavar="MODEL",
            help="the original of a compressed model: says why that is not faster",
        )
        parser.add_argument(
            "--inferences",
            type=_inferences,
            default=30,
            metavar="N",
            help="inferences to count in each of three processes, 5 to 1000 (default: 30)",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        against: Path | None = arguments.against
        request = ProfileRequest(
            model=arguments.model.absolute(),
            choice=arguments.runtime,
            threads=arguments.threads,
            against=None if against is None else against.absolute(),
            inferences=arguments.inferences,
        )
        report = cast("ProfileReport", run_apart("profile", request, listen))
        return Answer(report, "\n".join(_text(report)))


def _inferences(text: str) -> int:
    if not 5 <= count(text) <= 1000:
        raise argparse.ArgumentTypeError(f"“{text}” does not lie between 5 and 1000")
    return count(text)


def _text(report: ProfileReport) -> Iterator[str]:
    profile = report.profile
    counted = profile.counted_ms or 1.0
    yield f"{profile.label}, measured by the runtime's own counters, {profile.threads} threads"
    yield ""
    groups = sorted(report.groups, key=lambda group: -group.milliseconds)
    header = ("Layers", "Time", "Share", "Precision", "Kernel")
    yield table(header, [_row(group, counted) for group in groups[:_SHOWN]])
    rest = groups[_SHOWN:]
    if rest:
        total = sum(group.milliseconds for group in rest)
        yield f"and {len(rest)} more groups of layers with {total:.3g} ms together"
    yield ""
    yield from _picture(report.picture)
    yield ""
    yield report.difference
    yield from report.why


def _row(group: LayerGroup, counted: float) -> tuple[str, ...]:
    named = ", ".join(group.layers[:_LAYERS_SHOWN])
    more = len(group.layers) - _LAYERS_SHOWN
    return (
        named + (f" and {more} more" if more > 0 else ""),
        f"{group.milliseconds:.3f} ms",
        percent(group.milliseconds / counted, 1),
        group.precision,
        group.kernels[0],
    )


def _picture(picture: PrecisionPicture) -> Iterator[str]:
    for share in picture.shares:
        yield (
            f"{share.precision or 'unknown'}: {percent(share.time_share, 1)} of the time, "
            f"{percent(share.operations_share, 1)} of the operations"
        )
    for one in picture.conversions:
        kind = f"{one.source} → {one.target}"
        if one.layout_only:
            kind = f"layout of {one.target}"
        yield f"conversions, {kind}: {one.count}, {one.milliseconds:.3f} ms"
    lost = picture.unattributed_ms / (picture.counted_ms or 1.0)
    yield (
        f"in conversions altogether {percent(picture.conversions_share, 1)}, not attributable "
        f"{percent(lost, 1)} of the time"
    )
