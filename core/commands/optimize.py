"""`edgewright optimize`: find the best way to compress a model, measured and checked."""

import argparse
from pathlib import Path
from typing import ClassVar, cast, get_args

from pydantic import BaseModel

from core.commands.arguments import (
    above_zero,
    add_images,
    add_metric,
    add_runtimes,
    add_threads,
    contract_of,
    data_of,
    metric_of,
    points,
)
from core.commands.base import Answer, Command
from core.commands.inspect import inspect_model
from core.commands.report_text import report_text
from core.errors import GoalNotMet, InputError
from core.jobs.runner import Listener, outcome_of
from core.project.project import Project
from core.search.report import Aim, Goal, OptimizationReport
from core.search.request import SEARCH_MINUTES, OptimizeRequest


class OptimizeOutcome(OptimizationReport):
    """The report, and where the project and its run lie."""

    project: str
    run: str
    """Folder of the run; the candidates' models lie in it."""


class OptimizeCommand(Command):
    name: ClassVar[str] = "optimize"
    summary: ClassVar[str] = "Make a smaller, faster model, measured on a device."
    outcome_type: ClassVar[type[BaseModel]] = OptimizeOutcome

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL", help="model file")
        add_images(parser)
        add_goal(parser)
        add_metric(parser)
        parser.add_argument(
            "--device", default="local", help="where to measure; “edgewright devices” lists them"
        )
        add_threads(parser)
        add_runtimes(parser)
        add_effort(parser)
        parser.add_argument(
            "--solve",
            action=argparse.BooleanOptionalAction,
            default=None,
            help="map the layers and solve for the best mix (default: with a thorough effort)",
        )
        parser.add_argument(
            "--search-minutes",
            type=above_zero,
            default=SEARCH_MINUTES,
            metavar="M",
            help="time for the search for the best mix; what it found by then is judged "
            "(default: %(default)g)",
        )
        parser.add_argument(
            "--plan",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="measure this plan instead of racing the simple choices; may be repeated",
        )
        parser.add_argument(
            "--out",
            type=Path,
            metavar="PROJECT",
            help="folder of the project, new or of this model (default: MODEL-edgewright)",
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        from core.plan.plan_file import read_plan

        model: Path = arguments.model
        request = OptimizeRequest(
            model=model,
            data=data_of(arguments),
            contract=contract_of(arguments),
            goal=goal_of(arguments),
            metric=metric_of(arguments),
            device=arguments.device,
            threads=arguments.threads,
            effort=arguments.effort,
            runtimes=tuple(arguments.runtime),
            solve=arguments.solve,
            search_minutes=arguments.search_minutes,
            plans=tuple(read_plan(file) for file in arguments.plan),
        )
        return optimize(request, arguments.out or Path(f"{model.stem}-edgewright"), listen)


def add_effort(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--effort",
        choices=("thorough", "quick"),
        default="thorough",
        help="quick measures in a fraction of the time, with wider intervals (default: thorough)",
    )


def add_goal(parser: argparse.ArgumentParser) -> None:
    """--goal and the limits, read back by `goal_of`."""
    parser.add_argument("--goal", choices=get_args(Aim), default="latency", help="default: latency")
    parser.add_argument(
        "--max-drop",
        type=points,
        default=Goal().max_drop,
        metavar="POINTS",
        help=f"accuracy that may be lost, such as 0.5%% (default: {Goal().max_drop:g}%%)",
    )
    parser.add_argument(
        "--max-latency", type=above_zero, metavar="MS", help="longest time of one inference"
    )
    parser.add_argument(
        "--max-size", type=above_zero, metavar="MB", help="largest file, in million bytes"
    )
    parser.add_argument(
        "--max-memory",
        type=above_zero,
        metavar="MB",
        help="most memory of a process that runs the model, in million bytes",
    )


def goal_of(arguments: argparse.Namespace) -> Goal:
    return Goal(
        aim=arguments.goal,
        max_drop=arguments.max_drop,
        max_latency_ms=arguments.max_latency,
        max_bytes=_bytes_of(arguments.max_size),
        max_memory_bytes=_bytes_of(arguments.max_memory),
    )


def _bytes_of(megabytes: float | None) -> int | None:
    return None if megabytes is None else round(megabytes * 1e6)


def optimize(request: OptimizeRequest, folder: Path, listen: Listener) -> Answer:
    """Run an optimization in a project; its model is copied there first. Raises UserError."""
    with open_project(folder, request.model, listen) as project:
        assert project.model_path is not None
        project.update(
            data=request.data,
            contract=request.contract,
            goal=request.goal,
            device=request.device,
            threads=request.threads,
        )
        request = request.model_copy(update={"model": project.model_path})
        job = project.start_run("optimize", request, listen)
        report = cast("OptimizationReport", outcome_of(job))
    outcome = OptimizeOutcome(**dict(report), project=str(project.folder), run=str(job.folder))
    text = f"{report_text(report)}\n\n{_what_next(report, project.folder)}"
    return Answer(outcome, text, 0 if report.met else GoalNotMet.exit_code)


def open_project(folder: Path, model: Path, listen: Listener) -> Project:
    """The project in `folder` around a copy of `model`, new or found. Raises UserError."""
    inspection = inspect_model(model, listen)
    enter = Project.open if Project.is_project(folder) else Project.create
    project = enter(folder)
    try:
        if project.state.model is None:
            project.adopt_model(model, inspection.companions)
        elif not project.holds_model(model, inspection.companions):
            raise InputError(
                f"The project “{project.state.name}” is about another model.",
                f"It holds {project.state.model.name} with other content than {model}.",
                "Choose another folder with --out.",
            )
    except BaseException:
        project.close()
        raise
    return project


def _what_next(report: OptimizationReport, project: Path) -> str:
    if report.chosen is None:
        return f"The project is in {project}."
    return f"Write it out with: edgewright export {project} --out FOLDER"
