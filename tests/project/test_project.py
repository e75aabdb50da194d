"""A project is whole at every moment and never loses what was acknowledged."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.errors import InputError, UserError
from core.jobs.folders import write_atomically
from core.jobs.request import run_request, write_request
from core.plan.plan import CompressionPlan, Step
from core.project.project import Project
from core.search.report import Goal
from core.search.request import OptimizeRequest


class SomeRequest(BaseModel):
    number: int = 0


def add_run(
    project: Path, name: str, request: BaseModel, *, kind: str = "optimize", results: int = 0
) -> Path:
    folder = project / "runs" / name
    folder.mkdir(parents=True)
    write_request(folder, run_request(kind, request))
    (folder / "results").mkdir()
    for number in range(results):
        write_atomically(folder / "results" / f"{number}.json", b"{}")
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A project that nobody has open."""
    Project.create(tmp_path / "scooter").close()
    return tmp_path / "scooter"


def test_that_a_project_remembers_every_change(tmp_path: Path) -> None:
    plan = CompressionPlan(steps=(Step(technique="int8", layers={"stem/Conv": {}}),))
    with Project.create(tmp_path / "scooter") as project:
        assert project.state.name == "scooter"
        project.update(goal=Goal(aim="size", max_drop=0.5), data=tmp_path / "images", plan=plan)
    with Project.open(tmp_path / "scooter") as project:
        assert project.state.goal == Goal(aim="size", max_drop=0.5)
        assert project.state.data == tmp_path / "images"
        assert project.state.plan == plan


