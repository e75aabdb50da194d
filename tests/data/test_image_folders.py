"""Which samples, labels and warnings a folder or a zip file of images gives."""

import os
import zipfile
from pathlib import Path

import pytest

from core.data import open_dataset
from core.data.datasets.sources import LARGEST_FILE
from core.errors import InputError


def test_that_class_folders_with_numbers_give_these_numbers_as_labels(dataset_at, blank):
    path = dataset_at({"7_Sneaker/a.png": blank, "2_Pullover/b.png": blank})
    dataset = open_dataset(path)
    assert {sample.key: sample.label for sample in dataset.samples} == {
        "7_Sneaker/a.png": 7,
        "2_Pullover/b.png": 2,
    }
    assert dataset.classes[7] == "Sneaker"
    assert dataset.classes[2] == "Pullover"
    assert len(dataset.classes) == 8


def test_that_class_folders_without_numbers_are_labelled_in_alphabetical_order(dataset_at, blank):
    dataset = open_dataset(dataset_at({"dog/a.png": blank, "cat/b.png": blank, "eel/c.png": blank}))
    assert dataset.classes == ("cat", "dog", "eel")
    assert [sample.label for sample in dataset.samples] == [0, 1, 2]


def test_that_one_folder_without_a_number_keeps_all_in_alphabetical_order(dataset_at, blank):
    dataset = open_dataset(dataset_at({"1_cat/a.png": blank, "dog/b.png": blank}))
    assert dataset.classes == ("cat", "dog")


def test_that_two_folders_with_the_same_number_are_no_labels_by_number(dataset_at, blank):
    dataset = open_dataset(dataset_at({"5_cat/a.png": blank, "5_dog/b.png": blank}))
    assert [sample.label for sample in dataset.samples] == [0, 1]


def test_that_folders_around_all_images_do_not_count_as_classes(dataset_at, blank):
    files = {"set/val/cat/a.png": blank, "set/val/dog/deep/b.png": blank}
    dataset = open_dataset(dataset_at(files))
    assert dataset.classes == ("cat", "dog")


def test_that_images_without_folders_are_unlabelled(dataset_at, blank):
    dataset = open_dataset(dataset_at({"a.png": blank, "b.png": blank}))
    assert not dataset.labelled
    assert [sample.label for sample in dataset.samples] == [None, None]
    assert dataset.warnings == ()


def test_that_a_single_numbered_class_is_warned_about(dataset_at, blank):
    dataset = open_dataset(dataset_at({"3_cat/a.png": blank}))
    assert dataset.labelled
    assert dataset.samples[0].label == 3
    assert "one class only" in dataset.warnings[0]
    assert "accuracy says little" in dataset.warnings[0]


def test_that_a_single_folder_without_number_counts_as_unlabelled_and_says_so(dataset_at, blank):
    dataset = open_dataset(dataset_at({"cats/a.png": blank, "cats/b.png": blank}))
    assert not dataset.labelled
    assert "one folder only" in dataset.warnings[0]
    assert "cats" in dataset.warnings[0]


def test_that_files_that_are_no_images_are_left_out_and_counted(dataset_at, blank):
    files = {"cat/a.png": blank, "dog/b.png": blank, "cat/fake.png": b"text", "notes.txt": b"x"}
    dataset = open_dataset(dataset_at(files))
    assert len(dataset.samples) == 2
    assert "2 files were left out" in dataset.warnings[0]


def test_that_images_outside_the_class_folders_are_left_out_and_counted(dataset_at, blank):
    files = {"cat/a.png": blank, "dog/b.png": blank, "stray.png": blank}
    dataset = open_dataset(dataset_at(files))
    assert [sample.key for sample in dataset.samples] == ["cat/a.png", "dog/b.png"]
    assert "1 file was outside the class folders" in " ".join(dataset.warnings)


def test_that_clutter_of_file_managers_is_passed_over_in_silence(dataset_at, blank):
    files = {
        "cat/a.png": blank,
        "dog/b.png": blank,
        ".DS_Store": b"x",
        "__MACOSX/cat/._a.png": b"x",
        "cat/Thumbs.db": b"x",
    }
    dataset = open_dataset(dataset_at(files))
    assert len(dataset.samples) == 2
    assert dataset.warnings == ()


def test_that_no_images_at_all_is_an_error_with_a_remedy(dataset_at):
    with pytest.raises(InputError) as caught:
        open_dataset(dataset_at({}))
    assert "no images" in caught.value.what
    assert "Choose" in caught.value.remedy


