"""The job that looks at images, in a real worker process."""

import json
import shutil
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from pydantic import BaseModel

from core.data.contract_file import read_contract
from core.errors import UserError
from core.jobs.events import Event, Note
from core.jobs.kinds.examine import Examination, ExamineRequest
from core.jobs.runner import run_job


def examine(folder: Path, request: BaseModel) -> tuple[Examination, list[Event]]:
    events: list[Event] = []
    outcome = run_job("examine", request, folder / "runs" / "0001-examine", events.append)
    return cast("Examination", outcome), events


def test_that_the_sample_is_examined_with_contract_and_thumbnails(
    tmp_path: Path, sample_model: Path, sample_data: Path
):
    found, _ = examine(tmp_path, ExamineRequest(data=sample_data, model=sample_model))
    assert (found.images, found.classes, found.labelled) == (400, 10, True)
    assert found.contract.name == "Fashion-MNIST"
    assert found.origin.startswith("best of 5 presets by accuracy")
    assert found.warnings == ()
    assert len(found.thumbnails) == 12
    for name in found.thumbnails:
        with Image.open(tmp_path / "runs" / "0001-examine" / name) as image:
            assert max(image.size) == 128


def test_that_a_given_contract_is_kept_and_tried(
    tmp_path: Path, sample_model: Path, sample_data: Path
):
    given = read_contract(sample_data.parent / "contract.json")
    request = ExamineRequest(data=sample_data, model=sample_model, contract=given)
    found, _ = examine(tmp_path, request)
    assert found.contract == given
    assert found.origin.startswith("given: ")


def test_that_a_contract_of_another_size_is_refused_with_both_sizes(
    tmp_path: Path, sample_model: Path, sample_data: Path
):
    given = read_contract(sample_data.parent / "contract.json")
    wrong = given.model_copy(update={"width": 32})
    with pytest.raises(UserError) as caught:
        examine(tmp_path, ExamineRequest(data=sample_data, model=sample_model, contract=wrong))
    assert "1×1×28×32" in caught.value.why
    assert "1×28×28" in caught.value.why


def test_that_warnings_reach_the_person_as_notes(tmp_path: Path, tiny_model: Path, tiny_data: Path):
    folder = tmp_path / "one"
    shutil.copytree(tiny_data / "red", folder / "2_red")
    found, events = examine(tmp_path, ExamineRequest(data=folder, model=tiny_model))
    noted = [event.text for event in events if isinstance(event, Note)]
    assert any("one class only" in text for text in noted)
    assert set(found.warnings) <= set(noted)


def test_that_a_text_file_in_place_of_a_model_is_explained(tmp_path: Path, tiny_data: Path):
    (tmp_path / "model.onnx").write_text("no model")
    with pytest.raises(UserError) as caught:
        examine(tmp_path, ExamineRequest(data=tiny_data, model=tmp_path / "model.onnx"))
    assert caught.value.remedy


def test_that_the_outcome_is_plain_json(tmp_path: Path, tiny_model: Path, tiny_data: Path):
    found, _ = examine(tmp_path, ExamineRequest(data=tiny_data, model=tiny_model))
    assert Examination.model_validate(json.loads(found.model_dump_json())) == found
