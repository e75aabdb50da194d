"""The history of a project: what is said about runs, their notes, and deleting them."""

import threading
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.errors import InputError
from core.jobs.events import Event
from core.jobs.folders import OUTCOME_FILE
from core.jobs.kinds.inspect import InspectRequest
from core.jobs.request import run_request, write_request
from core.project.history import history
from core.project.notes import RunNote, read_note
from core.project.project import Project


class SomeRequest(BaseModel):
    number: int = 0


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A bench run, an optimization with a damaged report, and one that was not finished."""
    made = Project.create(tmp_path / "scooter")
    for name, kind in (
        ("0001-bench", "bench"),
        ("0002-optimize", "optimize"),
        ("0003-optimize.partial", "optimize"),
    ):
        folder = made.folder / "runs" / name
        folder.mkdir(parents=True)
        write_request(folder, run_request(kind, SomeRequest()))
        (folder / OUTCOME_FILE).write_text('{"candidates": 1}')
    return made


def test_that_every_run_is_in_the_history_whatever_its_state(project: Project) -> None:
    found = history(project.runs())

    assert [(run.number, run.run.kind, run.fault) for run in found] == [
        (3, "optimize", "not finished"),
        (2, "optimize", "its outcome cannot be read"),
        (1, "bench", ""),
    ]
    assert all(run.best is None and run.figures is None and run.plan == "" for run in found)


def test_that_a_note_stays_with_its_run(project: Project) -> None:
    project.annotate_run("0001-bench", RunNote("First look", "before the fan was cleaned"))

    assert read_note(project.folder / "runs" / "0001-bench").name == "First look"
    assert history(project.runs())[-1].note.text == "before the fan was cleaned"


@pytest.mark.parametrize("content", ["", "[]", '{"name": "x"}', "\0"])
def test_that_a_damaged_note_counts_as_none(project: Project, content: str) -> None:
    folder = project.folder / "runs" / "0001-bench"
    (folder / "note.json").write_text(content)

    assert read_note(folder) == RunNote()


def test_that_a_deleted_run_is_gone_with_its_files(project: Project) -> None:
    project.remove_run("0002-optimize")
    project.remove_run("0003-optimize")

    assert [run.name for run in project.runs()] == ["0001-bench"]
    assert [path.name for path in (project.folder / "runs").iterdir()] == ["0001-bench"]
    with pytest.raises(InputError, match="no run"):
        project.remove_run("0002-optimize")


def test_that_opening_frees_what_half_a_deletion_left(project: Project) -> None:
    leftover = project.folder / ".removed" / "0000-bench"
    leftover.mkdir(parents=True)
    project.close()

    Project.open(project.folder).close()

    assert not leftover.parent.exists()


def test_that_a_run_that_goes_on_is_not_deleted(project: Project, tiny_model: Path) -> None:
    began, may_go_on = threading.Event(), threading.Event()

    def hold(event: Event) -> None:
        began.set()
        may_go_on.wait()

    job = project.start_run("inspect", InspectRequest(model=tiny_model), hold)
    began.wait()
    with pytest.raises(InputError, match="cannot be deleted"):
        project.remove_run("0004-inspect")
    may_go_on.set()
    job.wait()

    project.remove_run("0004-inspect")
    assert not job.folder.exists()
