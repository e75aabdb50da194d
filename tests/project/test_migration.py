"""Older project files are brought forward step by step."""

import pytest

from core.errors import InputError
from core.project.migration import Content, migrate
from core.project.state import VERSION


def rename_goal(content: Content) -> Content:
    return {"version": content["version"], "aim": content["goal"]}


def add_limit(content: Content) -> Content:
    return {**content, "limit": 1.0}


def test_that_every_step_between_the_versions_is_taken_in_order() -> None:
    migrated = migrate(
        {"version": 1, "goal": "size"}, to=3, migrations={2: add_limit, 1: rename_goal}
    )
    assert migrated == {"version": 3, "aim": "size", "limit": 1.0}


def test_that_the_present_version_is_left_as_it_is() -> None:
    present = {"version": VERSION, "goal": "size"}
    assert migrate(present) == present


def test_that_a_project_from_before_edits_has_none() -> None:
    assert migrate({"version": 1, "name": "old"})["edits"] == []


def test_that_a_project_from_before_targets_has_none() -> None:
    assert migrate({"version": 2, "name": "old"})["target"] is None


def test_that_a_project_from_before_metrics_takes_what_fits_best() -> None:
    migrated = migrate({"version": 3, "name": "old"})
    assert migrated == {"version": 4, "name": "old", "metric": ""}


def test_that_edits_kept_under_the_first_version_are_not_lost() -> None:
    edits = [{"kind": "batch", "size": 1}]
    assert migrate({"version": 1, "edits": edits})["edits"] == edits


@pytest.mark.parametrize("version", [None, "1", 0, -3])
def test_that_a_version_that_never_existed_is_refused(version: object) -> None:
    with pytest.raises(InputError, match="never existed"):
        migrate({"version": version})
