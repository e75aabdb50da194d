"""Which rounds are void, and that a round is void for everybody or for nobody."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark.conditions import Conditions, disturbances
from core.benchmark.samples import Samples, TimedBlock


def rounds(*conditions: Sequence[Conditions]) -> list[TimedBlock]:
    """One round after the other, with the conditions of contenders a, b, …"""
    return [
        TimedBlock(
            contender="ab"[index], process=0, round=number, samples_ms=(1.0,), conditions=seen
        )
        for number, row in enumerate(conditions)
        for index, seen in enumerate(row)
    ]


QUIET = (Conditions(cores=2.0, clock_mhz=3000.0, temperature_celsius=60.0),) * 2


def with_a(**changes: object) -> Sequence[Conditions]:
    """A quiet round but for contender a."""
    return QUIET[0].model_copy(update=changes), QUIET[1]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"other_load": 0.11}, "load"),
        ({"other_load": 0.2, "stolen": 0.15}, "stolen"),
        ({"cores": 1.79}, "share"),
        ({"clock_mhz": 2930.0}, "clock"),
        ({"throttled": True}, "heat"),
        ({"temperature_celsius": 72.0}, "heat"),
    ],
)
def test_that_one_bad_condition_voids_the_round(changes: dict[str, object], reason: str) -> None:
    found = disturbances(rounds(QUIET, with_a(**changes), QUIET, QUIET))

    assert found == {(0, 1): (reason,)}


@pytest.mark.parametrize(
    "changes",
    [{"other_load": 0.09}, {"cores": 1.85}, {"clock_mhz": 2950.0}, {"temperature_celsius": 66.0}],
)
def test_that_what_is_within_the_limits_voids_nothing(changes: dict[str, object]) -> None:
    assert disturbances(rounds(QUIET, with_a(**changes), QUIET, QUIET)) == {}


def test_that_who_merely_waits_is_not_judged_by_the_little_time_it_uses() -> None:
    waiting = [(Conditions(cores=cores),) * 2 for cores in (0.02, 0.03, 0.01, 0.02)]

    assert disturbances(rounds(*waiting)) == {}


def test_that_what_a_system_does_not_tell_voids_nothing() -> None:
    assert disturbances(rounds(*[(Conditions(),) * 2] * 3)) == {}


def test_that_the_share_is_measured_against_quiet_rounds_only() -> None:
    busy = (Conditions(cores=1.0, other_load=0.5), Conditions(cores=2.0, other_load=0.5))
    weak = (Conditions(cores=1.6), Conditions(cores=2.0))

    found = disturbances(rounds(QUIET, busy, busy, busy, busy, weak, QUIET, QUIET, QUIET, QUIET))

    assert found[(0, 5)] == ("share",)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 2), st.floats(0, 2)), max_size=12))
def test_that_a_round_is_void_for_all_its_contenders_or_for_none(
    seen: list[tuple[float, float, float]],
) -> None:
    blocks = rounds(
        *[
            (Conditions(other_load=load, cores=a), Conditions(other_load=load, cores=b))
            for load, a, b in seen
        ]
    )

    samples = Samples.judged(blocks, {})

    for number in range(len(seen)):
        assert len({block.disturbed for block in samples.blocks if block.round == number}) == 1


def test_that_voiding_does_not_make_one_of_two_equals_look_faster() -> None:
    """Rounds in which one of them was robbed go for both: what is left is fair."""
    random = np.random.default_rng(7)
    ratios: list[float] = []
    for _ in range(100):
        robbed = random.random((20, 2)) < 0.15
        times = np.exp(random.normal(0, 0.01, (20, 2))) * np.where(robbed, 1.6, 1.0)
        blocks = [
            TimedBlock(
                contender=name,
                process=number % 5,
                round=number,
                samples_ms=(float(times[number, index]),),
                conditions=Conditions(cores=1.2 if robbed[number, index] else 1.98),
            )
            for number in range(20)
            for index, name in enumerate("ab")
        ]
        samples = Samples.judged(blocks, {})
        a, b = ([block.median_ms for block in samples.of(name)] for name in "ab")
        ratios.append(float(np.median(a) / np.median(b)))

    assert np.median(ratios) == pytest.approx(1.0, abs=0.005)
    assert max(abs(np.log(ratios))) < 0.03


def test_that_samples_stored_before_conditions_were_kept_can_be_read() -> None:
    older = """{"blocks": [{"contender": "a", "process": 0, "round": 0, "samples_ms": [1.0],
        "disturbed": true}], "failures": {}}"""

    samples = Samples.model_validate_json(older)

    assert samples.disturbed
    assert samples.disturbance == "the machine was busy"
