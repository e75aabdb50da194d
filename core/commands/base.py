"""What a command of the command line is: flags, work, and one documented object as its answer."""

import argparse
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from core.jobs.runner import Listener, run_job
from core.plain import Data


@dataclass(frozen=True)
class Answer:
    """What a command found: the object for --json, and the same in words."""

    outcome: BaseModel
    text: str
    exit_code: int = 0


class Command(ABC):
    """One command. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    summary: ClassVar[str]
    """One line, after the name, in the list of commands."""
    outcome_type: ClassVar[type[BaseModel]]
    """Its JSON schema is the documentation of --json."""

    @abstractmethod
    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    @abstractmethod
    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        """Do the work. Raises UserError or JobCancelled."""


def run_apart(
    kind: str, request: Data, listen: Listener, secrets: Mapping[str, str] | None = None
) -> Data:
    """Do a job that belongs to no project; its files are gone afterwards. Raises like run_job.

    `secrets` are passwords by what they are for; they are written nowhere.
    """
    with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
        return run_job(kind, request, Path(folder) / kind, listen, secrets)
