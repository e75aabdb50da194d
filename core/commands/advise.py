"""`edgewright advise`: what suits a model on a device, why, and whether the goal can be met."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from core.commands.arguments import above_zero, count, file_to_write
from core.commands.base import Answer, Command
from core.commands.inspect import read_model_graph
from core.commands.words import megabytes, milliseconds, table
from core.errors import GoalNotMet, InputError
from core.jobs.runner import Listener
from core.plan.plan_file import write_plan
from core.search.advisor import Advice, DeviceGoal, Network, Question, Suggestion, advise
from core.search.advisor.advice import EdgeOrCloud, RealTime, Sentence
from core.search.advisor.question import AIMS

_ORIGIN = {"forecast": "forecast", "sizes": "computed", "network": "computed"}


class AdviseCommand(Command):
    name: ClassVar[str] = "advise"
    summary: ClassVar[str] = "Say what suits a model on a device, and whether a goal can be met."
    outcome_type: ClassVar[type[BaseModel]] = Advice

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        parser.add_argument(
            "--profile",
            required=True,
            metavar="ID",
            help="the device; “edgewright profiles” lists them",
        )
        parser.add_argument(
            "--mode",
            metavar="NAME",
            help="its power mode (default: the one that a new device starts in)",
        )
        _add_goal(parser)
        _add_network(parser)
        parser.add_argument(
            "--evidence", action="store_true", help="say where every sentence is known from"
        )
        parser.add_argument(
            "--out",
            type=file_to_write,
            metavar="FILE",
            help="write the plan of the best suggestion",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        from core.devices.profile import find_profile

        profile = find_profile(arguments.profile)
        question = Question(
            goal=DeviceGoal(
                aim=arguments.aim,
                frames_per_second=arguments.fps,
                latency_ms=arguments.latency,
            ),
            mode=arguments.mode,
            network=_network_of(arguments),
        )
        profile.in_mode(question.mode)
        advice = advise(read_model_graph(arguments.model, listen), profile, question)
        if arguments.out is not None:
            _write_plan(advice, arguments.out)
        failed = advice.real_time.chance in ("unlikely", "no")
        text = "\n\n".join(_text(advice, evidence=arguments.evidence))
        return Answer(advice, text, GoalNotMet.exit_code if failed else 0)


def _add_goal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for",
        dest="aim",
        choices=tuple(AIMS),
        default="frames",
        help="what counts most (default: frames)",
    )
    parser.add_argument(
        "--fps", type=above_zero, metavar="N", help="frames a second that have to be kept"
    )
    parser.add_argument(
        "--latency", type=above_zero, metavar="MS", help="longest time of one inference"
    )


def _add_network(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("edge or cloud", "What the way to a cloud is like.")
    group.add_argument(
        "--network-ms", type=above_zero, metavar="MS", help="time there and back of a short message"
    )
    group.add_argument(
        "--mbit", type=above_zero, metavar="N", help="million bits a second that can be sent"
    )
    group.add_argument(
        "--payload-bytes",
        type=count,
        metavar="N",
        help="sent for one inference (default: the input as it is, one byte a value)",
    )


def _network_of(arguments: argparse.Namespace) -> Network | None:
    delay, speed = arguments.network_ms, arguments.mbit
    if delay is None and speed is None and arguments.payload_bytes is None:
        return None
    if delay is None or speed is None:
        raise InputError(
            "Half of the network is missing.",
            "Edge or cloud needs the delay as well as the bandwidth.",
            "Give --network-ms and --mbit together.",
        )
    return Network(round_trip_ms=delay, mbit=speed, payload_bytes=arguments.payload_bytes or None)


def _write_plan(advice: Advice, file: Path) -> None:
    """The first suggestion that has a plan. Raises InputError where none has."""
    for suggestion in advice.formats:
        if suggestion.plan is not None:
            write_plan(suggestion.plan, file)
            return
    raise InputError(
        "There is no plan to write.",
        f"Nothing that suits the {advice.profile_name} changes the model.",
        "Leave --plan out.",
    )


def _text(advice: Advice, *, evidence: bool) -> Iterator[str]:
    """Paragraphs."""
    mode = f", mode {advice.mode}" if advice.mode else ""
    head = f"{advice.model_name} on {advice.profile_name}{mode}, for {AIMS[advice.aim].lower()}"
    yield "\n".join([head, *(f"Warning: {text}" for text in advice.warnings)])
    yield "\n".join(_real_time_lines(advice.real_time, evidence=evidence))
    if advice.edge_or_cloud is not None:
        yield "\n".join(_network_lines(advice.edge_or_cloud, evidence=evidence))
    if advice.formats:
        yield _formats_table(advice)
    for number, suggestion in enumerate(advice.suggestions, start=1):
        yield "\n".join(_suggestion_lines(number, suggestion, evidence=evidence))
    if advice.ruled_out:
        yield "\n".join(
            [
                "Not here:",
                *(
                    line
                    for one in advice.ruled_out
                    for line in _sentence_lines(one.sentences, one.title, evidence=evidence)
                ),
            ]
        )


def _real_time_lines(found: RealTime, *, evidence: bool) -> Iterator[str]:
    yield from _sentence_lines((found.sentence,), "", evidence=evidence)
    rates = (f"{each.frames_per_second:g}: {each.chance}" for each in found.rates)
    yield f"  Frames a second: {'; '.join(rates)} (predicted)"
    for smaller in found.smaller:
        yield f"  Smaller model: {smaller.sentence.text} {smaller.missing}".rstrip()
    for larger in found.larger:
        yield f"  Other device: {larger.sentence.text} (--profile {larger.profile})"


def _network_lines(found: EdgeOrCloud, *, evidence: bool) -> Iterator[str]:
    yield "Edge or cloud"
    yield from _sentence_lines(found.sentences, "", evidence=evidence)


def _formats_table(advice: Advice) -> str:
    rows = [
        (
            each.title,
            "–" if each.outlook.latency_ms is None else milliseconds(each.outlook.latency_ms),
            each.outlook.chance,
            megabytes(each.outlook.file_bytes),
        )
        for each in advice.formats
    ]
    return table(("In this order", "One inference, predicted", "Keeps the limit", "File"), rows)


def _suggestion_lines(number: int, suggestion: Suggestion, *, evidence: bool) -> Iterator[str]:
    about = f": {suggestion.about}" if suggestion.about else ""
    yield f"{number}. {suggestion.title}{about}"
    yield from _sentence_lines(suggestion.sentences, "", evidence=evidence)
    if suggestion.missing:
        yield f"  Not yet: {suggestion.missing}"


def _sentence_lines(
    sentences: tuple[Sentence, ...], title: str, *, evidence: bool
) -> Iterator[str]:
    for sentence in sentences:
        mark = _ORIGIN.get(sentence.rule, sentence.rule)
        beginning = f"{title}: " if title else ""
        yield f"  {beginning}{sentence.text} [{mark}]"
        if evidence:
            source = f" ({sentence.source}; {sentence.confidence})" if sentence.source else ""
            yield f"      {sentence.evidence}{source}"
