"""What changed between two models, for each kind of answers, and the album of pictures."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.benchmark.changes import kind_for
from core.benchmark.changes.album import Album, write_album
from core.benchmark.changes.base import Asked, Difference, ImageChange
from core.benchmark.changes.finding import find_changes
from core.benchmark.changes.table import changes_table
from core.data import open_dataset
from core.data.contract import PreprocessingContract
from core.data.judge import judge_for
from core.data.standard import Standard
from core.data.tensors import Tensors, column_of
from core.data.truth import (
    BoxTruth,
    ClassTruth,
    ImageBoxes,
    MaskTruth,
    NumberTruth,
    TextTruth,
    Truth,
)
from core.errors import InputError

SIDE = 64
FRAME = PreprocessingContract(width=SIDE, height=SIDE, resize="letterbox")
BOX = (4.0, 4.0, 24.0, 20.0)
OTHER = (30.0, 8.0, 60.0, 40.0)


def tensors(samples: Sequence[np.ndarray]) -> Tensors:
    return Tensors({"output": column_of(list(samples))})


def asked(
    a: Sequence[np.ndarray],
    b: Sequence[np.ndarray],
    *truths: Truth,
    contract: PreprocessingContract | None = None,
    classes: tuple[str, ...] = (),
    metadata: Mapping[str, str] | None = None,
) -> Asked:
    standard = Standard(
        reference=tensors(a),
        truths=truths,
        contract=contract,
        classes=classes,
        metadata=metadata or {},
    )
    return Asked(judge_for(standard), tensors(b))


def differences(one: Asked, count: int) -> list[Difference | None]:
    return [kind_for(one).difference(one, index) for index in range(count)]


def row(*shares: float) -> np.ndarray:
    return np.asarray([shares], dtype=np.float32)


def test_that_a_class_is_damaged_by_what_the_true_one_lost() -> None:
    labels = ClassTruth(np.asarray([0, 0, 1]))
    one = asked(
        [row(0.9, 0.1, 0), row(0.2, 0.8, 0), row(0.6, 0.3, 0.1)],
        [row(0.8, 0.2, 0), row(0.7, 0.3, 0), row(0.1, 0.2, 0.7)],
        labels,
        classes=("cat", "dog", "eel"),
    )

    same, better, other = differences(one, 3)

    assert same is None
    assert better is not None and other is not None
    assert (better.a, better.b, better.truth, better.effect) == ("dog", "cat", "cat", "better")
    assert better.damage == pytest.approx(-0.5)
    assert (better.confidence_a, better.confidence_b) == pytest.approx((0.8, 0.7))
    assert (other.effect, other.damage) == ("other", pytest.approx(0.1))
    assert kind_for(one).drawing(one, 2).b.rows[0] == ("eel", pytest.approx(0.7))


def test_that_without_labels_a_class_is_damaged_by_what_went_elsewhere() -> None:
    one = asked([row(2.0, 0.0)], [row(0.0, 2.0)])

    (found,) = differences(one, 1)

    sure = np.exp(2) / (np.exp(2) + 1)
    assert found is not None
    assert found.truth is None
    assert found.damage == pytest.approx(2 * sure - 1)
    assert found.confidence_b == pytest.approx(sure)


def test_that_answers_that_are_no_numbers_count_as_sure_of_nothing() -> None:
    one = asked([row(0.2, 0.8)], [row(np.nan, np.nan)], ClassTruth(np.asarray([1])))

    (found,) = differences(one, 1)

    assert found is not None
    assert (found.effect, found.damage) == ("worse", pytest.approx(0.8))
    assert found.confidence_b == 0


def detections(*boxes: tuple[tuple[float, float, float, float], int]) -> np.ndarray:
    """As detectors with the suppression inside answer: corners, score, class; ten rows."""
    rows = np.zeros((1, 10, 6), dtype=np.float32)
    for place, (corners, index) in enumerate(boxes):
        rows[0, place] = (*corners, 0.9 - place / 10, index)
    return rows


def true_boxes(*boxes: tuple[float, float, float, float]) -> ImageBoxes:
    count = len(boxes)
    return ImageBoxes(
        SIDE,
        SIDE,
        np.asarray(boxes, dtype=np.float64).reshape(-1, 4),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=bool),
    )


def test_that_a_lost_box_is_told_drawn_and_weighed_by_panoptic_quality() -> None:
    both = detections((BOX, 0), (OTHER, 0))
    one = asked(
        [both, both],
        [both, detections((BOX, 0))],
        BoxTruth((true_boxes(BOX, OTHER), true_boxes(BOX, OTHER))),
        contract=FRAME,
        classes=("face",),
    )

    same, lost = differences(one, 2)

    assert same is None
    assert lost is not None
    assert (lost.a, lost.b, lost.truth) == ("2 × face", "1 × face", "2 × face")
    assert lost.effect == "worse"
    # One of two found exactly: overlap 1 over 1 + ½.
    assert lost.damage == pytest.approx(1 - 1 / 1.5)
    drawing = kind_for(one).drawing(one, 1)
    assert [box.alone for box in drawing.a.boxes] == [False, True]
    assert drawing.a.boxes[1].corners == pytest.approx(OTHER)
    assert drawing.truth is not None
    assert len(drawing.truth.boxes) == 2


def test_that_without_boxes_b_is_weighed_against_a() -> None:
    one = asked([detections((BOX, 0))], [detections((BOX, 1))], contract=FRAME)

    (found,) = differences(one, 1)

    assert found is not None
    assert (found.a, found.b, found.effect) == ("1 × class 0", "1 × class 1", "other")
    assert found.damage == 1


def test_that_pixels_are_weighed_by_what_is_no_longer_right() -> None:
    true = np.zeros((8, 8), dtype=np.uint8)
    true[:, 4:] = 1
    a = np.stack([true == 0, true == 1]).astype(np.float32)[None]
    b = a.copy()
    b[0, :, :4, 4:] = b[0, ::-1, :4, 4:]
    one = asked([a, a], [a, b], MaskTruth(2, lambda index: true), classes=("road", "car"))

    same, changed = differences(one, 2)

    assert same is None
    assert changed is not None
    assert (changed.effect, changed.damage) == ("worse", pytest.approx(0.25))
    assert changed.truth == "road 50 %, car 50 %"
    masks = kind_for(one).masks(one, 1)
    assert {side: int(mask.sum()) for side, mask in masks.items()} == {
        "a": 32,
        "b": 16,
        "truth": 32,
    }


def steps(text: str) -> np.ndarray:
    """Scores of blank, a, b, c in eight steps."""
    scores = np.full((1, 8, 4), 0.02, dtype=np.float32)
    for place in range(8):
        best = " abc".index(text[place // 2]) if place % 2 and place // 2 < len(text) else 0
        scores[0, place, best] = 0.94
    return scores


def test_that_texts_are_weighed_by_edits() -> None:
    truth = TextTruth(("abc", "abc"))
    one = asked(
        [steps("abc"), steps("ab")],
        [steps("acc"), steps("abc")],
        truth,
        metadata={"character": "abc"},
    )

    worse, better = differences(one, 2)

    assert worse is not None and better is not None
    assert (worse.a, worse.b, worse.effect) == ("abc", "acc", "worse")
    assert worse.damage == pytest.approx(1 / 3)
    assert better.effect == "better"
    assert better.confidence_a == pytest.approx(0.94)


def test_that_any_numbers_are_weighed_by_their_relative_error() -> None:
    a = np.full((1, 3, 4, 5, 6), 2.0, dtype=np.float32)
    one = asked([a, a], [a * (1 + 1e-5), a * 1.1])

    same, changed = differences(one, 2)

    assert same is None
    assert changed is not None
    assert changed.damage == pytest.approx(0.1, rel=1e-3)
    assert changed.a == "2, 2, 2 …"
    assert kind_for(one).drawing(one, 1).b.rows[0][0] == "error of output"


def test_that_true_numbers_tell_better_from_worse() -> None:
    truth = NumberTruth(np.asarray([[1.0], [1.0]]))
    one = asked([row(1.5), row(1.5)], [row(2.0), row(1.1)], truth)

    worse, better = differences(one, 2)

    assert worse is not None and better is not None
    assert (worse.effect, worse.damage) == ("worse", pytest.approx(0.5))
    assert (better.effect, better.damage) == ("better", pytest.approx(-0.4))


@pytest.fixture
def pictured(tmp_path: Path) -> tuple[Path, tuple[ImageChange, ...]]:
    """Album and changes of three images, two of which changed."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (200, 100), (80 * number, 0, 0)).save(folder / f"{number}.png")
    dataset = open_dataset(folder)
    contract = PreprocessingContract(width=160, height=160, resize="letterbox")
    one = asked(
        [row(0.6, 0.4), row(0.9, 0.1), row(0.9, 0.1)],
        [row(0.4, 0.6), row(0.9, 0.1), row(0.1, 0.9)],
        contract=contract,
    )
    told: list[str] = []

    def progress(done: float, total: float, text: str) -> None:
        told.append(text)

    found = find_changes(one, dataset.samples, progress)
    order = [index for index, _ in found]
    write_album(tmp_path / "changes.zip", one, dataset, dataset.samples, order, progress=progress)
    assert len(set(told)) == 2
    return tmp_path / "changes.zip", tuple(change for _, change in found)


