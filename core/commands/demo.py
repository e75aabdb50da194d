"""`edgewright demo`: the main job on the sample that comes with the program."""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from core.commands.base import Answer, Command
from core.commands.optimize import OptimizeOutcome, add_effort, optimize
from core.data.contract_file import read_contract
from core.jobs.runner import Listener
from core.sample import SAMPLE_CONTRACT, SAMPLE_GOAL, SAMPLE_IMAGES, SAMPLE_MODEL
from core.search.request import OptimizeRequest


class DemoCommand(Command):
    """Succeeds when the work was done: its goal is nobody's, so missing it is no failure."""

    name: ClassVar[str] = "demo"
    summary: ClassVar[str] = "Do the main job on the embedded sample."
    outcome_type: ClassVar[type[BaseModel]] = OptimizeOutcome

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--out",
            type=Path,
            metavar="PROJECT",
            help="folder of the project (default: a temporary one)",
        )
        add_effort(parser)
        parser.add_argument(
            "--headless", action="store_true", help="without the window, even where there is one"
        )

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        folder: Path = arguments.out or Path(tempfile.mkdtemp(prefix="edgewright-demo-"))
        request = OptimizeRequest(
            model=SAMPLE_MODEL,
            data=SAMPLE_IMAGES,
            contract=read_contract(SAMPLE_CONTRACT),
            goal=SAMPLE_GOAL,
            effort=arguments.effort,
        )
        return replace(optimize(request, folder, listen), exit_code=0)