def test_that_only_false_images_are_an_error_that_counts_them(dataset_at):
    with pytest.raises(InputError) as caught:
        open_dataset(dataset_at({"cat/a.png": b"not an image", "cat/b.jpg": b""}))
    assert "2 files" in caught.value.why


def test_that_samples_can_be_read_back(dataset_at, blank):
    dataset = open_dataset(dataset_at({"cat/a.png": blank, "dog/b.png": blank}))
    assert dataset.read(dataset.samples[0]) == blank


def test_that_samples_come_in_the_same_order_from_a_folder_and_a_zip(dataset_at, blank):
    names = ["b/2.png", "a/9.png", "b/1.png", "a/10.png"]
    dataset = open_dataset(dataset_at(dict.fromkeys(names, blank)))
    assert [sample.key for sample in dataset.samples] == sorted(names)


def test_that_a_missing_path_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match="is not there"):
        open_dataset(tmp_path / "nothing")


def test_that_a_file_that_is_no_zip_is_an_error(tmp_path: Path):
    (tmp_path / "images.zip").write_text("no archive")
    with pytest.raises(InputError, match="neither a folder nor a zip"):
        open_dataset(tmp_path / "images.zip")


def test_that_a_truncated_zip_is_an_error(tmp_path: Path, sample_data: Path):
    whole = sample_data.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError):
        open_dataset(tmp_path / "cut.zip")


@pytest.mark.parametrize("name", ["../evil.png", "/evil.png", "a/../../evil.png", "C:/evil.png"])
def test_that_zip_members_with_paths_that_lead_out_are_left_out(
    tmp_path: Path, blank: bytes, name: str
):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("good.png", blank)
        archive.writestr(name, blank)
    dataset = open_dataset(tmp_path / "x.zip")
    assert [sample.key for sample in dataset.samples] == ["good.png"]
    assert "leaves the archive" in dataset.warnings[0]


def test_that_a_zip_bomb_is_left_out_unread(tmp_path: Path, blank: bytes):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.png", blank)
        archive.writestr("bomb.png", blank + bytes(8 << 20))
    dataset = open_dataset(tmp_path / "x.zip")
    assert [sample.key for sample in dataset.samples] == ["good.png"]
    assert "unpacks to far more" in dataset.warnings[0]


def test_that_a_file_that_is_too_large_is_left_out(tmp_path: Path, blank: bytes):
    (tmp_path / "good.png").write_bytes(blank)
    with (tmp_path / "huge.png").open("wb") as file:
        file.write(blank)
        file.truncate(LARGEST_FILE + 1)
    dataset = open_dataset(tmp_path)
    assert [sample.key for sample in dataset.samples] == ["good.png"]
    assert "too large" in dataset.warnings[0]


def test_that_a_pipe_with_an_image_name_does_not_hang(tmp_path: Path, blank: bytes):
    (tmp_path / "good.png").write_bytes(blank)
    os.mkfifo(tmp_path / "pipe.png")
    dataset = open_dataset(tmp_path)
    assert [sample.key for sample in dataset.samples] == ["good.png"]
    assert "no regular file" in dataset.warnings[0]


def test_that_a_file_that_vanished_after_listing_is_an_error(tmp_path: Path, blank: bytes):
    (tmp_path / "a.png").write_bytes(blank)
    dataset = open_dataset(tmp_path)
    (tmp_path / "a.png").unlink()
    with pytest.raises(InputError, match=r"a\.png"):
        dataset.read(dataset.samples[0])


def test_that_the_sample_has_forty_images_of_each_of_ten_classes(sample_data: Path):
    dataset = open_dataset(sample_data)
    labels = [sample.label for sample in dataset.samples]
    assert {label: labels.count(label) for label in set(labels)} == dict.fromkeys(range(10), 40)
    assert dataset.classes[9] == "Ankle-boot"
    assert dataset.warnings == ()


def test_that_an_encrypted_member_is_left_out(tmp_path: Path, blank: bytes):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("good.png", blank)
        archive.writestr("secret.png", blank)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 8] |= 1  # the flag for encryption in the central directory
    path.write_bytes(data)
    dataset = open_dataset(path)
    assert [sample.key for sample in dataset.samples] == ["good.png"]
    assert "encrypted" in dataset.warnings[0]
