"""A worker that waits begins its job at once, and is otherwise a worker like any other."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs.events import Cancelled, Failed, Finished, Started
from core.jobs.kinds.inspect import InspectRequest
from core.jobs.runner import Job
from core.jobs.standby import Standby


@pytest.fixture
def standby() -> Iterator[Standby]:
    waiting = Standby("inspect")
    waiting.start()
    assert waiting.wait_until_started()
    yield waiting
    waiting.close()


def opening(model: Path, folder: Path, standby: Standby) -> Job:
    return Job("inspect", InspectRequest(model=model), folder / "run", standby=standby)


def test_that_the_waiting_worker_does_one_job_and_another_process_the_next(
    tiny_model: Path, tmp_path: Path, standby: Standby
) -> None:
    waiting = standby.pid
    pids: list[int] = []
    for name in ("one", "two"):
        job = opening(tiny_model, tmp_path / name, standby)
        job.start()
        assert isinstance(job.wait(), Finished)
        pids += [event.pid for event in job.events if isinstance(event, Started)]
        assert (job.folder / "log.txt").is_file()
    assert pids[0] == waiting
    assert pids[1] != waiting
    assert standby.pid is None


def test_that_a_worker_that_died_while_it_waited_is_replaced(
    tiny_model: Path, tmp_path: Path, standby: Standby
) -> None:
    assert standby.pid is not None
    os.kill(standby.pid, signal.SIGKILL)
    while standby.pid is not None:
        os.sched_yield()
    job = opening(tiny_model, tmp_path, standby)
    job.start()
    assert isinstance(job.wait(), Finished)


def test_that_a_failure_of_the_waiting_worker_is_told_as_any_other(
    tmp_path: Path, standby: Standby
) -> None:
    text = tmp_path / "model.onnx"
    text.write_text("no model")
    job = opening(text, tmp_path, standby)
    job.start()
    last = job.wait()
    assert isinstance(last, Failed)
    assert "text file" in last.why


def test_that_a_job_of_the_waiting_worker_can_be_cancelled(
    tiny_model: Path, tmp_path: Path, standby: Standby
) -> None:
    assert standby.pid is not None
    os.kill(standby.pid, signal.SIGSTOP)
    job = opening(tiny_model, tmp_path, standby)
    job.start()
    job.cancel()
    assert isinstance(job.wait(), Cancelled)


def test_that_closing_ends_the_waiting_worker(standby: Standby) -> None:
    pid = standby.pid
    assert pid is not None
    standby.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


_READY = """
import json, sys
sys.path.insert(0, sys.argv[1])
import core.jobs.worker
from core.jobs.kinds import kind_called
kind_called("inspect").warm_up()
print(json.dumps(sorted(sys.modules)))
"""


def test_that_a_worker_is_ready_without_libraries_that_take_long_to_import(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-P", "-c", _READY, root],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    late = {"pydantic", "onnx", "numpy.ma", "hashlib", "email", "statistics"}
    assert late & set(json.loads(done.stdout)) == set()
