"""Segmentation, text recognition, regression, embeddings and any model: figures by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.contract import PreprocessingContract
from core.data.judge import judge_for
from core.data.metrics.base import Score
from core.data.segmentation import confusion_parts, mean_iou
from core.data.standard import Standard
from core.data.tensors import Tensors, column_of
from core.data.text_reading import edit_distance
from core.data.truth import NO_CLASS, ClassTruth, MaskTruth, NumberTruth, TextTruth, Truth

CONTRACT = PreprocessingContract(width=8, height=8, resize="stretch")


def standard(outputs: dict[str, np.ndarray], *truths: Truth, **more: object) -> Standard:
    return Standard(Tensors(outputs), truths, **more)  # type: ignore[arg-type]


def scores_of(judge_standard: Standard, outputs: Tensors | None = None) -> dict[str, Score]:
    judge = judge_for(judge_standard)
    found = judge.judge(outputs or judge_standard.reference)
    return {score.metric: score for score in found.scores}


# segmentation


def as_logits(maps: np.ndarray, classes: int) -> np.ndarray:
    """(samples, h, w) to (samples, 1, classes, h, w)."""
    return (np.arange(classes)[:, None, None] == maps[:, None])[:, None].astype(np.float32)


def test_that_mean_iou_by_hand_is_met() -> None:
    true = np.zeros((1, 8, 8), np.uint8)
    true[0, :, 4:] = 1
    true[0, 0] = NO_CLASS
    found = np.zeros((1, 8, 8), np.uint8)
    found[0, :, 6:] = 1
    masks = MaskTruth(1, lambda index: true[index])
    # Class 0: 28 right of 42; class 1: 14 right of 28; the third class appears nowhere.
    given_standard = standard({"out": as_logits(found, 3)}, masks, contract=CONTRACT)
    scores = scores_of(given_standard)
    assert scores["miou"].value == pytest.approx((28 / 42 + 14 / 28) / 2)
    assert judge_for(given_standard).task == "segmentation"


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "labels", "labels with channel"])
def test_that_every_layout_of_masks_says_the_same(layout: str) -> None:
    maps = np.random.default_rng(0).integers(0, 3, (2, 8, 8))
    logits = as_logits(maps, 3)
    outputs = {
        "NCHW": logits,
        "NHWC": logits.transpose(0, 1, 3, 4, 2),
        "labels": maps[:, None],
        "labels with channel": maps[:, None, None],
    }[layout]
    masks = MaskTruth(2, lambda index: maps[index].astype(np.uint8))
    assert scores_of(standard({"out": outputs}, masks, contract=CONTRACT))["miou"].value == 1


def test_that_masks_follow_their_letterboxed_image_and_the_size_of_the_output() -> None:
    wide = np.full((4, 8), 1, np.uint8)
    contract = CONTRACT.model_copy(update={"resize": "letterbox"})
    found = np.zeros((1, 4, 4), np.int64)
    found[0, 1:3] = 1  # the picture fills the middle half; what is filled up does not count
    masks = MaskTruth(1, lambda index: wide)
    scores = scores_of(standard({"out": as_logits(found, 2)}, masks, contract=contract))
    assert scores["miou"].value == 1


def test_that_an_unnumbered_background_becomes_the_first_class_where_the_model_has_one() -> None:
    mask = np.full((8, 8), NO_CLASS, np.uint8)
    mask[:4] = 0
    masks = MaskTruth(1, lambda index: mask, background=True)
    with_background = np.where(mask == 0, 1, 0)[None]
    scores = scores_of(
        standard(
            {"out": as_logits(with_background, 3)}, masks, contract=CONTRACT, classes=("a", "b")
        )
    )
    assert scores["miou"].value == 1


@given(st.integers(0, 2**32 - 1))
def test_that_confusion_counts_are_those_of_a_plain_loop(seed: int) -> None:
    random = np.random.default_rng(seed)
    found, true = random.integers(0, 4, (2, 6, 6)).astype(np.uint8)
    true[random.random((6, 6)) < 0.2] = NO_CLASS
    shares = []
    for label in range(4):
        counted = true != NO_CLASS
        both = ((found == label) & (true == label)).sum()
        either = (((found == label) | (true == label)) & counted).sum()
        if either:
            shares.append(both / either)
    parts = confusion_parts(found, true, 4)
    assert mean_iou(parts[None])[0] == pytest.approx(np.mean(shares) if shares else 0)


# text

ALPHABET = ("a", "b", "c", "d")


def written(*texts: str, blank: str = "first", steps: int = 10) -> np.ndarray:
    """What a recognizer that is sure would give: a blank after each character."""
    symbols = ["", *ALPHABET] if blank == "first" else [*ALPHABET, ""]
    rows = np.zeros((len(texts), 1, steps, len(symbols)), np.float32)
    for row, text in enumerate(texts):
        path = [part for character in text for part in (character, "")]
        path += [""] * (steps - len(path))
        rows[row, 0, np.arange(steps), [symbols.index(part) for part in path]] = 1
    return rows


@pytest.mark.parametrize("blank", ["first", "last"])
def test_that_texts_are_decoded_and_counted(blank: str) -> None:
    truth = TextTruth(("abba", "cd", "d"))
    outputs = {"softmax": written("abba", "cc", "", blank=blank)}
    given_standard = standard(outputs, truth, alphabet=ALPHABET)
    scores = scores_of(given_standard)
    assert judge_for(given_standard).task == "text recognition"
    # One character replaced and one missing, of seven.
    assert scores["characters"].value == pytest.approx(5 / 7)
    assert scores["exact-texts"].value == pytest.approx(1 / 3)
    assert scores["text-agreement"].value == 1


def test_that_repeated_characters_need_a_blank_between_them() -> None:
    rows = np.zeros((1, 1, 6, 5), np.float32)
    rows[0, 0, np.arange(6), [1, 1, 0, 1, 2, 2]] = 1
    scores = scores_of(standard({"out": rows}, TextTruth(("aab",)), alphabet=ALPHABET))
    assert scores["exact-texts"].value == 1


def test_that_the_characters_may_come_from_the_model_itself() -> None:
    given_standard = standard(
        {"out": written("abc")}, TextTruth(("abc",)), metadata={"character": "\n".join(ALPHABET)}
    )
    assert scores_of(given_standard)["exact-texts"].value == 1


def test_that_the_steps_may_come_before_the_batch() -> None:
    rows = written("abc").transpose(0, 2, 1, 3)
    scores = scores_of(standard({"out": rows}, TextTruth(("abc",)), alphabet=ALPHABET))
    assert scores["exact-texts"].value == 1


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("flaw", "lawn", 2)],
)
def test_that_edit_distances_are_those_of_the_textbooks(
    one: str, other: str, distance: int
) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == distance


# numbers


def test_that_regression_figures_by_hand_are_met() -> None:
    true = np.array([[1.0], [2.0], [3.0], [4.0]])
    errors = np.array([[0.5], [-0.5], [0.5], [-0.5]])
    outputs = {"out": (true + errors)[:, None].astype(np.float32)}
    given_standard = standard(outputs, NumberTruth(true))
    judge = judge_for(given_standard)
    assert judge.task == "regression"
    assert judge.limiting.name == "r2"
    scores = scores_of(given_standard)
    assert scores["mae"].value == pytest.approx(0.5)
    assert scores["rmse"].value == pytest.approx(0.5)
    assert scores["r2"].value == pytest.approx(1 - 1 / 5)
    assert scores["mae"].words == "0.5"


def test_that_a_larger_error_is_a_positive_drop_in_points_of_the_spread() -> None:
    true = np.arange(20, dtype=np.float64)[:, None]
    exact = Tensors({"out": true[:, None].astype(np.float32)})
    off = Tensors({"out": (true + true.std())[:, None].astype(np.float32)})
    judge = judge_for(Standard(exact, (NumberTruth(true),)), "mae")
    drop = judge.drop(off)
    assert drop.value == pytest.approx(100, rel=1e-3)
    assert drop.low > 90
    broken = Tensors({"out": np.full((20, 1, 1), np.nan, np.float32)})
    assert judge.drop(broken).value > 1000


# embeddings and any model


def test_that_embeddings_are_told_by_their_length() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(5, 1, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    judge = judge_for(standard({"out": vectors}))
    assert judge.task == "embedding"
    turned = vectors.copy()
    turned[0] *= -1
    assert judge.drop(Tensors({"out": turned})).value == pytest.approx(40, rel=1e-5)


def test_that_any_model_is_judged_by_its_least_alike_output() -> None:
    random = np.random.default_rng(0)
    first = random.normal(size=(4, 1, 3, 5)).astype(np.float32)
    second = random.normal(size=(4, 1, 7, 2)).astype(np.float32)
    judge = judge_for(standard({"a": first, "b": second}))
    assert (judge.task, judge.limiting.name) == ("any model", "cosine")
    changed = Tensors({"a": first, "b": np.zeros_like(second)})
    found = judge.judge(changed)
    by_name = {score.metric: score for score in found.scores}
    assert found.drop.value == pytest.approx(100)
    # Half of the outputs are all noise, the others none: 3 dB.
    assert by_name["sqnr"].value == pytest.approx(3.01, abs=0.01)
    assert by_name["sqnr"].words == "3.0 dB"
    assert judge.judge(judge.standard.reference).drop.value == 0


def test_that_lists_of_different_lengths_are_compared() -> None:
    rows = [np.ones((2, 5), np.float32), np.ones((3, 5), np.float32)]
    fewer = [rows[0], np.ones((2, 5), np.float32)]
    judge = judge_for(Standard(Tensors({"out": column_of(rows)})))
    cosine = np.mean([1, np.sqrt(2 / 3)])
    assert judge.drop(Tensors({"out": column_of(fewer)})).value == pytest.approx(100 * (1 - cosine))


def test_that_outputs_of_whole_numbers_alone_are_compared() -> None:
    tokens = np.arange(12).reshape(3, 1, 4)
    judge = judge_for(standard({"tokens": tokens}))
    changed = tokens.copy()
    changed[0, 0, 0] = 99
    assert judge.drop(Tensors({"tokens": changed})).value == pytest.approx(100 / 12)


def test_that_models_with_other_outputs_are_refused_in_words() -> None:
    from core.errors import InputError

    judge = judge_for(standard({"a": np.ones((2, 1, 3, 3), np.float32)}))
    with pytest.raises(InputError, match="output by output"):
        judge.judge(Tensors({"b": np.ones((2, 1, 3)), "c": np.ones((2, 1, 3))}))


def test_that_labels_that_the_model_cannot_use_are_told() -> None:
    judge = judge_for(standard({"a": np.ones((2, 1, 3, 3), np.float32)}, ClassTruth(np.zeros(2))))
    assert "The classes of the data do not fit" in judge.sentence


@given(st.integers(0, 2**32 - 1), st.sampled_from(["top1", "cosine", "sqnr", "agreement"]))
def test_that_every_interval_holds_its_value(seed: int, name: str) -> None:
    random = np.random.default_rng(seed)
    scores = random.normal(size=(12, 1, 4)).astype(np.float32)
    noisy = Tensors({"out": scores + random.normal(size=scores.shape).astype(np.float32)})
    labels = ClassTruth(random.integers(0, 4, 12))
    judge = judge_for(Standard(Tensors({"out": scores}), (labels,)), name)
    found = judge.judge(noisy)
    assert found.scores[0].metric == name
    assert found.scores[0].low <= found.scores[0].value <= found.scores[0].high
    assert found.drop.low <= found.drop.value <= found.drop.high
