"""What every kind of job promises."""

import pytest
from pydantic import TypeAdapter

from core.jobs.kinds import kinds
from core.jobs.kinds.base import AnyJobKind


def test_that_every_kind_can_be_loaded() -> None:
    assert kinds().failed == {}


@pytest.mark.parametrize("kind", tuple(kinds()), ids=lambda kind: kind.name)
def test_that_a_kind_has_words_for_people_and_types_for_json(kind: AnyJobKind) -> None:
    assert kind.name == kind.name.lower().strip()
    assert kind.title[0].isupper()
    for type_ in (kind.request_type, kind.outcome_type):
        assert TypeAdapter(type_).json_schema()["type"] == "object"
