"""How constants are fitted, how bands are learnt, and that left-out devices stay out."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.devices.profile import find_profile
from core.search.forecast.bands import UNKNOWN_REACH, reach_of
from core.search.forecast.constants import Figure
from core.search.forecast.fitting import fit
from core.search.forecast.levels import Ask
from core.search.forecast.machine import machine_of
from core.search.forecast.roofline import Cases, Demand, demand
from core.search.forecast.workload import LayerWork, Workload
from tests.benchmarks.forecasting.baseline import left_out_errors
from tests.benchmarks.forecasting.engines import BELIEFS
from tests.benchmarks.forecasting.evaluation import Evaluation
from tests.benchmarks.forecasting.published import Row
from tests.benchmarks.forecasting.zoo import published

TRUTH = {"dense": 0.5, "vector": 0.1, "matrix": 0.3, "bandwidth": 0.7, "kernel": 8.0}
BELIEFS_BEFORE = {
    "dense": Figure(value=0.3, spread=1),
    "vector": Figure(value=0.3, spread=1),
    "matrix": Figure(value=0.3, spread=1),
    "bandwidth": Figure(value=0.3, spread=1),
    "kernel": Figure(value=20, spread=1),
    "overhead:any": Figure(value=1, spread=1),
}


def _demands() -> list[Demand]:
    machine = machine_of(find_profile("jetson-agx-orin-64gb"), "accelerator", "f16")
    layers = [
        LayerWork("dense", 5e9, 1e5, 1e5),
        LayerWork("depthwise", 2e8, 1e3, 1e4),
        LayerWork("matrix", 5e9, 1e5, 1e5),
        LayerWork("movement", 1e3, 0.0, 3e7),
        LayerWork("dense", 1e4, 10.0, 1e3),
    ]
    loads = [Workload("one", (layer,) * count, 0.0) for layer in layers for count in (5, 60)]
    return [demand(load, machine, reuse=0.0, overhead="overhead:any") for load in loads]


def test_that_a_fit_finds_the_constants_that_made_the_measurements() -> None:
    demands = _demands()
    names = list(BELIEFS_BEFORE)
    logs = np.log([*TRUTH.values(), 2.0])
    times = Cases(demands, names).terms(logs).total.tolist()
    found = fit(demands, times, [3.0] * len(demands), BELIEFS_BEFORE)
    for name, value in (*TRUTH.items(), ("overhead:any", 2.0)):
        assert found[name].value == pytest.approx(value, rel=0.1), name


def test_that_what_was_never_measured_keeps_its_belief() -> None:
    demands = _demands()[:2]
    found = fit(demands, [1.0, 10.0], [3.0, 3.0], BELIEFS_BEFORE)
    assert found["matrix"].value == pytest.approx(0.3)
    assert found["matrix"].spread == pytest.approx(1.0)
    assert found["dense"].spread < 0.5


def test_that_one_wild_measurement_moves_little() -> None:
    demands = _demands()
    logs = np.log([*TRUTH.values(), 2.0])
    times = Cases(demands, list(BELIEFS_BEFORE)).terms(logs).total.tolist()
    times[0] *= 30
    found = fit(demands, times, [3.0] * len(demands), BELIEFS_BEFORE)
    assert found["dense"].value == pytest.approx(0.5, rel=0.35)


def test_that_the_slope_is_that_of_the_latency() -> None:
    cases = Cases(_demands(), list(BELIEFS_BEFORE))
    here = np.log([*TRUTH.values(), 2.0])
    slopes = cases.sensitivities(cases.terms(here))
    for place in range(len(here)):
        step = np.zeros(len(here))
        step[place] = 1e-5
        ahead, behind = cases.terms(here + step).total, cases.terms(here - step).total
        assert slopes[:, place] == pytest.approx(np.log(ahead / behind) / 2e-5, abs=1e-4)


@given(
    st.lists(
        st.tuples(st.floats(-3, 3), st.floats(0, 1), st.sampled_from("abcdefgh")),
        min_size=8,
        max_size=60,
    )
)
def test_that_a_band_reaches_over_nine_in_ten_rows_each_device_alike(
    rows: list[tuple[float, float, str]],
) -> None:
    errors, unsure = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    devices = np.array([row[2] for row in rows])
    reach = reach_of(errors, unsure, devices)
    within = np.abs(errors) <= reach.of(unsure) + 1e-9
    shares = [within[devices == one].mean() for one in np.unique(devices)]
    assert len(shares) < 3 or np.mean(shares) >= 0.9 - 1e-9


def test_that_two_devices_are_too_few_for_a_narrow_band() -> None:
    reach = reach_of(np.array([0.01, 0.02]), np.zeros(2), np.array(["one", "two"]))
    assert reach == UNKNOWN_REACH


def _rows() -> list[Row]:
    """Rows as if made by constants of our own, on four boards."""
    boards = ("jetson-nano-4gb", "jetson-tx2", "jetson-agx-xavier-32gb", "jetson-agx-orin-64gb")
    rows: list[Row] = []
    for board in boards:
        profile = find_profile(board)
        for model in ("resnet-50", "mobilenet-v2", "resnet18", "YOLOv8n"):
            work = published(model)
            assert work is not None
            ideal = work.operations / 1e6 / profile.peaks["f16"]
            ask = Ask(profile, "tensorrt", "f16", "mlperf")
            rows.append(Row(board, ask, work, work.operations / 1e9, 1 + ideal / 0.4, True))
    return rows


def test_that_a_left_out_device_has_no_say_in_its_own_forecast() -> None:
    """Ten times its latencies, and its errors are exactly so much larger; nothing else moves."""
    belief = next(one for one in BELIEFS if one.name == "nvidia")
    rows = _rows()
    slow = [
        dataclasses.replace(row, milliseconds=row.milliseconds * 10)
        if row.device == "jetson-tx2"
        else row
        for row in rows
    ]
    before = Evaluation(belief, rows).outcome().judged
    after = Evaluation(belief, slow).outcome().judged
    pairs = [
        (one, two) for one, two in zip(before, after, strict=True) if one.row.device == "jetson-tx2"
    ]
    assert len(pairs) == 4
    for one, two in pairs:
        assert two.error == pytest.approx(one.error - math.log(10))
        assert two.reach == pytest.approx(one.reach)


def test_that_the_baseline_finds_its_two_constants() -> None:
    ideal = np.geomspace(0.1, 50, 12)
    errors = left_out_errors(ideal, 1.5 + ideal / 0.6, ["a", "b", "c"] * 4)
    assert np.abs(errors).max() < 0.01


@pytest.mark.parametrize(
    ("model", "gflops", "million_parameters"),
    [
        ("resnet-50", 8.2, 25.6),
        ("mobilenet-v2", 0.60, 3.5),
        ("mobilenet-v1-0.5-160", 0.153, 1.33),
        ("mobilenet-v3-large-224-1.0", 0.434, 5.4),
        ("efficientnet-lite0", 0.78, 4.7),
        ("YOLO11s", 21.5, 9.4),
        ("yolov3-416", 65.9, 61.9),
        ("resnet18", 3.64, 11.7),
    ],
)
def test_that_published_models_have_the_published_sums(
    model: str, gflops: float, million_parameters: float
) -> None:
    work = published(model)
    assert work is not None
    assert work.operations / 1e9 == pytest.approx(gflops, rel=0.06)
    assert work.parameters / 1e6 == pytest.approx(million_parameters, rel=0.06)
