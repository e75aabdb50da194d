"""Data classes go to JSON and come back as they were, or not at all."""

import json
from dataclasses import dataclass
from math import inf, nan
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from core.plain import json_of, plain_of, value_of


@dataclass(frozen=True)
class Part:
    size: int
    share: float = 0.0


class Checked(BaseModel):
    path: Path


@dataclass(frozen=True)
class Whole:
    name: str
    place: Path
    parts: tuple[Part, ...]
    sums: dict[str, int]
    level: Literal["low", "high"] = "low"
    first: Part | None = None
    more: Any = None


_PARTS = st.builds(Part, st.integers(), st.floats(allow_nan=False, allow_infinity=False))


@given(
    st.builds(
        Whole,
        name=st.text(),
        place=st.text(st.characters(categories=["L"]), min_size=1).map(Path),
        parts=st.lists(_PARTS).map(tuple),
        sums=st.dictionaries(st.text(), st.integers()),
        level=st.sampled_from(["low", "high"]),
        first=st.none() | _PARTS,
        more=st.lists(st.booleans()),
    )
)
def test_that_data_come_back_as_they_were(whole: Whole) -> None:
    assert value_of(Whole, json.loads(json_of(whole))) == whole


def test_that_what_is_no_finite_number_is_nothing() -> None:
    assert plain_of({"numbers": (nan, inf, 1.5)}) == {"numbers": [None, None, 1.5]}


def test_that_the_models_of_pydantic_are_data_too() -> None:
    assert plain_of(Checked(path=Path("a"))) == {"path": "a"}
    assert value_of(Checked, {"path": "a"}) == Checked(path=Path("a"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": "1"},
        {"size": True},
        {"size": 1.5},
        {"share": 1.0},
        {"size": 1, "share": None},
        [1],
        None,
    ],
)
def test_that_what_does_not_fit_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"no|missing"):
        value_of(Part, wrong)


def test_that_names_of_a_newer_version_are_passed_over() -> None:
    assert value_of(Part, {"size": 1, "colour": "red"}) == Part(1)
