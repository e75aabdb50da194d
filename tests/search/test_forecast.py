"""Forecasts: what they rest on, what must never be upside down, and what cannot be forecast."""

import dataclasses
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.devices.profile import DeviceProfile, find_profile, profiles
from core.devices.profile_words import RUNTIME_WORDS, runtime_words
from core.errors import InputError
from core.search.forecast import LayerWork, Workload, forecast, forecast_runtime
from core.search.forecast.constants import engines
from core.search.forecast.described import described
from core.search.forecast.harnesses import HARNESS_WORDS
from core.search.forecast.workload import WorkKind

RESNET = described("resnet-50", 8.2, 25.6, "conv")
KINDS: tuple[WorkKind, ...] = ("dense", "depthwise", "matrix", "movement")
FORECASTABLE = [
    one.id
    for one in profiles().values()
    if one.bandwidth_gbs and any(each.serve(one, run) for each in engines() for run in one.runtimes)
]

kernels = st.builds(
    LayerWork,
    kind=st.sampled_from(KINDS),
    operations=st.floats(0, 1e10),
    weights=st.floats(0, 1e8),
    values=st.floats(1, 1e8),
)
workloads = st.builds(
    lambda found: Workload("model", tuple(found), sum(one.weights for one in found)),
    st.lists(kernels, min_size=1, max_size=20),
)


@pytest.mark.parametrize("id", FORECASTABLE)
def test_that_every_profile_that_constants_serve_is_forecast_in_all_its_precisions(id: str) -> None:
    profile = find_profile(id)
    for precision in profile.precisions:
        found = forecast(RESNET, profile, precision=precision)
        latency = found.latency_ms
        assert 0 < latency.low < latency.value < latency.high < math.inf


@given(workload=workloads, id=st.sampled_from(FORECASTABLE), more=st.floats(1, 50))
def test_that_more_work_is_never_faster(workload: Workload, id: str, more: float) -> None:
    profile = find_profile(id)
    heavier = dataclasses.replace(
        workload,
        kernels=tuple(
            dataclasses.replace(
                one,
                operations=one.operations * more,
                weights=one.weights * more,
                values=one.values * more,
            )
            for one in workload.kernels
        ),
    )
    less = forecast(workload, profile).latency_ms.value
    assert forecast(heavier, profile).latency_ms.value >= less * 0.999999


@given(workload=workloads, id=st.sampled_from(FORECASTABLE), share=st.floats(0.1, 1))
def test_that_a_slower_device_is_never_faster(workload: Workload, id: str, share: float) -> None:
    profile = find_profile(id)
    assert profile.bandwidth_gbs is not None
    slower = profile.model_copy(
        update={
            "peaks": {name: peak * share for name, peak in profile.peaks.items()},
            "cpu_peaks": {name: peak * share for name, peak in profile.cpu_peaks.items()},
            "bandwidth_gbs": profile.bandwidth_gbs * share,
        }
    )
    fast = forecast(workload, profile).latency_ms.value
    assert forecast(workload, slower).latency_ms.value >= fast * 0.999999


@given(workload=workloads, id=st.sampled_from(FORECASTABLE))
def test_that_the_parts_add_up_to_the_latency(workload: Workload, id: str) -> None:
    found = forecast(workload, find_profile(id))
    parts = found.parts
    together = parts.compute_ms + parts.memory_ms + parts.overhead_ms
    assert together == pytest.approx(found.latency_ms.value)


@pytest.mark.parametrize(
    ("id", "few", "many"),
    [
        ("jetson-agx-orin-64gb", "MODE_15W", "MAXN"),
        ("jetson-agx-orin-64gb", "MODE_30W", "MODE_50W"),
        ("jetson-nano-4gb", "5W", "MAXN"),
        ("jetson-tx2", "MAXQ", "MAXN"),
    ],
)
def test_that_a_power_mode_with_lower_clocks_is_slower(id: str, few: str, many: str) -> None:
    profile = find_profile(id)
    slow = forecast(RESNET, profile, precision="f16", mode=few)
    fast = forecast(RESNET, profile, precision="f16", mode=many)
    assert slow.latency_ms.value > fast.latency_ms.value * 1.1
    assert slow.mode == few


def test_that_an_unknown_power_mode_is_refused() -> None:
    with pytest.raises(InputError, match="no power mode"):
        forecast(RESNET, find_profile("jetson-nano-4gb"), mode="TURBO")


def test_that_int8_on_a_jetson_nano_is_forecast_as_what_runs_instead() -> None:
    nano = find_profile("jetson-nano-4gb")
    asked = forecast(RESNET, nano, precision="i8")
    half = forecast(RESNET, nano, precision="f16")
    assert asked.latency_ms.value == pytest.approx(half.latency_ms.value)
    assert "Jetson Nano 4GB does not compute in INT8: FP16 stands in." in asked.warnings


def test_that_what_a_device_computes_in_needs_no_stand_in() -> None:
    """TensorRT makes TF32 of FP32 only where there is some."""
    asked = forecast(RESNET, find_profile("jetson-nano-4gb"), precision="f32")
    assert not any("stands in" in text for text in asked.warnings)


