"""Refitting forecasts to what probe models took on the device itself."""

from pathlib import Path

import pytest

from core.devices.profile import DeviceProfile, find_profile
from core.errors import InputError
from core.search.advisor.forecasting import predict
from core.search.forecast import Workload, calibrate, forecast
from core.search.forecast.calibration import (
    FEWEST,
    ProbeResult,
    find_calibration,
    save_calibration,
)
from core.search.forecast.probes import PROBES
from tests.benchmarks.forecasting.zoo import published

RUNTIME = "openvino"


@pytest.fixture(scope="module")
def profile() -> DeviceProfile:
    return find_profile("intel-core-i7-8700t")


@pytest.fixture(scope="module")
def slow(profile: DeviceProfile) -> DeviceProfile:
    """What the device really is: a third of the arithmetic, half of the memory."""
    assert profile.bandwidth_gbs is not None
    return profile.model_copy(
        update={
            "peaks": {name: peak / 3 for name, peak in profile.peaks.items()},
            "bandwidth_gbs": profile.bandwidth_gbs / 2,
        }
    )


@pytest.fixture(scope="module")
def probes(slow: DeviceProfile) -> list[ProbeResult]:
    return [
        ProbeResult(
            workload=probe.workload,
            runtime=RUNTIME,
            precision=probe.precision,
            milliseconds=forecast(
                probe.workload, slow, runtime=RUNTIME, precision=probe.precision
            ).latency_ms.value,
        )
        for probe in PROBES
    ]


def _work(model: str) -> Workload:
    found = published(model)
    assert found is not None
    return found


@pytest.mark.parametrize("model", ["resnet-50", "mobilenet-v2", "efficientnet-lite0"])
def test_that_a_calibrated_forecast_is_near_the_truth(
    model: str, profile: DeviceProfile, slow: DeviceProfile, probes: list[ProbeResult]
) -> None:
    truth = forecast(_work(model), slow, runtime=RUNTIME).latency_ms.value
    before = forecast(_work(model), profile, runtime=RUNTIME)
    after = forecast(_work(model), profile, runtime=RUNTIME, calibration=calibrate(probes, profile))
    assert before.latency_ms.value < truth / 2
    assert after.latency_ms.value == pytest.approx(truth, rel=0.2)
    assert after.latency_ms.low < truth < after.latency_ms.high
    assert after.calibrated
    assert after.warnings == ()
    assert "probe models measured on this device" in after.basis


def test_that_a_calibrated_band_is_narrower(
    profile: DeviceProfile, probes: list[ProbeResult]
) -> None:
    before = forecast(_work("resnet-50"), profile, runtime=RUNTIME).latency_ms
    calibration = calibrate(probes, profile)
    after = forecast(
        _work("resnet-50"), profile, runtime=RUNTIME, calibration=calibration
    ).latency_ms
    assert after.high / after.low < before.high / before.low


def test_that_too_few_probes_calibrate_nothing(
    profile: DeviceProfile, probes: list[ProbeResult]
) -> None:
    with pytest.raises(InputError, match="cannot be calibrated"):
        calibrate(probes[: FEWEST - 1], profile)


def test_that_runtimes_are_never_mixed(profile: DeviceProfile, probes: list[ProbeResult]) -> None:
    other = [one.model_copy(update={"runtime": "onnxruntime"}) for one in probes[:3]]
    with pytest.raises(InputError):
        calibrate([*probes, *other], profile)


def test_that_a_calibration_is_found_again(
    profile: DeviceProfile, probes: list[ProbeResult], tmp_path: Path
) -> None:
    made = calibrate(probes, profile, device="board-../../7", taken_at="2026-01-01T00:00:00+00:00")
    file = save_calibration(made, tmp_path)
    assert file.parent == tmp_path
    assert find_calibration("board-../../7", RUNTIME, profile.id, tmp_path) == made
    assert find_calibration("board-../../7", RUNTIME, "another-profile", tmp_path) is None
    assert find_calibration("board-_-7", RUNTIME, profile.id, tmp_path) is None
    file.write_text("{", encoding="utf-8")
    assert find_calibration("board-../../7", RUNTIME, profile.id, tmp_path) is None


def test_that_the_advisor_knows_what_was_measured_on_this_computer(
    profile: DeviceProfile, probes: list[ProbeResult]
) -> None:
    work = _work("resnet-50")
    before = predict(work, profile, "f32", None)
    save_calibration(calibrate(probes, profile))
    after = predict(work, profile, "f32", None)
    other = predict(work, find_profile("intel-core-i9-13900k"), "f32", None)

    assert before is not None
    assert after is not None
    assert other is not None
    assert (before.calibrated, after.calibrated, other.calibrated) == (False, True, False)
    assert after.latency_ms.value > 2 * before.latency_ms.value
