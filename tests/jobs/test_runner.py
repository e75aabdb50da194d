"""The runner keeps its promises whatever becomes of the worker."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from core.errors import ChangedHostKey, GoalNotMet, InputError, UserError, WorkerDied
from core.jobs.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    LastEvent,
    Measured,
    Note,
    Progress,
    Started,
    Step,
)
from core.jobs.failures import error_of, failure_of
from core.jobs.runner import Job

PATIENCE = 60
"""Seconds after which a test gives up; no figure is judged by it."""

TrialJob = Callable[..., Job]


def run(job: Job) -> LastEvent:
    job.start()
    return job.wait(PATIENCE)


def start_and_await_note(job: Job) -> Note:
    """Start a job and wait until it says by a note that it is where the test wants it."""
    notes: list[Note] = []
    arrived = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Note):
            notes.append(event)
            arrived.set()

    job.start(listen)
    assert arrived.wait(PATIENCE)
    return notes[0]


def last_events(job: Job) -> list[Event]:
    return [event for event in job.events if isinstance(event, LastEvent)]


def test_that_a_job_tells_its_steps_and_results_and_ends_with_its_outcome(
    trial_job: TrialJob,
) -> None:
    job = trial_job("succeed", 42)
    last = run(job)
    assert isinstance(last, Finished)
    assert last.outcome == {"answer": 42}
    assert isinstance(job.events[0], Started)
    assert job.events[0].steps == ("Preparing", "Acting")
    assert [event.title for event in job.events if isinstance(event, Step)] == [
        "Preparing",
        "Acting",
    ]
    assert [event.what for event in job.events if isinstance(event, Measured)] == ["first"]
    assert last_events(job) == [last] == [job.events[-1]]


def test_that_the_folder_has_its_final_name_when_the_last_event_is_heard(
    trial_job: TrialJob,
) -> None:
    job = trial_job("succeed")
    seen: list[tuple[bool, bool]] = []

    def listen(event: Event) -> None:
        if isinstance(event, Finished):
            seen.append((job.folder.is_dir(), job.partial_folder.exists()))

    job.start(listen)
    job.wait(PATIENCE)
    assert seen == [(True, False)]
    names = sorted(path.name for path in job.folder.iterdir())
    assert names == ["log.txt", "made.bin", "outcome.json", "request.json", "results"]


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_that_a_worker_killed_by_a_signal_is_explained(trial_job: TrialJob, number: int) -> None:
    job = trial_job("die", number)
    last = run(job)
    assert isinstance(last, Failed)
    assert signal.Signals(number).name in last.why
    assert last.step == "Acting"
    assert "Acting" in last.what
    assert "the library is unwell" in last.log
    assert last.code == 3
    assert not last.defect
    assert last_events(job) == [last]
    assert job.partial_folder.is_dir()
    assert not job.folder.exists()


def test_that_a_real_memory_fault_is_explained_with_the_place_in_the_log(
    trial_job: TrialJob,
) -> None:
    last = run(trial_job("touch_foreign_memory"))
    assert isinstance(last, Failed)
    assert "SIGSEGV" in last.why
    assert any("touch_foreign_memory" in line for line in last.log)


def test_that_a_worker_killed_from_outside_is_explained(trial_job: TrialJob) -> None:
    job = trial_job("block_in_native_code")
    start_and_await_note(job)
    started = job.events[0]
    assert isinstance(started, Started)
    os.kill(started.pid, signal.SIGKILL)
    last = job.wait(PATIENCE)
    assert isinstance(last, Failed)
    assert "SIGKILL" in last.why
    assert last_events(job) == [last]


@pytest.mark.parametrize("code", [0, 7])
def test_that_a_worker_that_leaves_without_a_word_has_failed(
    trial_job: TrialJob, code: int
) -> None:
    last = run(trial_job("exit_quietly", code))
    assert isinstance(last, Failed)
    assert last.code == 3


@pytest.mark.parametrize("action", ["work_in_small_steps", "block_in_native_code", "refuse_to_end"])
def test_that_cancel_ends_the_job_within_a_second(
    tmp_path_factory: pytest.TempPathFactory, build_trial_job: TrialJob, action: str
) -> None:
    def seconds_to_cancel() -> float:
        job = build_trial_job(tmp_path_factory.mktemp("project"), action)
        start_and_await_note(job)
        asked = time.monotonic()
        job.cancel()
        job.cancel()
        last = job.wait(PATIENCE)
        assert isinstance(last, Cancelled)
        assert last_events(job) == [last]
        return time.monotonic() - asked

    # Other work may hold up a busy machine once, but hardly three times in a row.
    assert any(seconds_to_cancel() < 1.0 for _ in range(3))


def test_that_a_job_cancelled_before_its_worker_runs_is_cancelled(trial_job: TrialJob) -> None:
    job = trial_job("block_in_native_code")
    job.cancel()
    assert isinstance(run(job), Cancelled)


def test_that_cancelling_a_finished_job_changes_nothing(trial_job: TrialJob) -> None:
    job = trial_job("succeed")
    last = run(job)
    job.cancel()
    assert job.wait(PATIENCE) is last
    assert last_events(job) == [last]


@pytest.mark.parametrize("block", [0, 1])
def test_that_what_a_worker_started_ends_with_it(trial_job: TrialJob, block: int) -> None:
    job = trial_job("leave_a_child", block)
    number = int(start_and_await_note(job).text)
    child = [psutil.Process(number)] if psutil.pid_exists(number) else []
    if block:
        job.cancel()
    job.wait(PATIENCE)
    _, alive = psutil.wait_procs(child, timeout=PATIENCE)
    assert not alive


def test_that_chatter_of_libraries_goes_to_the_log_and_is_never_an_event(
    trial_job: TrialJob,
) -> None:
    job = trial_job("chatter", 5)
    last = run(job)
    assert isinstance(last, Finished)
    assert last.outcome == {"answer": 5}
    log = (job.folder / "log.txt").read_text()
    assert "native chatter on stdout" in log
    assert "native chatter on stderr" in log


def test_that_progress_is_thinned_out_and_ends_complete(trial_job: TrialJob) -> None:
    job = trial_job("report_often", 20_000)
    run(job)
    reports = [event for event in job.events if isinstance(event, Progress)]
    assert len(reports) < 2_000
    assert reports[-1].fraction == 1.0
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)


def test_that_a_refusal_keeps_its_three_sentences(trial_job: TrialJob) -> None:
    last = run(trial_job("refuse"))
    assert isinstance(last, Failed)
    assert (last.what, last.why, last.remedy) == (
        "It cannot be used.",
        "It is a trial.",
        "Use another.",
    )
    assert last.code == 2
    assert not last.defect


def test_that_a_defect_is_told_as_one_with_its_log(trial_job: TrialJob) -> None:
    last = run(trial_job("make_a_mistake"))
    assert isinstance(last, Failed)
    assert last.defect
    assert "ZeroDivisionError" in last.why
    assert any("make_a_mistake" in line for line in last.log)


def test_that_want_of_memory_is_said_in_plain_words(trial_job: TrialJob) -> None:
    last = run(trial_job("want_too_much_memory"))
    assert isinstance(last, Failed)
    assert "memory" in last.what
    assert last.code == 3
    assert not last.defect


def test_that_a_full_disk_is_said_and_acknowledged_results_stay(trial_job: TrialJob) -> None:
    at_most_64_kilobytes = ["sh", "-c", 'ulimit -f 128; exec "$@"', "sh"]
    job = trial_job("fill_the_disk", 1_000_000, wrapper=at_most_64_kilobytes)
    last = run(job)
    assert isinstance(last, Failed)
    assert "no room" in last.what
    assert "large.bin" in last.what or "run" in last.what
    assert not last.defect
    saved = json.loads((job.partial_folder / "results" / "before.json").read_text())
    assert saved["result"] == {"answer": 7}


def test_that_a_run_folder_that_cannot_be_made_is_a_failure_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where a folder should be")
    job = Job("trial", Failed(what="", why="", remedy=""), tmp_path / "runs" / "0001-trial")
    last = run(job)
    assert isinstance(last, Failed)
    assert last.remedy


def test_that_a_worker_that_cannot_be_started_is_a_failure(tmp_path: Path) -> None:
    request = Failed(what="", why="", remedy="")
    job = Job("trial", request, tmp_path / "run", command=[str(tmp_path / "absent")])
    last = run(job)
    assert isinstance(last, Failed)
    assert last.code == 3


def test_that_lines_that_are_no_events_are_put_aside(scripted_job: Callable[[str], Job]) -> None:
    job = scripted_job(
        r"""
