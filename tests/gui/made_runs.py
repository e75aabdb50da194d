"""Runs of a project with made-up figures, as an optimization leaves them."""

from pathlib import Path

from core.benchmark.results import AccuracyResult, BenchmarkResult, Estimate, Provenance
from core.data.metrics import metrics
from core.data.metrics.base import Score
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
    boost="No DL Boost (AVX2)",
    boost_detail="INT8 has no instructions of its own here.",
    runtimes={"onnxruntime": "1"},
    missing_runtimes={},
    operating_system="Linux",
)
RUNTIME = RuntimeChoice(runtime="onnxruntime")


def benchmark(name: str, milliseconds: float, threads: int = 2) -> BenchmarkResult:
    state = DeviceState()
    return BenchmarkResult(
        contender=name,
        latency_ms=Estimate(value=milliseconds, low=milliseconds * 0.95, high=milliseconds * 1.05),
        p90_ms=milliseconds * 1.2,
        samples=400,
        blocks=20,
        compile_ms=30,
        first_ms=5,
        throughput=1000 / milliseconds,
        peak_memory_bytes=80_000_000,
        file_bytes=1_000_000,
        steady=True,
        provenance=Provenance(
            device=DEVICE,
            before=state,
            after=state,
            model_sha256="0",
            runtime=RUNTIME,
            runtime_version="1",
            threads=threads,
            versions={},
            taken_at="2026-01-01T00:00:00+00:00",
        ),
    )


def accuracy(name: str, share: float, drop: float, metric: str = "top1") -> AccuracyResult:
    score = Score(
        metric=metric,
        label=metrics()[metric].label,
        value=share,
        low=share - 0.03,
        high=share + 0.03,
        samples=300,
    )
    return AccuracyResult(
        contender=name,
        scores=(score,),
        drop=Estimate(value=drop, low=drop - 0.5, high=drop + 0.5),
        reference="original",
        evaluated_on="300 of 400 images",
    )


def report(label: str, milliseconds: float, threads: int) -> OptimizationReport:
    best = Candidate(
        id="best",
        label=label,
        plan=CompressionPlan(name=label, runtime=RUNTIME),
        model="best.onnx",
        file_bytes=1,
        benchmark=benchmark("best", milliseconds, threads),
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
