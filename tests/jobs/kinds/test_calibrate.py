"""Calibrating forecasts is a job: probe models measured here, constants kept for later."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.jobs.kinds.calibrate import CalibrateReport, CalibrateRequest
from core.jobs.runner import run_job
from core.search.forecast.calibration import find_calibration

PROFILE = "intel-core-i7-8700t"


def test_that_probes_are_measured_here_and_the_constants_are_kept(tmp_path: Path) -> None:
    request = CalibrateRequest(
        runtimes=("openvino",),
        profile=PROFILE,
        probes=("matrix", "many small kernels", "dense 3×3, small"),
        blocks=2,
        folder=tmp_path / "kept",
    )
    report = run_job("calibrate", request, tmp_path / "runs" / "0001-calibrate")
    assert isinstance(report, CalibrateReport)
    assert report.failures == {}
    [made] = report.calibrations
    assert made.probes == 4
    assert find_calibration("local", "openvino", PROFILE, tmp_path / "kept") == made


def test_that_a_device_without_constants_cannot_be_calibrated(tmp_path: Path) -> None:
    request = CalibrateRequest(
        runtimes=("openvino",), profile="hailo-8", probes=("matrix",), folder=tmp_path
    )
    with pytest.raises(InputError, match="could not be calibrated"):
        run_job("calibrate", request, tmp_path / "runs" / "0001-calibrate")
