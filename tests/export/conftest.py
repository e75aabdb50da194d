"""A finished run with one candidate per runtime, made by hand from the tiny model."""

import shutil
from pathlib import Path

import pytest

from core.data.contract import PreprocessingContract
from core.devices.base import DeviceFacts
from core.plan.plan import CompressionPlan, RuntimeChoice
from core.runtimes import available_runtimes
from core.search.report import Candidate, Goal, OptimizationReport

CONTRACT = PreprocessingContract(width=16, height=16, mean=(0.5, 0.4, 0.3), std=(0.2,))


@pytest.fixture
def run_folder(tmp_path: Path, tiny_model: Path) -> Path:
    """Its candidates are called original.RUNTIME; the chosen one is the first."""
    folder = tmp_path / "0001-optimize"
    folder.mkdir()
    shutil.copyfile(tiny_model, folder / "original.onnx")
    (folder / "outcome.json").write_text(build_report().model_dump_json())
    return folder


@pytest.fixture
def report(run_folder: Path) -> OptimizationReport:
    return build_report()


def build_report() -> OptimizationReport:
    candidates = tuple(
        Candidate(
            id=f"original.{runtime.name}",
            label=f"Original · {runtime.label}",
            plan=CompressionPlan(runtime=RuntimeChoice(runtime=runtime.name, threads=1)),
            model="original.onnx",
            file_bytes=1000,
            standing="baseline",
            reason="The original.",
        )
        for runtime in available_runtimes()
    )
    device = DeviceFacts(
        id="local",
        name="This computer",
        kind="local",
        processor="a processor",
        architecture="x86_64",
        cores=1,
        threads=1,
        memory_bytes=1,
        instructions=(),
        boost="No DL Boost",
        boost_detail="",
        runtimes={},
        missing_runtimes={},
        operating_system="Linux",
    )
    return OptimizationReport(
        model_name="tiny.onnx",
        model_sha256="0" * 64,
        goal=Goal(),
        device=device,
        contract=CONTRACT,
        contract_origin="given",
        candidates=candidates,
        chosen=candidates[0].id,
        met=True,
        ratios=(),
        why=(),
        accuracy_checked=True,
        seconds=1.0,
    )
