"""Jobs that do what a test asks, in real worker processes."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.jobs.runner import Job

TRIAL_WORKER = Path(__file__).parent / "trial_worker.py"


class Asked(BaseModel):
    action: str
    number: int = 0


@pytest.fixture
def build_trial_job() -> Callable[..., Job]:
    """Build (not start) a job of kind “trial”; `wrapper` is put before the worker's command."""

    def build(
        parent: Path,
        action: str,
        number: int = 0,
        wrapper: Sequence[str] = (),
        secrets: Mapping[str, str] | None = None,
    ) -> Job:
        command = [*wrapper, sys.executable, str(TRIAL_WORKER)]
        request = Asked(action=action, number=number)
        folder = parent / "runs" / "0001-trial"
        return Job("trial", request, folder, command=command, secrets=secrets)

    return build


@pytest.fixture
def trial_job(tmp_path: Path, build_trial_job: Callable[..., Job]) -> Callable[..., Job]:
    """The same in the test's own folder."""
    return partial(build_trial_job, tmp_path)


@pytest.fixture
def scripted_job(tmp_path: Path) -> Callable[[str], Job]:
    """Build a job whose worker is a few lines of Python instead of the product's."""

    def build(script: str) -> Job:
        command = [sys.executable, "-c", script]
        request = Asked(action="none")
        return Job("trial", request, tmp_path / "runs" / "0001-trial", command=command)

    return build
