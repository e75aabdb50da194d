"""Data sets with boxes, masks, texts, numbers and tensors, as folders and as zip files."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image
from pycocotools import mask as mask_library

from core.data import open_dataset
from core.data.datasets.coco_objects import CocoImage, CocoObject, as_mask
from core.data.truth import NO_CLASS, BoxTruth, ClassTruth, MaskTruth, NumberTruth, TextTruth
from core.errors import InputError
from core.runtimes.base import Port

LayOut = Callable[[Mapping[str, bytes]], Path]


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


PHOTO = png(np.full((8, 16, 3), 128, np.uint8))


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def coco(**changes: object) -> bytes:
    listing: dict[str, object] = {
        "images": [
            {"id": 5, "file_name": "a.png", "width": 16, "height": 8},
            {"id": 9, "file_name": "gone.png", "width": 16, "height": 8},
        ],
        "categories": [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}],
        "annotations": [
            {"id": 1, "image_id": 5, "category_id": 7, "bbox": [2, 1, 4, 3], "iscrowd": 0}
        ],
    }
    return json.dumps({**listing, **changes}).encode()


def test_that_coco_is_read_with_boxes_ids_and_what_is_missing(dataset_at: LayOut) -> None:
    path = dataset_at({"val/a.png": PHOTO, "annotations/instances.json": coco()})
    dataset = open_dataset(path)
    assert dataset.sentence == "1 image with boxes of 2 classes (COCO)"
    assert list(dataset.classes) == ["cat", "dog"]
    assert dataset.warnings == ("1 of 2 images that annotations/instances.json names are missing.",)
    (truth,) = dataset.truths_of(dataset.samples)
    assert isinstance(truth, BoxTruth)
    assert truth.class_ids == (3, 7)
    assert truth.images[0].boxes.tolist() == [[2, 1, 6, 4]]
    assert truth.images[0].classes.tolist() == [1]


@pytest.mark.parametrize(
    "outline",
    [
        [[2, 1, 5, 1, 5, 3, 2, 3]],
        {"size": [8, 16], "counts": [17, 3, 5, 3, 5, 3, 5, 3, 84]},
    ],
)
def test_that_coco_outlines_become_masks(dataset_at: LayOut, outline: object) -> None:
    objects = [{"image_id": 5, "category_id": 7, "bbox": [2, 1, 4, 3], "segmentation": outline}]
    path = dataset_at({"a.png": PHOTO, "labels.json": coco(annotations=objects)})
    dataset = open_dataset(path)
    mask = next(t for t in dataset.truths_of(dataset.samples) if isinstance(t, MaskTruth)).read(0)
    expected = np.full((8, 16), NO_CLASS)
    expected[1:4, 2:6] = 1
    np.testing.assert_array_equal(mask, expected)


@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 1))
)
def test_that_packed_run_lengths_are_read_as_the_library_writes_them(inside: np.ndarray) -> None:
    packed = mask_library.encode(np.asfortranarray(inside))["counts"].decode()
    height, width = inside.shape
    image = CocoImage(1, "a.png", width, height)
    one = CocoObject((0, 0, 1, 1), 0, False, {"counts": packed})
    np.testing.assert_array_equal(as_mask(image, [one]) == 0, inside == 1)


@given(st.text(max_size=30))
def test_that_hostile_run_lengths_cover_nothing(packed: str) -> None:
    one = CocoObject((0, 0, 1, 1), 0, False, {"counts": packed})
    mask = as_mask(CocoImage(1, "a.png", 1000, 1000), [one])
    assert (mask == NO_CLASS).all()


def test_that_all_faults_of_a_coco_file_are_told_together(dataset_at: LayOut) -> None:
    objects = [
        {"image_id": 77, "category_id": 7, "bbox": [0, 0, 1, 1]},
        {"image_id": 5, "category_id": 8, "bbox": [0, 0, 1, 1]},
        {"image_id": 5, "category_id": 7, "bbox": [0, 0, -1, "x"]},
        "no object",
    ]
    path = dataset_at({"a.png": PHOTO, "labels.json": coco(annotations=objects)})
    with pytest.raises(InputError) as caught:
        open_dataset(path)
    for place in range(4):
        assert f"annotation {place}" in caught.value.why


@pytest.mark.parametrize("text", ["[" * 100_000, '{"images"', "{}", "[1]"])
def test_that_a_hostile_coco_file_is_refused_in_words(dataset_at: LayOut, text: str) -> None:
    marks = '"images" "annotations" "categories" "file_name"'
    path = dataset_at({"a.png": PHOTO, "labels.json": (text + marks).encode()})
    with pytest.raises(InputError, match=r"labels\.json"):
        open_dataset(path)


@pytest.mark.parametrize(
    "names",
    [
        "names: ['cat', 'dog']",
        "train: x\nnames:\n  0: cat\n  1: dog\nnc: 2",
        "names:\n- cat\n- dog",
    ],
)
def test_that_yolo_is_read_with_names_and_empty_images(dataset_at: LayOut, names: str) -> None:
    path = dataset_at(
        {
            "images/val/a.png": PHOTO,
            "images/val/b.png": PHOTO,
            "labels/val/a.txt": b"1 0.5 0.5 0.25 0.5\n0 0 0 0.5 0 0.5 1\n",
            "data.yaml": names.encode(),
        }
    )
    dataset = open_dataset(path)
    assert dataset.sentence == "2 images with boxes of 2 classes (YOLO)"
    assert list(dataset.classes) == ["cat", "dog"]
    assert "1 of 2 images have no file of boxes" in dataset.warnings[0]
    (truth,) = dataset.truths_of(dataset.samples)
    assert isinstance(truth, BoxTruth)
    assert truth.images[0].boxes.tolist() == [[6, 2, 10, 6], [0, 0, 8, 8]]
    assert truth.images[0].classes.tolist() == [1, 0]
    assert len(truth.images[1].boxes) == 0


def test_that_all_faults_of_yolo_files_are_told_with_their_lines(dataset_at: LayOut) -> None:
    lines = ["0 0.5 0.5 0.2 0.2", "x 0.5 0.5 0.2 0.2", "0 5 5 2 2", "0 0.5 0.5", "0 a b c d"]
    path = dataset_at({"a.png": PHOTO, "a.txt": "\n".join(lines).encode()})
    with pytest.raises(InputError) as caught:
        open_dataset(path)
    for line in (2, 3, 4, 5):
        assert f"a.txt, line {line}" in caught.value.why


def test_that_voc_masks_keep_their_numbers(dataset_at: LayOut) -> None:
    mask = np.zeros((8, 16), np.uint8)
    mask[2:4, 2:4], mask[0, 0] = 15, NO_CLASS
    path = dataset_at(
        {"JPEGImages/a.png": PHOTO, "JPEGImages/b.png": PHOTO, "SegmentationClass/a.png": png(mask)}
    )
    dataset = open_dataset(path)
    assert dataset.sentence == "1 image with masks (masks)"
    (truth,) = dataset.truths_of(dataset.samples)
    assert isinstance(truth, MaskTruth)
    np.testing.assert_array_equal(truth.read(0), mask)


def test_that_cityscapes_ids_become_the_judged_classes(dataset_at: LayOut) -> None:
    mask = np.full((8, 16), 7, np.uint8)
    mask[0], mask[1] = 0, 33
    path = dataset_at(
        {
            "leftImg8bit/val/x/x_leftImg8bit.png": PHOTO,
            "gtFine/val/x/x_gtFine_labelIds.png": png(mask),
            "gtFine/val/x/x_gtFine_color.png": PHOTO,
        }
    )
    dataset = open_dataset(path)
    assert [sample.key for sample in dataset.samples] == ["leftImg8bit/val/x/x_leftImg8bit.png"]
    (truth,) = dataset.truths_of(dataset.samples)
    assert isinstance(truth, MaskTruth)
    assert truth.read(0)[:3, 0].tolist() == [NO_CLASS, 18, 0]


def test_that_black_and_white_masks_have_one_class(dataset_at: LayOut) -> None:
    mask = np.zeros((8, 16), np.uint8)
    mask[:4] = 255
    path = dataset_at({"images/a.png": PHOTO, "masks/a.png": png(mask)})
    (truth,) = open_dataset(path).truths_of(open_dataset(path).samples)
    assert isinstance(truth, MaskTruth)
    assert np.unique(truth.read(0)).tolist() == [0, 1]


def test_that_a_picture_is_no_mask(dataset_at: LayOut) -> None:
    path = dataset_at({"images/a.png": PHOTO, "masks/a.png": PHOTO})
    with pytest.raises(InputError, match="no mask"):
        open_dataset(path)


@pytest.mark.parametrize(
    "lines", ["rec/a.png\tHello, you\nrec/b.png\tx\n", 'a.png, "Hello, you"\nb.png, "x"\n']
)
def test_that_lists_of_texts_are_read_with_their_dictionary(dataset_at: LayOut, lines: str) -> None:
    path = dataset_at(
        {
            "rec/a.png": PHOTO,
            "rec/b.png": PHOTO,
            "rec_gt.txt": lines.encode(),
            "my_dict.txt": "a\nb\nc\n \né\n".encode(),
        }
    )
    dataset = open_dataset(path)
    assert dataset.sentence == "2 images with texts (list of texts)"
    assert dataset.alphabet == ("a", "b", "c", " ", "é")
    (truth,) = dataset.truths_of(dataset.samples)
    assert isinstance(truth, TextTruth)
    assert list(truth.texts) == ["Hello, you", "x"]


def test_that_lines_without_a_text_are_told(dataset_at: LayOut) -> None:
    lines = f"a.png\tone\nb.png no tab\na.png\ttwice\nb.png\t{'x' * 2000}\n"
    path = dataset_at({"a.png": PHOTO, "b.png": PHOTO, "list.txt": lines.encode()})
    with pytest.raises(InputError) as caught:
        open_dataset(path)
    assert all(f"line {number}" in caught.value.why for number in (2, 3, 4))


def test_that_a_table_of_numbers_is_read(dataset_at: LayOut) -> None:
    table = "file,yaw,pitch\nb.png,1.5,-2\na.png,0,3e1\n"
    path = dataset_at({"faces/a.png": PHOTO, "faces/b.png": PHOTO, "angles.csv": table.encode()})
    dataset = open_dataset(path)
    assert dataset.sentence == "2 images with numbers (CSV)"
    (truth,) = dataset.truths_of(dataset.samples)
    assert isinstance(truth, NumberTruth)
    assert [sample.key for sample in dataset.samples] == ["faces/b.png", "faces/a.png"]
    assert truth.values.tolist() == [[1.5, -2], [0, 30]]


def test_that_a_table_of_classes_labels_the_images(dataset_at: LayOut) -> None:
    path = dataset_at(
        {"a.png": PHOTO, "b.png": PHOTO, "labels.csv": b"image;label\na.png;2\nb.png;0\n"}
    )
    dataset = open_dataset(path)
    assert dataset.sentence == "2 images of 2 classes (CSV)"
    assert [sample.label for sample in dataset.samples] == [2, 0]


def test_that_all_faults_of_a_table_are_told_with_their_lines(dataset_at: LayOut) -> None:
    table = "file,x\na.png,1\nb.png,nan\nb.png,1,2\na.png,3\n"
    path = dataset_at({"a.png": PHOTO, "b.png": PHOTO, "t.csv": table.encode()})
    with pytest.raises(InputError) as caught:
        open_dataset(path)
    assert all(f"line {number}" in caught.value.why for number in (3, 4, 5))


TWO_INPUTS = (Port("ids", "int64", (1, 4)), Port("mask", "float32", (None, 4)))


def test_that_npz_files_feed_a_model_with_several_inputs(dataset_at: LayOut) -> None:
    files = {
        f"{index}.npz": npz(ids=np.arange(4) + index, mask=np.ones((1, 4)), label=np.array(index))
        for index in range(3)
    }
    dataset = open_dataset(dataset_at(files))
    assert dataset.sentence == "3 inputs with labels (.npz)"
    dataset.check_tensors(TWO_INPUTS)
    feeds = dataset.feeds(dataset.samples[1], TWO_INPUTS)
    assert feeds["ids"].tolist() == [[1, 2, 3, 4]]
    assert feeds["mask"].shape == (1, 4)
    (truth,) = dataset.truths_of(dataset.samples)
    assert isinstance(truth, ClassTruth)
    assert truth.labels.tolist() == [0, 1, 2]


def test_that_all_that_does_not_fit_the_inputs_is_told_together(dataset_at: LayOut) -> None:
    files = {
        "0.npz": npz(ids=np.arange(4), mask=np.ones((1, 4))),
        "1.npz": npz(ids=np.arange(5), other=np.ones(1)),
        "2.npz": npz(ids=np.arange(4), mask=np.array(["a"] * 4)),
    }
    dataset = open_dataset(dataset_at(files))
    with pytest.raises(InputError) as caught:
        dataset.check_tensors(TWO_INPUTS)
    assert "1.npz: the input “mask” is missing (it holds ids, other)" in caught.value.why
    assert "1.npz: “ids” is 5, the model takes 1×4" in caught.value.why
    assert "2.npz: “mask” holds no numbers" in caught.value.why


def test_that_one_file_may_hold_many_samples(tmp_path: Path) -> None:
    rows = np.arange(24, dtype=np.float32).reshape(6, 4)
    (tmp_path / "rows.npy").write_bytes(npy(rows))
    dataset = open_dataset(tmp_path / "rows.npy")
    port = Port("x", "float32", (1, 4))
    dataset.check_tensors([port])
    assert len(dataset.samples) == 6
    np.testing.assert_array_equal(dataset.feeds(dataset.samples[2], [port])["x"], rows[2:3])


@pytest.mark.parametrize("damage", ["cut", "huge", "pickle", "text"])
def test_that_damaged_tensors_are_refused_in_words(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "bad.npy"
    whole = npy(np.ones((2, 4), np.float32))
    huge = whole.replace(b"(2, 4), }", b"(9999999999, 4), }").replace(b" " * 8 + b"\n", b"\n", 1)
    file = io.BytesIO()
    np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    bad = {"cut": whole[:40], "huge": huge, "pickle": file.getvalue(), "text": b"no tensor"}
    path.write_bytes(bad[damage])
    with pytest.raises(InputError, match="cannot be read as tensors"):
        open_dataset(path)
