"""Equal requests are recognized, so that interrupted work goes on only where it fits."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from core.errors import InputError
from core.jobs.request import read_request, request_key, run_request, write_request


class Wish(BaseModel):
    data: Path
    threads: int = 0
    resume: Path | None = None


def test_that_equal_requests_have_equal_keys_wherever_they_go_on(tmp_path: Path) -> None:
    wish = Wish(data=tmp_path)
    again = Wish(data=tmp_path, resume=tmp_path / "0001-optimize.partial")
    assert request_key("optimize", wish) == request_key("optimize", again)


def test_that_another_wish_or_kind_has_another_key(tmp_path: Path) -> None:
    wish = Wish(data=tmp_path)
    keys = {
        request_key("optimize", wish),
        request_key("bench", wish),
        request_key("optimize", wish.model_copy(update={"threads": 2})),
    }
    assert len(keys) == 3


def test_that_changed_images_make_another_request(tmp_path: Path) -> None:
    wish = Wish(data=tmp_path / "images")
    keys = [request_key("optimize", wish)]
    (tmp_path / "images" / "cats").mkdir(parents=True)
    for content in ("first", "longer than the first"):
        (tmp_path / "images" / "cats" / "0.png").write_text(content)
        keys.append(request_key("optimize", wish))
    assert len(set(keys)) == 3


def test_that_a_request_is_read_as_it_was_written(tmp_path: Path) -> None:
    request = run_request("optimize", Wish(data=tmp_path, threads=2), parent="0001-optimize")
    write_request(tmp_path, request)
    assert read_request(tmp_path) == request


def test_that_a_folder_without_a_request_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run"):
        read_request(tmp_path)