def test_that_a_project_holds_its_own_copy_of_the_model(
    project_folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    source = tmp_path / "model.onnx"
    source.write_bytes(tiny_model.read_bytes())
    with Project.open(project_folder) as project:
        reference = project.adopt_model(source)
        source.unlink()
        assert project.model_path is not None
        assert project.model_path.read_bytes() == tiny_model.read_bytes()
        assert reference.name == "model.onnx"
        again = project.adopt_model(tiny_model)
    assert again.sha256 == reference.sha256


def test_that_adopting_the_same_model_twice_keeps_one_copy(
    project_folder: Path, tiny_model: Path
) -> None:
    with Project.open(project_folder) as project:
        assert project.adopt_model(tiny_model) == project.adopt_model(tiny_model)
    assert len(names_in(project_folder / "models")) == 1


def test_that_external_data_keeps_its_place_beside_the_model(
    project_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "parts").mkdir()
    model, data = tmp_path / "model.onnx", tmp_path / "parts" / "weights.bin"
    model.write_bytes(b"graph")
    data.write_bytes(b"numbers")
    with Project.open(project_folder) as project:
        first = project.adopt_model(model, [data])
        assert project.model_path is not None
        assert (project.model_path.parent / "parts" / "weights.bin").read_bytes() == b"numbers"
        data.write_bytes(b"other numbers")
        second = project.adopt_model(model, [data])
        assert project.holds_model(model, [data])
        data.write_bytes(b"numbers")
        assert not project.holds_model(model, [data])
    assert first.sha256 == second.sha256
    assert first.file != second.file


def test_that_a_model_that_cannot_be_read_changes_nothing(
    project_folder: Path, tmp_path: Path
) -> None:
    with Project.open(project_folder) as project:
        with pytest.raises(InputError, match=r"absent\.onnx"):
            project.adopt_model(tmp_path / "absent.onnx")
        assert project.state.model is None


def test_that_a_project_is_not_made_among_other_files(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        Project.create(folder)
    assert names_in(folder) == ["thesis.txt"]


def test_that_a_project_can_be_made_where_one_was_interrupted(tmp_path: Path) -> None:
    folder = tmp_path / "scooter"
    folder.mkdir()
    (folder / ".lock").write_text("123\n")
    (folder / ".project.json.abc.tmp").write_text('{"ver')
    Project.create(folder).close()
    Project.open(folder).close()
    assert names_in(folder) == [".lock", "project.json"]


def test_that_half_a_copy_of_a_model_is_swept(project_folder: Path) -> None:
    half = project_folder / "models" / ".model.onnx.copy"
    half.mkdir(parents=True)
    (half / "model.onnx").write_bytes(b"ha")
    Project.open(project_folder).close()
    assert names_in(project_folder / "models") == []


def test_that_what_is_no_project_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not an Edgewright project"):
        Project.open(tmp_path)


def test_that_two_processes_cannot_write_to_one_project(project_folder: Path) -> None:
    script = f"""
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from core.project.project import Project
project = Project.open(Path({str(project_folder)!r}))
sys.stdout.write("open\\n")
sys.stdout.flush()
sys.stdin.read()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None and other.stdin is not None
    assert other.stdout.readline() == b"open\n"
    with pytest.raises(InputError, match="open elsewhere") as raised:
        Project.open(project_folder)
    assert str(other.pid) in raised.value.why
    Project.open(project_folder, read_only=True).close()
    other.kill()
    other.communicate()
    Project.open(project_folder).close()


def test_that_a_damaged_project_file_is_named_and_left_as_it_is(project_folder: Path) -> None:
    for content in (b"", b'{"version": 1, "na', b"[]", b'{"version": 1, "name": 3}', b"{}"):
        (project_folder / "project.json").write_bytes(content)
        with pytest.raises(InputError):
            Project.open(project_folder)
        assert (project_folder / "project.json").read_bytes() == content


def test_that_a_project_of_a_newer_version_is_refused(project_folder: Path) -> None:
    path = project_folder / "project.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 99}))
    with pytest.raises(InputError, match="newer Edgewright"):
        Project.open(project_folder)


def test_that_a_full_disk_keeps_the_last_saved_state(project_folder: Path) -> None:
    script = f"""
import resource, sys
from pathlib import Path
from core.errors import UserError
from core.project.project import Project
project = Project.open(Path({str(project_folder)!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
try:
    project.update(name="a name that finds no room")
except UserError as error:
    sys.stdout.write(f"{{project.state.name}}: {{error.what}}")
"""
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("scooter: There is no room")
    with Project.open(project_folder) as project:
        assert project.state.name == "scooter"


def test_that_opening_finishes_keeps_and_sweeps_what_a_crash_left(project_folder: Path) -> None:
    whole = add_run(project_folder, "0001-inspect.partial", SomeRequest(), kind="inspect")
    (whole / "outcome.json").write_text("{}")
    add_run(project_folder, "0002-optimize.partial", SomeRequest(number=1), results=2)
    add_run(project_folder, "0003-optimize.partial", SomeRequest(number=2))
    (project_folder / "runs" / "0004-bench.partial").mkdir()
    (project_folder / ".project.json.abc.tmp").write_text('{"ver')
    with Project.open(project_folder) as project:
        assert [(run.name, run.whole) for run in project.runs()] == [
            ("0001-inspect", True),
            ("0002-optimize", False),
        ]
    assert ".project.json.abc.tmp" not in names_in(project_folder)


def test_that_reading_alone_tidies_nothing(project_folder: Path) -> None:
    add_run(project_folder, "0001-optimize.partial", SomeRequest())
    before = names_in(project_folder / "runs")
    Project.open(project_folder, read_only=True).close()
    assert names_in(project_folder / "runs") == before


def test_that_the_same_request_goes_on_where_it_was_interrupted(project_folder: Path) -> None:
    request = OptimizeRequest(model=Path("absent.onnx"))
    earlier = add_run(project_folder, "0001-optimize.partial", request, results=1)
    with Project.open(project_folder) as project:
        job = project.start_run("optimize", request)
        job.wait()
        assert job.partial_folder == earlier
        other = project.start_run("optimize", request.model_copy(update={"threads": 2}))
        other.wait()
        assert other.folder.name == "0002-optimize"
    asked = json.loads((earlier / "request.json").read_text())["request"]
    assert asked["resume"] == str(earlier)
    assert (earlier / "results" / "0.json").exists()


def test_that_runs_are_numbered_and_know_their_parent(project_folder: Path) -> None:
    with Project.open(project_folder) as project:
        for parent in (None, "0001-devices"):
            project.start_run("devices", SomeRequest(), parent=parent).wait()
        names = [(run.name, run.parent) for run in list(project.runs())]
    assert names == [("0001-devices", None), ("0002-devices", "0001-devices")]


def test_that_a_wrong_value_is_not_saved(project_folder: Path) -> None:
    with Project.open(project_folder) as project:
        with pytest.raises(ValueError, match="threads"):
            project.update(threads=-1)
        assert project.state.threads == 0


def test_that_a_damaged_report_is_said_and_the_project_opens(project_folder: Path) -> None:
    run = add_run(project_folder, "0001-optimize", SomeRequest())
    (run / "outcome.json").write_text('{"model_name": ')
    with Project.open(project_folder) as project, pytest.raises(UserError, match="cannot be read"):
        project.latest_report()


def test_that_a_read_only_folder_is_said_before_anything_is_done(read_only_folder: Path) -> None:
    with pytest.raises(InputError, match="cannot be written to") as raised:
        Project.create(read_only_folder / "scooter")
    assert "another folder" in raised.value.remedy


def test_that_a_project_in_a_read_only_folder_can_be_read_but_not_changed(
    public_folder: Path, read_only: Callable[[Path], AbstractContextManager[None]]
) -> None:
    Project.create(public_folder / "scooter").close()
    with read_only(public_folder / "scooter"):
        project = Project.open(public_folder / "scooter", read_only=True)
        assert project.state.name == "scooter"
        with pytest.raises(InputError, match="cannot be written to"):
            project.update(name="another")
        with pytest.raises(InputError, match="cannot be written to"):
            Project.open(public_folder / "scooter")
    assert project.state.name == "scooter"
