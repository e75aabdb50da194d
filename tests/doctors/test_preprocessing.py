"""The preprocessing doctor, on a classifier of colours that is fed in right and wrong ways."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.data.contract import PreprocessingContract
from core.data.contract_families import (
    distinct,
    with_other_geometry,
    with_other_interpolation,
    with_other_numbers,
)
from core.doctors.base import Diagnosis

Ask = Callable[..., Diagnosis]

RIGHT = PreprocessingContract(width=16, height=16, resize="stretch", mean=(0.5,), std=(0.5,))
SWAPPED = RIGHT.model_copy(update={"colour": "BGR"})
UNSCALED = RIGHT.model_copy(update={"scale": 1.0, "mean": (0.0,), "std": (1.0,)})


def test_that_a_right_contract_is_left_alone(ask: Ask, tells_colours: Path, coloured: Path) -> None:
    said = ask("preprocessing", tells_colours, coloured, contract=RIGHT)

    assert said.healthy
    assert said.findings == ()
    assert "looks right" in said.sentence
    assert "current" in said.tables[0].rows[0]


@pytest.mark.parametrize("wrong", [SWAPPED, UNSCALED], ids=["colours", "scale"])
def test_that_a_wrong_contract_is_found_by_labels_and_applying_the_remedy_mends_it(
    ask: Ask, tells_colours: Path, coloured: Path, wrong: PreprocessingContract
) -> None:
    said = ask("preprocessing", tells_colours, coloured, contract=wrong)

    assert not said.healthy
    assert "looks wrong" in said.sentence
    (finding,) = said.findings
    (remedy,) = finding.remedies
    assert remedy.basis == "measured"
    assert "points more" in remedy.effect
    assert remedy.contract is not None
    assert remedy.contract.colour == "RGB"
    turned = "Order of colours: BGR becomes RGB." in finding.facts
    assert turned == (wrong is SWAPPED)
    again = ask("preprocessing", tells_colours, coloured, contract=remedy.contract)
    assert again.healthy, again.sentence
    assert "100.0 %" in again.tables[0].rows[0][2]


def test_that_without_labels_answers_that_are_all_the_same_give_a_wrong_scale_away(
    ask: Ask, tells_colours: Path, unlabelled: Path
) -> None:
    said = ask("preprocessing", tells_colours, unlabelled, contract=UNSCALED)

    (finding,) = said.findings
    contract = finding.remedies[0].contract
    assert contract is not None
    assert contract.scale < 1
    assert "nats more" in finding.remedies[0].effect
    assert "no labels" in said.notes[0]


def test_that_families_turn_means_with_their_colours_and_name_what_is_no_preset() -> None:
    caffe = PreprocessingContract(
        name="Caffe", width=224, height=224, colour="BGR", scale=1, mean=(104, 117, 123), std=(1,)
    )
    found = with_other_numbers(caffe)

    assert found[0] is caffe
    turned = [one for one in found if one.colour == "RGB" and one.mean == (123, 117, 104)]
    assert len(turned) == 1
    assert turned[0].name != "Caffe"


def test_that_the_same_contract_written_otherwise_is_tried_once() -> None:
    bytes_ = RIGHT.model_copy(update={"scale": 1.0, "mean": (127.5,), "std": (127.5,)})
    assert [*distinct([RIGHT, bytes_])] == [RIGHT]


def test_that_small_inputs_have_no_crop_margins_and_every_stage_begins_with_the_base() -> None:
    large = RIGHT.model_copy(update={"width": 224, "height": 224})
    margins = {one.resize_to for one in with_other_geometry(large)}

    assert {None, 232, 236, 249, 256, 280} == margins
    assert {one.resize_to for one in with_other_geometry(RIGHT)} == {None}
    assert with_other_geometry(large)[0] is large
    assert with_other_interpolation(large)[0] is large
