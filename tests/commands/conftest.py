"""The command line as a person runs it, in processes of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout."""
        return json.loads(self.out)


Edgewright = Callable[..., Said]


def run_edgewright(*words: object) -> Said:
    command = [sys.executable, "-m", "core", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def edgewright() -> Edgewright:
    """Run a command to its end."""
    return run_edgewright


@dataclass(frozen=True)
class Optimized:
    """A project in which an optimization has been done, and what the command said."""

    folder: Path
    said: Said


@pytest.fixture(scope="session")
def optimized(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_data: Path
) -> Optimized:
    """The tiny model and an INT8 plan for it, measured quickly on one runtime."""
    folder = tmp_path_factory.mktemp("optimized")
    plan = folder / "plan.json"
    plan.write_text('{"name": "INT8", "steps": [{"technique": "int8", "default": {}}]}')
    project = folder / "project"
    words = ["optimize", tiny_model, "--data", tiny_data, "--plan", plan, "--goal", "size"]
    words += ["--max-drop", "100%", "--effort", "quick", "--runtime", "onnxruntime"]
    words += ["--out", project, "--json"]
    return Optimized(project, run_edgewright(*words))
