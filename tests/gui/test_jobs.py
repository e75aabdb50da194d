"""Jobs and errands on their way to the window's thread."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pytestqt.qtbot import QtBot

from core.errors import InputError
from core.jobs.kinds.inspect import InspectRequest
from gui.jobs import Errand, Jobs, job_launch

JOB_MS = 900_000


@pytest.fixture
def jobs(qapp) -> Iterator[Jobs]:
    yield Jobs()


def inspect(jobs: Jobs, model: Path, folder: Path, prepare=lambda outcome, folder: outcome):
    return jobs.add(
        "inspect", "Opening", job_launch("inspect", InspectRequest(model=model), folder), prepare
    )


def test_that_an_outcome_is_prepared_elsewhere_and_arrives_on_this_thread(
    jobs: Jobs, qtbot: QtBot, tmp_path: Path, tiny_model: Path
) -> None:
    threads: list[threading.Thread] = []

    def prepare(outcome: BaseModel, folder: Path) -> str:
        threads.append(threading.current_thread())
        return folder.name

    job = inspect(jobs, tiny_model, tmp_path / "run", prepare)
    received: list[str] = []
    job.finished.connect(received.append)
    job.finished.connect(lambda _: threads.append(threading.current_thread()))
    with qtbot.waitSignal(job.ended, timeout=JOB_MS):
        job.start()

    assert received == ["run"]
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()
    assert jobs.running == ()


def test_that_a_failure_arrives_as_three_sentences(
    jobs: Jobs, qtbot: QtBot, tmp_path: Path
) -> None:
    job = inspect(jobs, tmp_path / "missing.onnx", tmp_path / "run")
    with qtbot.waitSignal(job.failed, timeout=JOB_MS) as caught:
        job.start()

    failed = caught.args[0]
    assert "missing.onnx" in failed.what
    assert failed.why and failed.remedy


def test_that_a_fault_in_preparing_still_ends_the_job(
    jobs: Jobs, qtbot: QtBot, tmp_path: Path, tiny_model: Path
) -> None:
    job = inspect(jobs, tiny_model, tmp_path / "run", lambda outcome, folder: 1 / 0)
    with qtbot.waitSignal(job.failed, timeout=JOB_MS) as caught:
        job.start()

    assert caught.args[0].defect
    assert "ZeroDivisionError" in caught.args[0].why


def test_that_a_cancelled_job_says_so(
    jobs: Jobs, qtbot: QtBot, tmp_path: Path, tiny_model: Path
) -> None:
    job = inspect(jobs, tiny_model, tmp_path / "run")
    job.cancel()
    with qtbot.waitSignals([job.cancelled, job.ended], timeout=JOB_MS):
        job.start()


def test_that_an_errand_tells_every_listener_before_it_is_forgotten(qapp, qtbot: QtBot) -> None:
    heard: list[object] = []
    errand = Errand(lambda: 42)
    for _ in range(3):
        errand.done.connect(heard.append)
    errand.start()
    del errand

    qtbot.waitUntil(lambda: heard == [42, 42, 42])


def test_that_an_errand_fails_in_plain_words(qapp, qtbot: QtBot) -> None:
    def refuse() -> None:
        raise InputError("What.", "Why.", "Remedy.")

    errand = Errand(refuse)
    with qtbot.waitSignal(errand.failed) as caught:
        errand.start()

    assert (caught.args[0].what, caught.args[0].remedy) == ("What.", "Remedy.")
