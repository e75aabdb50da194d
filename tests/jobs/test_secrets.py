"""Passwords reach the work and nothing else."""

from collections.abc import Callable
from pathlib import Path

from core.jobs.events import Finished, Note
from core.jobs.runner import Job

SECRET = 'pass"word\n with ünusual letters'
PATIENCE = 60

TrialJob = Callable[..., Job]


def test_that_the_work_learns_its_secrets_and_they_are_written_nowhere(
    tmp_path: Path, trial_job: TrialJob
) -> None:
    job = trial_job("tell_what_is_known", secrets={"password": SECRET})
    job.start()
    assert isinstance(job.wait(PATIENCE), Finished)
    told = [event.text for event in job.events if isinstance(event, Note)]
    assert told == [f"{len(SECRET)} letters, seen in no command: True"]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if "ünusual".encode() in path.read_bytes()]


def test_that_work_without_secrets_waits_for_none(trial_job: TrialJob) -> None:
    job = trial_job("tell_what_is_known")
    job.start()
    assert isinstance(job.wait(PATIENCE), Finished)
    told = [event.text for event in job.events if isinstance(event, Note)]
    assert told == ["0 letters, seen in no command: True"]
