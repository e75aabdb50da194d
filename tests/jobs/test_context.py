"""What working code reports becomes events, and results are on disk before they are told."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from core.errors import JobCancelled
from core.jobs.context import WorkerContext, file_name_of, read_results
from core.jobs.events import Event, Measured, Progress, Step


class Figure(BaseModel):
    milliseconds: float


class Recorder:
    """A context whose events are kept in a list."""

    def __init__(self, folder: Path, steps: tuple[tuple[str, float], ...]) -> None:
        self.events: list[Event] = []
        self.cancelled = threading.Event()
        self.context = WorkerContext(folder, steps, self.events.append, self.cancelled)

    def fractions(self) -> list[float]:
        return [event.fraction for event in self.events if isinstance(event, Progress)]


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path, (("Read", 1.0), ("Measure", 3.0)))


def test_that_the_share_done_follows_the_weights_of_the_steps(recorder: Recorder) -> None:
    recorder.context.step("Read")
    recorder.context.progress(1, 1)
    recorder.context.step("Measure")
    recorder.context.progress(1, 2)
    recorder.context.progress(1.2, 2)
    recorder.context.progress(2, 2)
    assert recorder.fractions() == pytest.approx([0.25, 0.625, 1.0])


def test_that_a_skipped_step_counts_as_done(recorder: Recorder) -> None:
    recorder.context.step("Measure")
    recorder.context.progress(0, 1)
    assert recorder.events[0] == Step(at=recorder.events[0].at, index=1, total=2, title="Measure")
    assert recorder.fractions() == pytest.approx([0.25])


def test_that_a_step_that_nobody_announced_is_put_in(recorder: Recorder) -> None:
    recorder.context.step("Read")
    recorder.context.step("Surprise", weight=2.0)
    steps = [event for event in recorder.events if isinstance(event, Step)]
    assert (steps[-1].index, steps[-1].total, steps[-1].title) == (1, 3, "Surprise")


def test_that_a_result_is_on_disk_when_it_is_told(tmp_path: Path) -> None:
    on_disk: list[set[str]] = []

    def send(event: Event) -> None:
        on_disk.append(set(read_results(tmp_path)))

    context = WorkerContext(tmp_path, (), send, threading.Event())
    context.measured("INT8 · OpenVINO/0", Figure(milliseconds=1.5))
    assert on_disk == [{"INT8 · OpenVINO/0"}]
    saved = read_results(tmp_path)["INT8 · OpenVINO/0"]
    assert isinstance(saved, Measured)
    assert saved.result == {"milliseconds": 1.5}


def test_that_a_damaged_result_is_left_out_and_the_others_are_read(recorder: Recorder) -> None:
    recorder.context.measured("good", Figure(milliseconds=1))
    (recorder.context.folder / "results" / "bad.json").write_bytes(b'{"type": "measured", "wh')
    assert set(read_results(recorder.context.folder)) == {"good"}


def test_that_every_report_stops_a_cancelled_job(recorder: Recorder) -> None:
    recorder.cancelled.set()
    context = recorder.context
    for report in (
        lambda: context.step("Read"),
        lambda: context.progress(1, 2),
        lambda: context.note("text"),
        lambda: context.artifact("name", context.folder),
        lambda: context.measured("what", Figure(milliseconds=1)),
        context.check_cancelled,
    ):
        with pytest.raises(JobCancelled):
            report()
    assert recorder.events == []


@given(st.text(min_size=1), st.text(min_size=1))
def test_that_different_results_get_different_files(first: str, second: str) -> None:
    names = file_name_of(first), file_name_of(second)
    assert (names[0] == names[1]) == (first == second)
    assert all("/" not in name and "\0" not in name for name in names)