import sys
write = sys.stdout.buffer.write
write(b'not json\n{"type": "nothing known"}\n\xff\xfe\x00\n[]\n')
write(b'{"type": "note", "text": "kept"}\n')
write(b'{"type": "finished", "outcome": {"answer": 1}}\n')
write(b'{"type": "failed", "what": "too late", "why": "", "remedy": ""}\n')
write(b'{"type": "note", "text": "too late"}\n')
"""
    )
    last = run(job)
    assert isinstance(last, Finished)
    assert [event.type for event in job.events] == ["note", "finished"]
    assert b"not json" in (job.folder / "log.txt").read_bytes()


def test_that_half_a_line_from_a_dying_worker_is_no_last_event(
    scripted_job: Callable[[str], Job],
) -> None:
    job = scripted_job("""print('{"type": "finished", "outcome": {"ans', end="")""")
    last = run(job)
    assert isinstance(last, Failed)
    assert last_events(job) == [last]


def test_that_a_listener_that_fails_does_not_cost_the_job(
    trial_job: TrialJob, caplog: pytest.LogCaptureFixture
) -> None:
    def listen(event: Event) -> None:
        raise RuntimeError("a fault in the window")

    job = trial_job("succeed")
    job.start(listen)
    assert isinstance(job.wait(PATIENCE), Finished)
    assert "A listener failed on started" in caplog.text


def test_that_a_worker_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent_script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from conftest import Asked, TRIAL_WORKER
from core.jobs.runner import Job
job = Job("trial", Asked(action="block_in_native_code"), Path({str(tmp_path / "run")!r}),
          command=[sys.executable, str(TRIAL_WORKER)])
job.start(lambda event: event.type == "started" and print(event.pid, flush=True))
job.wait()
"""
    parent = subprocess.Popen([sys.executable, "-c", parent_script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    gone, _ = psutil.wait_procs([worker], timeout=PATIENCE)
    assert gone


@pytest.mark.parametrize(
    ("code", "expected"), [(1, GoalNotMet), (2, InputError), (3, WorkerDied), (9, UserError)]
)
def test_that_a_failure_becomes_the_exception_of_its_exit_code(
    code: int, expected: type[UserError]
) -> None:
    error = error_of(Failed(what="What.", why="Why.", remedy="Remedy.", code=code))
    assert type(error) is expected
    assert error.remedy == "Remedy."


def test_that_a_failure_becomes_the_very_exception_that_it_was() -> None:
    error = error_of(failure_of(ChangedHostKey("What.", "Why.", "Remedy.")))
    assert type(error) is ChangedHostKey
