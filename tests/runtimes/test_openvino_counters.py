"""OpenVINO's means over all inferences so far become the median of inferences apart."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runtimes.openvino_profile import Counters


@dataclass(frozen=True)
class Info:
    """One kernel's counter."""

    class Status(Enum):
        EXECUTED = 1
        NOT_RUN = 2

    node_name: str
    real_time: timedelta
    status: Status
    node_type: str = "Convolution"
    exec_type: str = "jit_f32"


class Request:
    """Counts as OpenVINO 2026.4 does: whole microseconds, averaged over all inferences so far."""

    def __init__(self) -> None:
        self.taken: list[int] = []

    @property
    def profiling_info(self) -> list[Info]:
        mean = sum(self.taken) // len(self.taken)
        return [
            Info("conv", timedelta(microseconds=mean), Info.Status.EXECUTED),
            Info("relu", timedelta(), Info.Status.NOT_RUN),
        ]


def counted(microseconds: list[int]) -> dict[str, float]:
    request, counters = Request(), Counters()
    for time in microseconds:
        request.taken.append(time)
        counters.after_inference(request)  # type: ignore[arg-type]  # a stand-in
    counters.read(request)  # type: ignore[arg-type]  # a stand-in
    return counters.milliseconds()


@given(st.integers(20, 2000), st.integers(12, 60))
def test_that_steady_times_are_found_to_a_microsecond(time: int, inferences: int) -> None:
    assert counted([time] * inferences)["conv"] == pytest.approx(time / 1000, abs=0.002)


def test_that_one_hiccup_does_not_stay_in_the_time() -> None:
    times = [30] * 33
    times[6] = 2000

    assert fmean(times) > 80
    assert counted(times)["conv"] == pytest.approx(0.030, abs=0.002)


def test_that_slow_first_inferences_are_left_out() -> None:
    assert counted([5000, 900, 400] + [100] * 30)["conv"] == pytest.approx(0.1, abs=0.002)


def test_that_few_inferences_still_give_a_time() -> None:
    assert counted([50])["conv"] == pytest.approx(0.05, abs=0.001)


def test_that_what_never_ran_has_no_time() -> None:
    assert "relu" not in counted([50] * 10)


class LastRequest(Request):
    """Counts the last inference only."""

    @property
    def profiling_info(self) -> list[Info]:
        return [Info("conv", timedelta(microseconds=self.taken[-1]), Info.Status.EXECUTED)]


def test_that_counters_of_the_last_inference_are_not_taken_for_means() -> None:
    request, counters = LastRequest(), Counters(of_all=False)
    for time in [5000, 900, *[100] * 30]:
        request.taken.append(time)
        counters.after_inference(request)  # type: ignore[arg-type]  # a stand-in

    assert counters.milliseconds() == {"conv": 0.1}
    assert counters.kinds == {"conv": ("Convolution", "jit_f32")}
