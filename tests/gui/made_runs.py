"""Runs of a project with made-up figures, as an optimization leaves them."""

from pathlib import Path

from core.benchmark.results import BenchmarkResult, Estimate, Provenance
from core.devices.base import DeviceFacts, DeviceState
from core.jobs.folders import OUTCOME_FILE
from core.jobs.request import run_request, write_request
from core.plan.plan import CompressionPlan, RuntimeChoice
from core.search.report import Candidate, Goal, OptimizationReport
from core.search.request import OptimizeRequest

DEVICE = DeviceFacts(
    id="local",
    name="This computer",
    kind="local",
    processor="A processor",
    architecture="x86_64",
    cores=2,
    threads=2,
    memory_bytes=1 << 30,
    instructions=(),
    boost="",
    boost_detail="",
    runtimes={},
    missing_runtimes={},
    operating_system="Linux",
)
RUNTIME = RuntimeChoice(runtime="onnxruntime")


def benchmark(milliseconds: float, threads: int) -> BenchmarkResult:
    return BenchmarkResult(
        contender="best",
        latency_ms=Estimate(value=milliseconds, low=milliseconds * 0.9, high=milliseconds * 1.1),
        p90_ms=None,
        samples=40,
        blocks=20,
        compile_ms=1,
        first_ms=1,
        throughput=None,
        peak_memory_bytes=1,
        file_bytes=1,
        steady=True,
        provenance=Provenance(
            device=DEVICE,
            before=DeviceState(),
            after=DeviceState(),
            model_sha256="0",
            runtime=RUNTIME,
            runtime_version="1",
            threads=threads,
            versions={},
            taken_at="2026-01-01T00:00:00+00:00",
        ),
    )


def report(label: str, milliseconds: float, threads: int) -> OptimizationReport:
    best = Candidate(
        id="best",
        label=label,
        plan=CompressionPlan(name=label, runtime=RUNTIME),
        model="best.onnx",
        file_bytes=1,
        benchmark=benchmark(milliseconds, threads),
        standing="chosen",
        reason="It is the fastest.",
    )
    return OptimizationReport(
        model_name="model.onnx",
        model_sha256="0",
        goal=Goal(max_drop=1.0),
        device=DEVICE,
        contract=None,
        contract_origin="",
        candidates=(best,),
        chosen="best",
        met=True,
        ratios=(),
        why=(),
        accuracy_checked=False,
        seconds=64,
    )


def add_run(project: Path, name: str, found: OptimizationReport | None, model: Path) -> None:
    """A whole run; without a report one that was interrupted."""
    folder = project / "runs" / (name if found else f"{name}.partial")
    (folder / "results").mkdir(parents=True)
    write_request(folder, run_request("optimize", OptimizeRequest(model=model)))
    if found is None:
        (folder / "results" / "0.json").write_text("{}")
        return
    (folder / OUTCOME_FILE).write_text(found.model_dump_json())
    (folder / "best.onnx").write_bytes(model.read_bytes())
