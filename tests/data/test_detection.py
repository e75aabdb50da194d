"""Outputs of detectors as boxes, and average precision against the library and by hand."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.contract import PreprocessingContract
from core.data.detection import boxes_of, reader_for
from core.data.detection.average_precision import (
    Objects,
    Precision,
    matched,
    matched_together,
)
from core.data.detection.boxes import Boxes, overlaps
from core.data.detection.suppression import suppressed
from core.data.judge import judge_for
from core.data.standard import Standard
from core.data.tensors import Tensors, column_of
from core.data.truth import BoxTruth, ImageBoxes

SIDE = 64
CONTRACT = PreprocessingContract(width=SIDE, height=SIDE, resize="letterbox")
CORNERS = np.array([[4, 4, 24, 20], [30, 8, 60, 40], [10, 40, 20, 60]], np.float32)
SCORES = np.array([0.9, 0.8, 0.7], np.float32)
CLASSES = np.array([0, 2, 1])


def centres(corners: np.ndarray) -> np.ndarray:
    middle = (corners[:, :2] + corners[:, 2:]) / 2
    return np.concatenate([middle, corners[:, 2:] - corners[:, :2]], axis=1)


def one_hot(scores: np.ndarray, classes: np.ndarray, count: int = 3) -> np.ndarray:
    return (np.arange(count) == classes[:, None]) * scores[:, None]


def padded(rows: np.ndarray, count: int) -> np.ndarray:
    """Rows that say nothing behind those that do."""
    return np.concatenate([rows, np.zeros((count - len(rows), rows.shape[1]))]).astype(np.float32)


def yolo_v8(scale: float = 1.0) -> dict[str, np.ndarray]:
    rows = np.concatenate([centres(CORNERS) * scale, one_hot(SCORES, CLASSES)], axis=1)
    return {"output0": padded(rows, 84).T[None]}


def yolo_v8_turned() -> dict[str, np.ndarray]:
    return {"output0": yolo_v8()["output0"].transpose(0, 2, 1)}


def yolo_v5() -> dict[str, np.ndarray]:
    sure = np.full((3, 1), 0.95)
    scores = one_hot(SCORES, CLASSES) / 0.95
    rows = np.concatenate([centres(CORNERS), sure, scores], axis=1)
    return {"output": padded(rows, 252)[None]}


def end_to_end() -> dict[str, np.ndarray]:
    rows = np.concatenate([CORNERS, SCORES[:, None], CLASSES[:, None]], axis=1)
    return {"output0": padded(rows, 10)[None]}


def yolo_v7_rows() -> dict[str, np.ndarray]:
    parts = [np.zeros((3, 1)), CORNERS, CLASSES[:, None], SCORES[:, None]]
    return {"output": np.concatenate(parts, axis=1).astype(np.float32)}


def detection_output() -> dict[str, np.ndarray]:
    parts = [np.zeros((3, 1)), CLASSES[:, None], SCORES[:, None], CORNERS / SIDE]
    end = np.full((1, 7), -1)
    rows = np.concatenate([np.concatenate(parts, axis=1), end, np.zeros((2, 7)) - 1])
    rows[3:, 2] = 0
    return {"detection_out": rows.astype(np.float32)[None, None]}


def efficient_nms() -> dict[str, np.ndarray]:
    return {
        "num_dets": np.array([[3]], np.int32),
        "det_boxes": padded(CORNERS, 20)[None],
        "det_scores": padded(SCORES[:, None], 20)[None, :, 0],
        "det_classes": padded(CLASSES[:, None], 20)[None, :, 0].astype(np.int32),
    }


def torchvision() -> dict[str, np.ndarray]:
    return {"boxes": CORNERS, "labels": CLASSES.astype(np.int64), "scores": SCORES}


def tensorflow() -> dict[str, np.ndarray]:
    corners = padded(CORNERS, 10)[:, [1, 0, 3, 2]] / SIDE
    return {
        "detection_boxes": corners[None],
        "detection_classes": padded(CLASSES[:, None], 10)[None, :, 0],
        "detection_scores": padded(SCORES[:, None], 10)[None, :, 0],
        "num_detections": np.array([3], np.float32),
    }


def mmdetection() -> dict[str, np.ndarray]:
    rows = np.concatenate([CORNERS, SCORES[:, None]], axis=1)
    return {"dets": rows[None], "labels": CLASSES[None]}


def ssd() -> dict[str, np.ndarray]:
    scores = one_hot(SCORES, CLASSES)
    rows = padded(np.concatenate([1 - scores.sum(axis=1, keepdims=True), scores], axis=1), 50)
    rows[3:, 0] = 1
    return {"scores": rows[None], "boxes": padded(CORNERS / SIDE, 50)[None]}


def standard(answer: dict[str, np.ndarray], truth: BoxTruth | None = None) -> Standard:
    tensors = Tensors({name: values[None] for name, values in answer.items()})
    return Standard(tensors, () if truth is None else (truth,), CONTRACT)


@pytest.mark.parametrize(
    ("layout", "answer"),
    [
        ("yolo-v8", yolo_v8()),
        ("yolo-v8", yolo_v8(1 / SIDE)),
        ("yolo-v8", yolo_v8_turned()),
        ("yolo-v5", yolo_v5()),
        ("end-to-end", end_to_end()),
        ("yolo-v7-rows", yolo_v7_rows()),
        ("detection-output", detection_output()),
        ("listed", efficient_nms()),
        ("listed", torchvision()),
        ("listed", tensorflow()),
        ("listed", mmdetection()),
        ("ssd", ssd()),
    ],
)
def test_that_every_layout_is_recognized_and_says_the_same(
    layout: str, answer: dict[str, np.ndarray]
) -> None:
    reader = reader_for(standard(answer))
    assert reader is not None and reader.layout.name == layout
    boxes = boxes_of(answer, reader)
    assert boxes.classes.tolist() == CLASSES.tolist()
    np.testing.assert_allclose(boxes.scores, SCORES, rtol=1e-5)
    np.testing.assert_allclose(boxes.corners, CORNERS, atol=1e-3)


@pytest.mark.parametrize(
    "answer",
    [
        {"scores": np.random.default_rng(0).random((1, 10)).astype(np.float32)},
        {"hidden": np.random.default_rng(0).normal(size=(1, 8, 32)).astype(np.float32)},
        {"map": np.random.default_rng(0).random((1, 3, 16, 16)).astype(np.float32)},
        {"steps": np.full((1, 12, 40), 1 / 40, np.float32)},
    ],
)
def test_that_other_models_are_not_taken_for_detectors(answer: dict[str, np.ndarray]) -> None:
    assert reader_for(standard(answer)) is None


def test_that_broken_numbers_are_no_boxes() -> None:
    answer = end_to_end()
    reader = reader_for(standard(answer))
    assert reader is not None
    answer["output0"][0, 1, 2] = np.nan
    assert boxes_of(answer, reader).classes.tolist() == [0, 1]


def test_that_suppression_keeps_the_best_of_each_class() -> None:
    near = CORNERS[:1] + 1
    boxes = Boxes(
        np.concatenate([CORNERS[:1], near, near, CORNERS[1:2]]),
        np.array([0.6, 0.9, 0.7, 0.5], np.float32),
        np.array([0, 0, 1, 0]),
    )
    kept = suppressed(boxes, overlap=0.5, most=10)
    assert kept.scores.tolist() == pytest.approx([0.9, 0.7, 0.5])


@given(st.integers(0, 2**32 - 1))
def test_that_what_suppression_keeps_does_not_overlap(seed: int) -> None:
    boxes = random_boxes(np.random.default_rng(seed), 30)
    kept = suppressed(boxes, overlap=0.4, most=300)
    shared = overlaps(kept.corners, kept.corners) * (kept.classes[:, None] == kept.classes)
    assert (shared - np.eye(len(kept)) <= 0.4 + 1e-6).all()
    assert (np.diff(kept.scores) <= 0).all()


def random_boxes(random: np.random.Generator, count: int) -> Boxes:
    low = random.uniform(0, 40, (count, 2))
    corners = np.concatenate([low, low + random.uniform(1, 24, (count, 2))], axis=1)
    # Few different scores, so that ties are met.
    scores = np.round(random.random(count), 1)
    return Boxes(
        corners.astype(np.float32), scores.astype(np.float32), random.integers(0, 3, count)
    )


def by_the_library(found: list[Boxes], truth: list[Objects]) -> list[float]:
    """mAP 50-95 and mAP 50, all by pycocotools."""
    from pycocotools.cocoeval import COCOeval

    from core.data.detection import average_precision as wrapped

    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(
            wrapped._as_coco(wrapped._truths(truth)),
            wrapped._as_coco(wrapped._detections(found)),
            "bbox",
        )
        judge.params.imgIds = list(range(1, len(truth) + 1))
        judge.params.catIds = sorted({int(label) for one in truth for label in one.classes})
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return [float(value) for value in judge.stats[:2]]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_that_average_precision_is_the_librarys(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth, found = [], []
    for _ in range(int(random.integers(1, 6))):
        real = random_boxes(random, int(random.integers(1, 8)))
        noise = random.normal(0, 2, real.corners.shape)
        seen = real.take(random.random(len(real)) < 0.8)
        moved = Boxes(
            seen.corners + noise[: len(seen)].astype(np.float32), seen.scores, seen.classes
        )
        other = random_boxes(random, 5)
        found.append(
            Boxes(
                *(
                    np.concatenate(pair)
                    for pair in zip(vars(moved).values(), vars(other).values(), strict=True)
                )
            )
        )
        ignored = random.random(len(real)) < 0.1
        truth.append(Objects(real.corners.astype(np.float64), real.classes, ignored))
    matches = matched(found, truth)
    ours = [Precision(matches, which, len(truth)).value for which in (tuple(range(10)), (0,))]
    theirs = by_the_library(found, truth)
    if theirs[0] >= 0:  # the library says −1 where no object is demanded
        assert ours == pytest.approx(theirs, abs=1e-9)


def image_of(corners: np.ndarray, classes: np.ndarray) -> ImageBoxes:
    crowd = np.zeros(len(classes), dtype=bool)
    return ImageBoxes(SIDE, SIDE, corners.astype(np.float64), classes, crowd)


def test_that_average_precision_by_hand_is_met() -> None:
    # One class, two objects; the best box is right, the next wrong, the third right:
    # precision 1 up to a recall of 0.5 (51 of 101 recalls), then 2/3.
    truth = [Objects(CORNERS[:2].astype(np.float64), np.zeros(2, np.int64), np.zeros(2, bool))]
    corners = np.stack([CORNERS[0], CORNERS[2], CORNERS[1]])
    found = [Boxes(corners, np.array([0.9, 0.8, 0.7], np.float32), np.zeros(3, np.int64))]
    value = Precision(matched(found, truth), (0,), 1).value
    assert value == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_that_together_a_box_of_a_class_that_is_nowhere_is_wrong() -> None:
    # Best is a box of a class that the truth lacks; then both objects, each of its own class:
    # precision 2/3 at best, up to a recall of 1. Class by class nothing is wrong.
    truth = [Objects(CORNERS[:2].astype(np.float64), np.array([0, 1]), np.zeros(2, bool))]
    corners = np.stack([CORNERS[2], CORNERS[0], CORNERS[1]])
    scores, classes = np.array([0.9, 0.8, 0.7], np.float32), np.array([7, 0, 1])
    found = [Boxes(corners, scores, classes)]
    assert Precision((matched_together(found, truth),), (0,), 1).value == pytest.approx(2 / 3)
    assert Precision(matched(found, truth), (0,), 1).value == pytest.approx(1)


def dense(count: int) -> Tensors:
    """An image with many boxes of one class, side by side, each less sure than the one before."""
    row, column = np.divmod(np.arange(count), 15)
    corners = np.stack([column * 4, row * 4, column * 4 + 3, row * 4 + 3], axis=1)
    scores = np.linspace(0.9, 0.3, 200)[:count, None]
    rows = np.concatenate([corners, scores, np.zeros((count, 1))], axis=1)
    return Tensors({"output0": column_of([padded(rows, 300)[None]])})


def test_that_no_image_has_too_many_boxes_to_be_found_again() -> None:
    judge = judge_for(Standard(dense(200), contract=CONTRACT))
    assert judge.judge(dense(200)).scores[0].value == pytest.approx(1)
    assert judge.judge(dense(150)).drop.value == pytest.approx(25, abs=1)


def test_that_two_detectors_agree_alike_whichever_comes_first() -> None:
    more, fewer = dense(200), dense(150)
    judges = [judge_for(Standard(reference, contract=CONTRACT)) for reference in (more, fewer)]
    agreed = [
        judge.agreement.tally(other, judge.standard).value
        for judge, other in zip(judges, (fewer, more), strict=True)
    ]
    assert agreed == [pytest.approx(2 * 150 / 350)] * 2


def detector_answers(score: float) -> Tensors:
    """The last box of each of ten images gets the score."""
    answer = end_to_end()["output0"]
    answer[0, 2, 4] = score
    return Tensors({"output0": column_of([answer] * 10)})


@pytest.mark.parametrize(("score", "lost"), [(0.24, False), (0.0005, True)])
def test_that_without_labels_a_box_is_lost_when_it_is_gone_not_when_it_is_a_bit_less_sure(
    score: float, lost: bool
) -> None:
    judge = judge_for(Standard(detector_answers(0.26), contract=CONTRACT))
    assert judge.sentence == ("Object detection, judged by AP 50 against the original’s boxes.")
    found = judge.judge(detector_answers(score))
    # Without it recall ends at 2/3: 67 of 101 recalls.
    assert found.drop.value == pytest.approx(100 * (1 - 67 / 101) if lost else 0)
    agreement = next(one for one in found.scores if one.metric == "box-agreement")
    assert agreement.value == pytest.approx(2 * 2 / 5)


def test_that_where_the_original_finds_nothing_boxes_of_nothing_are_counted() -> None:
    empty = padded(np.zeros((0, 6)), 10)[None]
    reference = Tensors({"output0": column_of([empty] * 4)})
    judge = judge_for(Standard(reference, contract=CONTRACT))
    assert judge.judge(reference).drop.value == 0
    invented = Tensors({"output0": column_of([empty] * 3 + [end_to_end()["output0"]])})
    assert judge.judge(invented).drop.value == pytest.approx(25)


@pytest.mark.parametrize(("shift", "ids"), [(0, ()), (1, ()), (0, (3, 7, 9))])
def test_that_the_numbering_of_the_classes_is_told_by_the_original(
    shift: int, ids: tuple[int, ...]
) -> None:
    answer = end_to_end()
    numbers = np.asarray(ids)[CLASSES] if ids else CLASSES + shift
    answer["output0"][0, :3, 5] = numbers
    truth = BoxTruth((image_of(CORNERS, CLASSES),), ids)
    judge = judge_for(standard(answer, truth))
    assert judge.task == "object detection"
    scores = judge.judge(judge.standard.reference).scores
    assert [score.metric for score in scores[:2]] == ["map50-95", "map50"]
    assert scores[0].value == pytest.approx(1.0)


def test_that_lost_boxes_are_a_drop_with_an_interval_that_pairs_the_images() -> None:
    random = np.random.default_rng(0)
    answers, worse, images = [], [], []
    for number in range(30):
        answer = end_to_end()["output0"]
        answer[0, :3, :4] = CORNERS + random.uniform(-1, 1)
        answers.append(answer)
        lost = answer.copy()
        lost[0, 0, 4] *= number % 3 > 0
        worse.append(lost)
        images.append(image_of(CORNERS, CLASSES))
    reference = Tensors({"output0": column_of(answers)})
    judge = judge_for(Standard(reference, (BoxTruth(tuple(images)),), CONTRACT))
    found = judge.judge(Tensors({"output0": column_of(worse)}))
    assert found.drop.low > 0
    assert 5 < found.drop.value < 15
    assert judge.judge(reference).drop.value == 0
    agreement = next(score for score in found.scores if score.metric == "box-agreement")
    # Of 90 boxes 10 are lost: 2 × 80 of 90 + 80.
    assert agreement.value == pytest.approx(160 / 170)


def test_that_objects_go_the_way_of_their_image() -> None:
    from core.data.detection.judging import objects_in_frame

    wide = ImageBoxes(
        128,
        64,
        np.array([[0.0, 0, 128, 64], [100, 10, 120, 30]]),
        np.array([0, 1]),
        np.zeros(2, bool),
    )
    boxed = objects_in_frame(wide, CONTRACT)
    np.testing.assert_allclose(boxed.corners, [[0, 16, 64, 48], [50, 21, 60, 31]])
    cropped = objects_in_frame(wide, CONTRACT.model_copy(update={"resize": "short-side"}))
    np.testing.assert_allclose(cropped.corners, [[0, 0, 64, 64]])  # the other is cut off
    assert cropped.ignored.tolist() == [False]


def test_that_the_interval_of_average_precision_holds_the_truth_four_times_in_five() -> None:
    """Drawn from a large set of images, whose figure is known."""
    random = np.random.default_rng(0)
    truth, found = [], []
    for _ in range(1500):
        real = random_boxes(random, 3)
        seen = real.take(random.random(3) < 0.7)
        other = random_boxes(random, 1)
        pairs = zip(vars(seen).values(), vars(other).values(), strict=True)
        found.append(Boxes(*(np.concatenate(pair) for pair in pairs)))
        truth.append(Objects(real.corners.astype(np.float64), real.classes, np.zeros(3, bool)))
    whole = Precision(matched(found, truth), (0,), 1500).value
    held = 0
    for start in range(0, 1500, 50):
        part = slice(start, start + 50)
        low, high = Precision(matched(found[part], truth[part]), (0,), 50).interval()
        held += low <= whole <= high
    assert held >= 24
