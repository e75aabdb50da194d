"""Work goes to worker processes here, or to the workers of a real Dask scheduler."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import InputError
from core.jobs.executors import open_executor
from core.plan.plan import Step
from core.search.sensitivity import ScanWork, scan
from tests.search.sensitivity_models import Builder, Case, work_for

SCHEDULER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
EMPTY_SCHEDULER = SCHEDULER.replace("n_workers=2", "n_workers=0")


@pytest.fixture(scope="session")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a scheduler with two worker processes."""
    yield from running_scheduler(tmp_path_factory.mktemp("scheduler"), SCHEDULER)


def running_scheduler(folder: Path, script: str) -> Iterator[str]:
    file = folder / "scheduler.py"
    file.write_text(script)
    with subprocess.Popen(
        [sys.executable, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def who(number: int) -> tuple[int, int, str]:
    return number, os.getpid(), os.environ.get("OMP_NUM_THREADS", "")


def test_that_work_goes_to_other_processes_with_one_thread_each() -> None:
    with open_executor(processes=2) as executor:
        answers = list(executor.map(who, range(4)))
    assert [number for number, _, _ in answers] == [0, 1, 2, 3]
    assert os.getpid() not in {pid for _, pid, _ in answers}
    assert {threads for _, _, threads in answers} == {"1"}


def test_that_a_dask_schedulers_workers_do_the_work(scheduler: str) -> None:
    with open_executor(scheduler) as executor:
        answers = [executor.submit(abs, number).result() for number in range(-3, 1)]
        workers = {executor.submit(os.getpid).result() for _ in range(3)}
    assert answers == [3, 2, 1, 0]
    assert os.getpid() not in workers


@pytest.fixture
def work(tmp_path: Path) -> ScanWork:
    model = Builder(Case(("residual", "swish"), seed=0, free_batch=True)).model()
    return work_for(model, tmp_path, {"int8": Step(technique="int8", default={})})


def test_that_processes_here_find_the_same_as_this_one(work: ScanWork) -> None:
    with open_executor(processes=2) as executor:
        assert scan(replace(work, executor=executor)).entries == scan(work).entries


def test_that_dask_workers_find_the_same_as_this_process(work: ScanWork, scheduler: str) -> None:
    with open_executor(scheduler) as executor:
        report = scan(replace(work, executor=executor))
    assert report.entries == scan(work).entries
    assert report.cpu_seconds > 0


def test_that_a_scheduler_without_workers_is_refused(tmp_path: Path) -> None:
    scheduler = running_scheduler(tmp_path, EMPTY_SCHEDULER)
    address = next(scheduler)
    with pytest.raises(InputError) as refused, open_executor(address):
        pass
    assert "no workers" in refused.value.what
    assert "dask worker" in refused.value.remedy
    next(scheduler, None)


def test_that_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InputError) as refused, open_executor("nonsense://here"):
        pass
    assert "nonsense://here does not answer" in refused.value.what


def test_that_a_missing_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as refused, open_executor("tcp://127.0.0.1:8786"):
        pass
    assert re.search(r"pip install .*edgewright\[distributed\]", refused.value.remedy)
