"""`edgewright plan`: make or check a compression plan, with the file size that it promises."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from core.commands.arguments import file_to_write, runtime_choice
from core.commands.base import Answer, Command
from core.commands.inspect import read_model_graph
from core.commands.words import megabytes, percent, table
from core.errors import InputError
from core.jobs.runner import Listener
from core.model.graph import Layer, ModelGraph
from core.model.summary import full_name
from core.parameters import Parameter, Value
from core.plan.checks import Problem, check_plan
from core.plan.plan import CompressionPlan, Options, Step
from core.plan.plan_file import read_plan, write_plan
from core.plan.recipes import recipes
from core.plan.resolve import resolve_plan
from core.plan.size import predicted_bytes
from core.runtimes import available_runtimes
from core.techniques import techniques
from core.techniques.base import Technique

ALL = "all"
"""In place of a layer: every layer that the technique can treat."""


class PlanOutcome(BaseModel):
    """A plan, checked against a model."""

    model_config = ConfigDict(frozen=True)

    plan: CompressionPlan
    problems: tuple[Problem, ...]
    treated: dict[str, int]
    """Technique to the number of layers that it treats."""
    layers: int
    file_bytes: int
    """Of the model as it is."""
    predicted_bytes: int | None
    """Of the compressed model, predicted, not measured; None for a plan with errors."""
    file: str | None
    """Where the plan was written."""


class PlanCommand(Command):
    name: ClassVar[str] = "plan"
    summary: ClassVar[str] = "Make or check a plan: which layer is compressed how."
    outcome_type: ClassVar[type[BaseModel]] = PlanOutcome

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        start = parser.add_mutually_exclusive_group()
        start.add_argument(
            "--from", dest="start", type=Path, metavar="FILE", help="plan to begin with"
        )
        start.add_argument(
            "--recipe",
            choices=[recipe.id for recipe in recipes()],
            help="simple choice to begin with",
        )
        for technique in techniques():
            _add_technique(parser, technique)
        parser.add_argument(
            "--keep",
            action="append",
            default=[],
            metavar="LAYER",
            help="leave these layers as they are; * and ? match; may be repeated",
        )
        parser.add_argument(
            "--runtime",
            type=runtime_choice,
            metavar="RUNTIME[:PRECISION]",
            help="what the plan is for, such as openvino:f32 (default: every runtime is tried)",
        )
        parser.add_argument(
            "--no-images",
            action="store_true",
            help="check as if there were no images to learn from",
        )
        parser.add_argument("--out", type=file_to_write, metavar="FILE", help="write the plan")

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        graph = read_model_graph(arguments.model, listen)
        plan = _plan_of(arguments, graph)
        problems = check_plan(
            plan,
            graph,
            has_calibration=not arguments.no_images,
            runtimes=[runtime.name for runtime in available_runtimes()],
        )
        sound = all(problem.level != "error" for problem in problems)
        if sound and arguments.out is not None:
            write_plan(plan, arguments.out)
        outcome = PlanOutcome(
            plan=plan,
            problems=problems,
            treated=_treated(plan, graph) if sound else {},
            layers=len(graph.layers),
            file_bytes=graph.file_bytes,
            predicted_bytes=predicted_bytes(plan, graph) if sound else None,
            file=str(arguments.out) if sound and arguments.out is not None else None,
        )
        return Answer(outcome, _text(outcome), 0 if sound else InputError.exit_code)


def _add_technique(parser: argparse.ArgumentParser, technique: Technique) -> None:
    group = parser.add_argument_group(technique.label, technique.summary.replace("%", "%%"))
    group.add_argument(
        f"--{technique.name}",
        dest=technique.name,
        action="append",
        default=[],
        metavar="LAYER",
        help=f"treat these layers; * and ? match, “{ALL}” is every layer that it can treat",
    )
    for parameter in technique.parameters:
        name = _option_name(technique, parameter)
        group.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            type=_parser_of(parameter),
            metavar="VALUE",
            help=f"{parameter.help} (default: {_word(parameter.initial)})".replace("%", "%%"),
        )


def _option_name(technique: Technique, parameter: Parameter) -> str:
    return f"{technique.name}.{parameter.name}"


def _word(value: Value) -> str:
    """As a person types it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _parser_of(parameter: Parameter) -> Callable[[str], Value]:
    def parse(text: str) -> Value:
        try:
            value = parameter.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        if (problem := parameter.problem(value)) is not None:
            raise argparse.ArgumentTypeError(problem)
        return value

    return parse


