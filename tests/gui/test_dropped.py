"""What is dropped on the window is told by what it is."""

from pathlib import Path

import pytest

from core.project.project import Project
from gui.dropped import what_is


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("photo.JPG", "images"),
        ("photos.zip", "images"),
        ("figures.csv", "figures"),
        ("model.onnx", "model"),
        ("a file without a suffix", "model"),
    ],
)
def test_that_a_file_is_told_by_its_name(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"content")
    assert what_is(path) == kind


def test_that_a_folder_is_images_unless_it_holds_a_project(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    Project.create(tmp_path / "project").close()
    assert what_is(photos) == "images"
    assert what_is(tmp_path / "project") == "project"


def test_that_the_folder_of_a_saved_model_is_a_model(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"\x08\x01\x12\x02\n\x00")
    assert what_is(folder) == "model"