def test_that_a_harness_without_published_rows_widens_the_band() -> None:
    orin = find_profile("jetson-orin-nx-16gb")
    known = forecast(RESNET, orin, precision="f16").latency_ms
    unknown = forecast(RESNET, orin, precision="f16", harness="a new one").latency_ms
    assert unknown.high / unknown.value > known.high / known.value


def test_that_a_model_that_is_too_large_does_not_fit_a_jetson_nano_of_2_gb() -> None:
    nano = find_profile("jetson-nano-2gb")
    huge = described("a large transformer", 1000, 3000, "tfm")
    assert forecast(huge, nano, precision="f16").fits is False


def test_that_whether_it_fits_is_open_where_the_band_reaches_over_the_memory() -> None:
    nano = find_profile("jetson-nano-2gb")
    assert forecast(RESNET, nano, precision="f16").fits is None


def test_that_a_small_model_fits_a_large_board() -> None:
    assert forecast(RESNET, find_profile("jetson-agx-orin-64gb"), precision="f16").fits is True


def test_that_smaller_numbers_need_less_memory() -> None:
    orin = find_profile("jetson-agx-orin-64gb")
    full = forecast(RESNET, orin, precision="f32").memory_bytes
    small = forecast(RESNET, orin, precision="i8").memory_bytes
    assert small.value < full.value


def test_that_weights_beyond_what_an_edge_tpu_keeps_come_over_its_link() -> None:
    coral = find_profile("coral-usb")
    work = LayerWork("dense", 1e8, weights=6e6, values=1e4)
    inside = forecast(Workload("small", (work,), 6e6), coral, precision="i8")
    larger = dataclasses.replace(work, weights=13e6)
    beyond = forecast(Workload("large", (larger,), 13e6), coral, precision="i8")
    added = beyond.latency_ms.value - inside.latency_ms.value
    assert added > 5  # 6 MB over a link of 0.62 GB/s


@pytest.mark.parametrize("id", ["hailo-8", "intel-ncs2"])
def test_that_a_device_without_published_figures_is_refused_with_a_way_out(id: str) -> None:
    with pytest.raises(InputError) as caught:
        forecast(RESNET, find_profile(id), precision="f16")
    assert caught.value.remedy


def test_that_a_runtime_without_constants_names_those_that_have_some() -> None:
    with pytest.raises(InputError, match="tensorrt"):
        forecast(RESNET, find_profile("jetson-nano-4gb"), runtime="openvino-of-the-future")


def test_that_a_profile_without_bandwidth_says_what_is_missing() -> None:
    bare = find_profile("intel-n100").model_copy(update={"bandwidth_gbs": None})
    with pytest.raises(InputError, match="bandwidth"):
        forecast(RESNET, bare)


def test_that_the_first_runtime_with_constants_is_taken() -> None:
    assert forecast_runtime(find_profile("jetson-nano-4gb")) == "tensorrt"
    assert forecast_runtime(find_profile("intel-core-i7-8700t")) == "openvino"


def test_that_the_basis_tells_how_many_measurements_and_the_error_on_left_out_devices() -> None:
    words = forecast(RESNET, find_profile("jetson-nano-4gb"), precision="f16").basis
    assert "published measurements" in words
    assert "left out" in words
    assert re.search(r"within \d+ % and \d+ % within a factor of 2\.", words)
    assert words.endswith("Timed as MLPerf does.")


def test_that_a_harness_is_called_by_its_title() -> None:
    asked = forecast(RESNET, find_profile("jetson-nano-4gb"), harness="ultralytics")
    assert asked.basis.endswith("Timed as Ultralytics does.")
    assert {one.harness for one in engines()} <= HARNESS_WORDS.keys()
    assert {name for one in engines() for name in one.harnesses} <= HARNESS_WORDS.keys()


def test_that_what_no_measurement_tells_of_has_its_title() -> None:
    board = find_profile("rpi-4")
    asked = forecast(RESNET, board, runtime="onnxruntime", precision="f16", harness="mlperf")
    assert (
        "No published measurement tells of ONNX Runtime in FP16, MLPerf, so the band is wider."
        in asked.warnings
    )


def test_that_every_runtime_that_can_be_forecast_has_a_title() -> None:
    named = {name for one in engines() for each in one.serves for name in each.runtimes}
    assert named <= RUNTIME_WORDS.keys()
    assert runtime_words("openvino-gpu") == "OpenVINO on the GPU"
    assert runtime_words("a new one") == "a new one"


def test_that_constants_are_physical() -> None:
    for one in engines():
        for name in ("dense", "vector", "matrix"):
            assert one.figures[name].value < 1.5, (one.name, name)
        assert one.band.stretch > 0


def _twice_as_wide(profile: DeviceProfile) -> DeviceProfile:
    return profile.model_copy(
        update={"peaks": {name: 2 * peak for name, peak in profile.peaks.items()}}
    )


def test_that_twice_the_arithmetic_gains_less_than_twice_on_a_model_that_waits_for_memory() -> None:
    t4 = find_profile("cloud-t4")
    waits = Workload("copy", (LayerWork("movement", 1.0, 0.0, 1e8),), 0.0)
    gain = (
        forecast(waits, t4).latency_ms.value / forecast(waits, _twice_as_wide(t4)).latency_ms.value
    )
    assert gain < 2
    assert forecast(waits, t4).parts.memory_ms > forecast(waits, t4).parts.compute_ms
