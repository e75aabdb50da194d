"""Plans are files that people can edit, and wrong ones are explained in full."""

import json

import pytest

from core.errors import InputError
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.plan.plan_file import read_plan, write_plan


def test_that_a_plan_is_read_as_it_was_written(tmp_path):
    plan = CompressionPlan(
        name="Für Kamera 2",
        steps=(Step(technique="int8", default={"symmetric": False}, layers={"a/b": None}),),
        runtime=RuntimeChoice(runtime="openvino", precision="f32", threads=2),
    )
    write_plan(plan, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan
    assert "\n" in (tmp_path / "plan.json").read_text()


def test_that_every_wrong_field_is_named(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"steps": [{"default": {"x": [1]}}], "colour": "red"}))
    with pytest.raises(InputError) as caught:
        read_plan(path)
    for field in ("steps.0.technique", "steps.0.default.x", "colour"):
        assert field in caught.value.why


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe", b"[]"])
def test_that_other_files_are_refused_plainly(tmp_path, content):
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"plan\.json"):
        read_plan(path)


def test_that_a_missing_file_is_explained(tmp_path):
    with pytest.raises(InputError, match="could not be read"):
        read_plan(tmp_path / "none.json")
