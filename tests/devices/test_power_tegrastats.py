from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.devices.power.rails import rail_facts
from core.devices.power.reading import PowerReading
from core.devices.power.tegrastats import LONGEST_LINE, read_tegrastats

SAMPLES = dict(
    line.split("\t", 1)
    for line in (Path(__file__).parent / "samples" / "tegrastats.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if not line.startswith("#")
)


def reading(name: str) -> PowerReading:
    found = read_tegrastats(SAMPLES[name], 7.0)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "watts", "covers"),
    [
        ("NANO-4.6", 2.532, "POM_5V_IN"),
        ("XAVIER-4.6", 0.110 + 0.216 + 1.297 + 0.144 + 1.889, "six rails"),
        ("NX-5.1", 2.763, "VDD_IN"),
        ("ORIN-5.1", 2.340 + 0.390 + 4.025, "three rails"),
        ("ORIN-6.2", 2.412 + 1.607 + 4.707, "three rails"),
        ("ORIN-NANO-6.2", 5.251, "VDD_IN"),
        ("THOR-7.1", 0.500 + 4.165 + 4.126, "three rails"),
        ("THOR-7.0", 16.802, "the whole board"),
    ],
)
def test_that_the_rails_of_each_family_add_up_to_what_is_said(
    name: str, watts: float, covers: str
) -> None:
    found = reading(name)
    total = rail_facts().total_of(found.rails)

    assert found.watts == pytest.approx(watts)
    assert total is not None
    assert covers in total.covers


@pytest.mark.parametrize("name", ["TX2-4.6", "TX1-3.1", "ORIN-7.2"])
def test_that_a_line_without_rails_has_no_power_instead_of_a_guess(name: str) -> None:
    assert reading(name).watts is None


@pytest.mark.parametrize(
    ("name", "load", "mhz"),
    [
        ("TX1-3.1", 0.04, 76),
        ("TX2-4.6", 0.01, None),
        ("NX-5.1", 0.05, 114),
        ("ORIN-7.2", 0.02, 1300),
        ("THOR-7.1", None, 324),
        ("THOR-7.0", None, None),
    ],
)
def test_that_load_and_clock_of_the_gpu_are_read_where_they_are_told(
    name: str, load: float | None, mhz: float | None
) -> None:
    assert (reading(name).gpu_load, reading(name).gpu_mhz) == (load, mhz)


@pytest.mark.parametrize(
    ("name", "cores_on", "mhz"), [("TX2-4.6", 4, 345), ("TX1-3.1", 4, 408), ("XAVIER-4.6", 4, 1190)]
)
def test_that_cores_that_are_switched_off_do_not_count(
    name: str, cores_on: int, mhz: float
) -> None:
    assert (reading(name).cores_on, reading(name).cpu_mhz) == (cores_on, mhz)


def test_that_absent_sensors_and_the_constant_one_do_not_say_how_hot_it_is() -> None:
    assert reading("ORIN-5.1").hottest_celsius == 44.562
    assert "CV0" not in reading("ORIN-5.1").celsius
    assert reading("NANO-4.6").hottest_celsius == 58


def test_that_a_temperature_with_its_limit_behind_it_is_read() -> None:
    assert reading("ORIN-7.2").celsius == {"cpu": 52.968}


def test_that_memory_and_the_moment_are_kept() -> None:
    assert reading("ORIN-NANO-6.2").memory_used_bytes == 1340 << 20
    assert reading("ORIN-NANO-6.2").at == 7.0


@pytest.mark.parametrize(
    "line",
    ["", "tegrastats: command not found", "RAM 1/2MB", SAMPLES["NX-5.1"] + " " * LONGEST_LINE],
)
def test_that_what_is_no_line_of_tegrastats_is_not_read(line: str) -> None:
    assert read_tegrastats(line, 0.0) is None


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_that_whatever_a_board_sends_is_read_or_left_but_never_raises(
    name: str, data: st.DataObject
) -> None:
    line = SAMPLES[name]
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + 20)))
    put = data.draw(st.text(max_size=30) | st.text("0123456789", min_size=1, max_size=30))

    found = read_tegrastats(line[:start] + put + line[end:], 0.0)

    assert found is None or found.watts is None or 0 <= found.watts <= 7 * 1000
    assert found is None or all(-100 < value < 200 for value in found.celsius.values())
