import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.devices.power.reading import PowerReading, PowerTrace


def trace(*points: tuple[float, float | None]) -> PowerTrace:
    readings = tuple(PowerReading(at=at, watts=watts) for at, watts in points)
    return PowerTrace(source="test", covers="everything", readings=readings)


def test_that_constant_power_gives_its_product_with_the_time() -> None:
    assert trace((0, 5), (1, 5), (2, 5), (3, 5)).joules(0.5, 2.5) == pytest.approx(10)


def test_that_rising_power_is_taken_along_straight_lines() -> None:
    assert trace((0, 0), (1, 10), (2, 0)).joules(0, 2) == pytest.approx(10)
    assert trace((0, 0), (1, 10), (2, 0)).joules(0.5, 1.5) == pytest.approx(7.5)


def test_that_a_time_between_two_readings_is_interpolated() -> None:
    assert trace((0, 0), (1, 10)).joules(0.4, 0.6) == pytest.approx(1)


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (1, 3), (1, 1), (2, 1)])
def test_that_what_the_readings_do_not_cover_is_not_measured(start: float, end: float) -> None:
    assert trace((0, 5), (2, 5)).joules(start, end) is None


def test_that_a_hole_in_the_readings_is_not_filled_in() -> None:
    assert trace((0, 5), (0.1, 5), (9, 5), (9.1, 5)).joules(0.05, 9.05) is None


def test_that_readings_without_watts_give_no_energy() -> None:
    assert trace((0, None), (1, None), (2, None)).joules(0.5, 1.5) is None
    assert trace((0, 5), (1, None), (1.5, 5)).joules(0.5, 1.0) == pytest.approx(2.5)


@given(
    st.lists(st.floats(0, 500), min_size=3, max_size=40),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_that_energy_lies_between_least_and_most_power(
    watts: list[float], one: float, other: float
) -> None:
    points = trace(*((0.1 * index, value) for index, value in enumerate(watts)))
    length = 0.1 * (len(watts) - 1)
    start, end = sorted((one * length, other * length))

    joules = points.joules(start, end)

    if joules is not None:
        span = end - start
        assert min(watts) * span - 1e-6 <= joules <= max(watts) * span + 1e-6


def test_that_figures_are_taken_from_the_readings_that_have_them() -> None:
    readings = (
        PowerReading(at=0, gpu_mhz=300),
        PowerReading(at=1),
        PowerReading(at=2, gpu_mhz=500),
        PowerReading(at=3, gpu_mhz=1000),
    )
    found = PowerTrace(source="test", readings=readings)

    assert found.typical(lambda one: one.gpu_mhz) == 500
    assert found.highest(lambda one: one.gpu_mhz) == 1000
    assert found.between(1, 2).readings == readings[1:3]
    assert found.typical(lambda one: one.watts) is None


def test_that_what_a_device_does_not_tell_is_named() -> None:
    found = PowerTrace(source="test", readings=(PowerReading(at=0, watts=1, gpu_mhz=5),))

    assert found.unread == ("the temperature", "how busy the GPU is")
    assert PowerTrace(source="test").unread == ()


def test_that_a_long_trace_is_thinned_for_a_plot() -> None:
    found = trace(*((index, 1.0) for index in range(1000))).thinned(300)

    assert 200 < len(found.readings) <= 300
    assert found.readings[0].at == 0
