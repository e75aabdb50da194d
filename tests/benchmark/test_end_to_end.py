"""From an image file to an answer: the parts are timed apart."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.benchmark.answers import reading_of
from core.benchmark.contender_process import Contender
from core.benchmark.end_to_end import end_to_end
from core.data.contract import PreprocessingContract
from core.errors import UserError

CONTRACT = PreprocessingContract(width=16, height=16)


def test_that_preparing_inference_and_reading_are_timed_apart(
    tiny_model: Path, tiny_data: Path, real: Callable[[str, Path], Contender]
) -> None:
    (found,) = end_to_end([real("onnxruntime", tiny_model)], tiny_data, [CONTRACT], images=5)

    assert found.images == 5
    assert found.answer == "class scores"
    assert found.reading_ms is not None
    parts = (found.preparing_ms, found.inference_ms, found.reading_ms)
    assert all(0 < part.low <= part.value <= part.high for part in parts)
    assert found.total_ms.value >= max(part.value for part in parts)
    assert "from image to answer" in found.words
    assert "reading the class scores" in found.words


def test_that_an_image_that_cannot_be_decoded_is_named(
    tiny_model: Path, tmp_path: Path, real: Callable[[str, Path], Contender]
) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG but not really")

    with pytest.raises(UserError):
        end_to_end([real("onnxruntime", tiny_model)], tmp_path, [CONTRACT], images=2)


def test_that_answers_are_recognized_by_their_form() -> None:
    scores = np.array([[0.0, 3.0, 1.0]], np.float32)
    words, read = reading_of({"scores": scores}, CONTRACT)
    assert words == "class scores"
    best = read({"scores": scores})
    assert isinstance(best, list)
    assert best[0][0] == 1
    assert sum(share for _, share in best) == pytest.approx(1.0)

    maps = np.zeros((1, 5, 16, 16), np.float32)
    assert reading_of({"map": maps}, CONTRACT)[0] == "map of classes"

    number = np.zeros((1, 1), np.float32)
    words, read = reading_of({"number": number}, CONTRACT)
    assert words == ""
