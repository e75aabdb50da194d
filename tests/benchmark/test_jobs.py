"""The jobs that measure and that look for devices, in real workers."""

import shutil
from pathlib import Path

import pytest

from core.benchmark.samples import Samples
from core.errors import InputError
from core.jobs.events import Event, Measured, Progress
from core.jobs.kinds.bench import SAMPLES_FILE, BenchReport, BenchRequest
from core.jobs.kinds.devices import DevicesReport, DevicesRequest
from core.jobs.runner import run_job
from core.plan.plan import RuntimeChoice


def test_that_bench_measures_every_model_in_every_runtime_against_the_first(
    tiny_model: Path, tmp_path: Path
) -> None:
    """Models of one file name are told apart by their folders."""
    models = [tmp_path / folder / "out" / "tiny.onnx" for folder in ("before", "after")]
    for model in models:
        model.parent.mkdir(parents=True)
        shutil.copy(tiny_model, model)
    events: list[Event] = []
    request = BenchRequest(models=tuple(models), blocks=2, patience=0, threads=1)

    report = run_job("bench", request, tmp_path / "runs" / "bench", events.append)

    assert isinstance(report, BenchReport)
    assert sorted(report.labels.values()) == [
        "after/out/tiny.onnx · ONNX Runtime",
        "after/out/tiny.onnx · OpenVINO",
        "before/out/tiny.onnx · ONNX Runtime",
        "before/out/tiny.onnx · OpenVINO",
    ]
    assert {result.contender for result in report.results} == set(report.labels)
    assert [ratio.b for ratio in report.ratios] == [report.results[0].contender] * 3
    assert all(result.provenance.threads == 1 for result in report.results)
    assert report.failures == {}
    assert len([event for event in events if isinstance(event, Measured)]) == 4
    assert any(isinstance(event, Progress) for event in events)
    raw = (tmp_path / "runs" / "bench" / SAMPLES_FILE).read_text()
    assert Samples.model_validate_json(raw).of(report.results[0].contender)


def test_that_bench_refuses_a_runtime_that_is_not_there(tiny_model: Path, tmp_path: Path) -> None:
    request = BenchRequest(models=(tiny_model,), choices=(RuntimeChoice(runtime="abacus"),))

    with pytest.raises(InputError, match="no runtime called “abacus”"):
        run_job("bench", request, tmp_path / "runs" / "bench")


def test_that_devices_finds_this_computer(tmp_path: Path) -> None:
    report = run_job("devices", DevicesRequest(), tmp_path / "runs" / "devices")

    assert isinstance(report, DevicesReport)
    assert [device.id for device in report.devices] == ["local"]
