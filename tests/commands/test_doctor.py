"""`edgewright doctor`, from an ill model to remedies that other commands take."""

from pathlib import Path
from typing import Any

from core.doctors.base import DoctorReport
from core.model.graph import LayerId
from core.plan.plan_file import read_plan
from tests.doctors.ill_models import overflowing_model, write_images


def test_that_an_overflow_is_told_and_its_remedies_are_written_as_plans(
    edgewright: Any, tmp_path: Path
) -> None:
    model = overflowing_model(tmp_path / "ill.onnx")
    images = write_images(tmp_path / "images")
    words = ("doctor", model, "--data", images, "--which", "overflow")

    said = edgewright(*words, "--remedies", tmp_path / "remedies")

    assert said.code == 0, said.err
    assert "NaN doctor: something is wrong" in said.out
    assert "“huge” overflows in FP16" in said.out
    assert "1. Keep “huge”" in said.out
    plan = read_plan(tmp_path / "remedies" / "overflow-1.json")
    assert plan.choice(LayerId("huge")) is None
    assert plan.choice(LayerId("head")) is not None
    report = DoctorReport.model_validate(edgewright(*words, "--json").json)
    assert [one.doctor for one in report.diagnoses] == ["overflow"]


def test_that_doctors_ask_for_images(edgewright: Any, tiny_model: Path) -> None:
    said = edgewright("doctor", tiny_model)

    assert said.code != 0
    assert "Doctors need images" in said.err
