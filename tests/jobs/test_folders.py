"""Files and run folders are whole or not there."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import InputError, UserError
from core.jobs.folders import (
    finish_folder,
    partial_of,
    storage_problem,
    sweep,
    write_atomically,
)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_that_an_atomic_write_replaces_the_content_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "project.json"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == ["project.json"]


def test_that_a_killed_writer_never_leaves_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    script = f"""
import sys
from pathlib import Path
from core.jobs.folders import write_atomically
contents = [letter * 200_000 for letter in (b"a", b"b")]
write_atomically(Path({str(path)!r}), contents[0])
sys.stdout.write("first\\n")
sys.stdout.flush()
while True:
    for content in contents:
        write_atomically(Path({str(path)!r}), content)
"""
    for _ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.kill()
        writer.wait()
        writer.stdout.close()
        content = path.read_bytes()
        assert content in (b"a" * 200_000, b"b" * 200_000)


def test_that_a_full_disk_leaves_the_old_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "project.json"
    write_atomically(path, b"old")
    script = f"""
import resource, sys
from pathlib import Path
from core.errors import UserError
from core.jobs.folders import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path({str(path)!r}), bytes(100_000))
except UserError as error:
    sys.stdout.write(error.what)
"""
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "no room" in said.stdout
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["project.json"]


def test_that_a_read_only_folder_is_said_with_a_remedy(read_only_folder: Path) -> None:
    with pytest.raises(InputError) as raised:
        write_atomically(read_only_folder / "project.json", b"new")
    assert "cannot be written" in raised.value.what
    assert "another folder" in raised.value.remedy


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_that_every_way_to_be_full_is_worded_alike(tmp_path: Path, number: int) -> None:
    problem = storage_problem(OSError(number, "full", str(tmp_path / "model.onnx")))
    assert type(problem) is UserError
    assert "model.onnx" in problem.what
    assert "MB left" in problem.why


def test_that_other_errors_of_the_system_stay_what_they_are() -> None:
    assert storage_problem(OSError(errno.EIO, "broken")) is None


def test_that_a_finished_folder_has_its_name_and_nothing_temporary(tmp_path: Path) -> None:
    folder = tmp_path / "0001-inspect"
    partial = partial_of(folder)
    (partial / "results").mkdir(parents=True)
    (partial / "outcome.json").write_text("{}")
    (partial / "results" / ".first.json.0.tmp").write_text("{")
    (partial / "scratch").mkdir()
    (partial / "scratch" / "inputs.npy").write_text("large")
    finish_folder(folder)
    assert not partial.exists()
    assert (folder / "outcome.json").exists()
    assert names_in(folder / "results") == []
    assert not (folder / "scratch").exists()


def test_that_sweeping_finishes_whole_runs_keeps_the_wanted_and_removes_the_rest(
    tmp_path: Path,
) -> None:
    for name in ("0001-whole", "0002-wanted", "0003-rest"):
        partial_of(tmp_path / name).mkdir()
    (tmp_path / "0001-whole.partial" / "outcome.json").write_text("{}")
    removed = sweep(tmp_path, keep=lambda partial: "wanted" in partial.name)
    assert removed == ("0003-rest.partial",)
    assert names_in(tmp_path) == ["0001-whole", "0002-wanted.partial"]


def test_that_a_place_that_is_none_is_said_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for path, why in (
        (tmp_path / "absent" / "plan.json", "The folder that it would lie in is not there."),
        (tmp_path / "file" / "plan.json", "The folder that it would lie in is not there."),
        (tmp_path / "folder", "There is a folder of that name."),
    ):
        with pytest.raises(InputError) as refusal:
            write_atomically(path, b"new")
        assert refusal.value.why == why
        assert str(path) in refusal.value.what
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
