"""`edgewright map`: what every layer costs in accuracy, time and bytes under every option."""

import argparse
import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, cast

from pydantic import BaseModel

from core.commands.arguments import (
    add_images,
    add_metric,
    add_runtimes,
    add_threads,
    contract_of,
    count,
    data_of,
    file_to_write,
    metric_of,
)
from core.commands.base import Answer, Command, run_apart
from core.commands.words import plain, table
from core.data.metrics import metrics
from core.jobs.folders import write_atomically
from core.jobs.runner import Listener
from core.model.graph import LayerId
from core.search.layer_map import KEEP, MapEntry, ModelMap
from core.search.request import MapRequest

_SHOWN = 25


class MapCommand(Command):
    name: ClassVar[str] = "map"
    summary: ClassVar[str] = "Measure what every layer gains and costs under every option."
    outcome_type: ClassVar[type[BaseModel]] = ModelMap

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        add_images(parser)
        add_metric(parser)
        add_threads(parser)
        add_runtimes(parser)
        parser.add_argument(
            "--images",
            type=count,
            default=MapRequest.model_fields["images"].default,
            metavar="N",
            help="images that accuracy figures rest on at most (default: 100)",
        )
        parser.add_argument(
            "--csv", type=file_to_write, metavar="FILE", help="write all figures as a table"
        )
        parser.add_argument(
            "--out", type=file_to_write, metavar="FILE", help="write the map as JSON"
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        request = MapRequest(
            model=arguments.model.absolute(),
            data=data_of(arguments),
            contract=contract_of(arguments),
            metric=metric_of(arguments),
            threads=arguments.threads,
            runtimes=tuple(arguments.runtime),
            images=max(arguments.images, 1),
        )
        made = cast("ModelMap", run_apart("map", request, listen))
        if arguments.csv is not None:
            write_atomically(arguments.csv, csv_of(made).encode())
        if arguments.out is not None:
            write_atomically(arguments.out, made.model_dump_json().encode())
        return Answer(made, "\n".join(_text(made)))


def csv_of(map: ModelMap) -> str:
    """Every entry as a line; the group is the layers that ran in one kernel with it."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    figures = ("milliseconds", "kl", "noise", "drop_points", "bytes")
    writer.writerow(("layer", "option", "runtime", "precision", "threads", *figures, "group"))
    for entry in map.entries:
        choice = entry.runtime
        writer.writerow(
            (
                entry.layer,
                entry.option,
                choice.runtime,
                choice.precision,
                choice.threads,
                *(getattr(entry, figure) for figure in figures),
                " ".join(entry.group),
            )
        )
    return lines.getvalue()


def _text(map: ModelMap) -> Iterator[str]:
    judge = f" of {metrics()[map.metric].label}" if map.metric else ""
    for label in map.runtimes:
        yield f"{label}: {map.baselines[label].value:.3g} ms as it is, measured"
        for option in map.options.values():
            whole = map.whole_by_option.get((label, option.id))
            if whole is not None and option.steps:
                latency, drop = whole.latency_ms.value, whole.drop_points
                lost = "" if drop is None else f", {drop.value:.2g} points{judge} lost"
                yield f"  {option.label} of all layers: {latency:.3g} ms{lost}, measured"
    yield ""
    yield from _layers(map)
    yield from (plain(note) for note in map.notes)


def _layers(map: ModelMap) -> Iterator[str]:
    """The layers that take most time, on the fastest runtime."""
    label = min(map.baselines, key=lambda name: map.baselines[name].value)
    entries = map.by_runtime[label]
    kept = {layer: entry for (layer, option), entry in entries.items() if option == KEEP}
    slowest = sorted(kept.values(), key=lambda entry: -(entry.milliseconds or 0.0))
    tried = [
        option
        for option in map.options.values()
        if option.steps and (label, option.id) in map.whole_by_option
    ]
    loss = {"kl": "KL", "noise": "noise", None: "loss"}[map.loss]
    header = ["Layer", f"ms on {label}"]
    for option in tried:
        header += [f"{option.label}: ms", loss]
    ids = [option.id for option in tried]
    yield table(header, [_row(map, entry, entries, ids) for entry in slowest[:_SHOWN]])
    if len(slowest) > _SHOWN:
        yield f"and {len(slowest) - _SHOWN} more layers; --csv writes all"


def _row(
    map: ModelMap,
    kept: MapEntry,
    entries: Mapping[tuple[LayerId, str], MapEntry],
    options: list[str],
) -> list[str]:
    row = [plain(kept.layer), _figure(kept.milliseconds, ".3f")]
    for option in options:
        entry = entries.get((kept.layer, option))
        treated = entry is not None and kept.layer in map.options[option].treats
        row += [
            _figure(entry.milliseconds if entry and treated else None, ".3f"),
            _figure(map.loss_of(entry) if entry and treated else None, ".2g"),
        ]
    return row


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