def _plan_of(arguments: argparse.Namespace, graph: ModelGraph) -> CompressionPlan:
    """The plan that the flags describe. Raises InputError for names that match no layer."""
    plan = _start(arguments)
    given = vars(arguments)
    for technique in techniques():
        options = {
            parameter.name: given[_option_name(technique, parameter)]
            for parameter in technique.parameters
            if given[_option_name(technique, parameter)] is not None
        }
        for pattern in given[technique.name]:
            plan = _with_pattern(plan, technique.name, pattern, options, graph)
    for layer in _matching(arguments.keep, graph):
        plan = plan.with_choice(layer.id, None, {})
    if arguments.runtime is not None:
        plan = plan.model_copy(update={"runtime": arguments.runtime})
    return plan


def _start(arguments: argparse.Namespace) -> CompressionPlan:
    if arguments.start is not None:
        return read_plan(arguments.start)
    plans = {recipe.id: recipe.plan for recipe in recipes()}
    return plans.get(arguments.recipe, CompressionPlan())


def _with_pattern(
    plan: CompressionPlan, technique: str, pattern: str, options: Options, graph: ModelGraph
) -> CompressionPlan:
    if pattern == ALL:
        return _with_default(plan, technique, options)
    for layer in _matching([pattern], graph):
        plan = plan.with_choice(layer.id, technique, options)
    return plan


def _with_default(plan: CompressionPlan, technique: str, options: Options) -> CompressionPlan:
    step = plan.step(technique) or Step(technique=technique)
    changed = step.model_copy(update={"default": dict(options)})
    others = tuple(each for each in plan.steps if each.technique != technique)
    return plan.model_copy(update={"steps": (*others, changed)})


def _matching(patterns: Iterable[str], graph: ModelGraph) -> Iterator[Layer]:
    for pattern in patterns:
        found = list(filter(partial(_matches, pattern), graph.layers))
        if not found:
            raise InputError(
                f"No layer is called “{pattern}”.",
                f"{graph.name} has {len(graph.layers)} layers.",
                "“edgewright inspect” shows names; * and ? stand for any characters.",
            )
        yield from found


def _matches(pattern: str, layer: Layer) -> bool:
    return any(fnmatchcase(name, pattern) for name in (layer.id, layer.name, full_name(layer)))


def _treated(plan: CompressionPlan, graph: ModelGraph) -> dict[str, int]:
    steps = zip(plan.steps, resolve_plan(plan, graph), strict=True)
    return {step.technique: len(choices) for step, choices in steps}


def _text(outcome: PlanOutcome) -> str:
    rows = [
        (techniques()[name].label, f"{count} of {outcome.layers}")
        for name, count in outcome.treated.items()
    ]
    lines = [table(("Technique", "Layers"), rows)] if rows else []
    if outcome.predicted_bytes is not None:
        share = outcome.predicted_bytes / max(outcome.file_bytes, 1)
        lines.append(
            f"File: {megabytes(outcome.file_bytes)} → {megabytes(outcome.predicted_bytes)} "
            f"({percent(share)}), predicted"
        )
    for problem in outcome.problems:
        where = f"{problem.layer}: " if problem.layer else ""
        level = "Warning: " if problem.level == "warning" else ""
        lines.append(f"{level}{where}{problem.what} {problem.remedy}")
    if outcome.file is not None:
        lines.append(f"Written to {outcome.file}")
    return "\n".join(lines) or "The plan leaves every layer as it is."