def test_that_the_most_damaged_come_first_and_have_pictures_as_the_model_saw_them(
    pictured: tuple[Path, tuple[ImageChange, ...]],
) -> None:
    file, changes = pictured
    assert [change.image for change in changes] == ["2.png", "0.png"]

    album = Album(file)
    data, small = album.picture(0), album.thumbnail(0)
    assert data is not None and small is not None
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (160, 160)
        assert image.getpixel((80, 80)) == pytest.approx((160, 0, 0), abs=3)
    with Image.open(io.BytesIO(small)) as image:
        assert max(image.size) == 64
    drawing = album.drawing(0)
    assert drawing is not None
    assert drawing.b.rows[0] == ("class 1", pytest.approx(0.9))
    assert album.picture(2) is None
    assert album.mask(0, "a") is None
    album.close()


def test_that_a_damaged_album_is_said(tmp_path: Path) -> None:
    (tmp_path / "changes.zip").write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read"):
        Album(tmp_path / "changes.zip")


def test_that_the_table_keeps_what_is_unknown_empty() -> None:
    change = ImageChange(image="a,b.png", a="cat", b="dog", truth=None, effect="other", damage=0.5)

    (line,) = csv.DictReader(io.StringIO(changes_table([change])))

    assert line["image"] == "a,b.png"
    assert (line["truth"], line["confidence_a"], line["damage"]) == ("", "", "0.5")
