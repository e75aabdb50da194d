"""Builders of candidates with figures, for tests of choosing and explaining."""

from collections.abc import Callable

import pytest

from core.benchmark.results import AccuracyResult, BenchmarkResult, Estimate, Provenance, Ratio
from core.data.metrics.base import Score
from core.devices.base import DeviceFacts, DeviceState
from core.plan.plan import CompressionPlan, RuntimeChoice
from core.search.report import Candidate


@pytest.fixture(scope="session")
def facts() -> DeviceFacts:
    return DeviceFacts(
        id="local",
        name="This computer",
        kind="local",
        processor="Test",
        architecture="x86_64",
        cores=2,
        threads=2,
        memory_bytes=1,
        instructions=("avx2",),
        boost="No DL Boost (AVX2)",
        boost_detail="INT8 gains little here.",
        runtimes={"onnxruntime": "1"},
        missing_runtimes={},
        operating_system="Linux",
    )


@pytest.fixture(scope="session")
def make_candidate(facts: DeviceFacts) -> Callable[..., Candidate]:
    """Build a measured candidate from its latency (ms), drop (points) and size (bytes)."""

    def make(
        name: str, ms: float, drop: float = 0.0, size: int = 100, standing: str = "within limit"
    ) -> Candidate:
        choice = RuntimeChoice(runtime="onnxruntime")
        provenance = Provenance(
            device=facts,
            before=DeviceState(),
            after=DeviceState(),
            model_sha256="0",
            runtime=choice,
            runtime_version="1",
            threads=2,
            versions={},
            taken_at="2026-01-01T00:00:00+00:00",
        )
        benchmark = BenchmarkResult(
            contender=name,
            latency_ms=Estimate(value=ms, low=ms * 0.99, high=ms * 1.01),
            p90_ms=ms,
            samples=100,
            blocks=20,
            compile_ms=1,
            first_ms=1,
            throughput=1000 / ms,
            peak_memory_bytes=1,
            file_bytes=size,
            steady=True,
            provenance=provenance,
        )
        quotient = ms / 10
        verdict = "faster" if quotient < 0.99 else "slower" if quotient > 1.01 else "no difference"
        ratio = Ratio(
            a=name,
            b="original",
            ratio=Estimate(value=quotient, low=quotient * 0.99, high=quotient * 1.01),
            verdict=verdict,
            words=f"{1 / quotient:.1f}× faster" if verdict == "faster" else verdict,
        )
        accuracy = AccuracyResult(
            contender=name,
            scores=(
                Score(
                    metric="top1",
                    label="top-1 accuracy",
                    value=0.9 - drop / 100,
                    low=0.8,
                    high=0.95,
                    samples=100,
                ),
            ),
            drop=Estimate(value=drop, low=drop - 1, high=drop + 1),
            reference="original",
            evaluated_on="100 images",
        )
        return Candidate(
            id=name,
            label=name.upper(),
            plan=CompressionPlan(runtime=choice),
            model=f"{name}.onnx",
            file_bytes=size,
            benchmark=benchmark,
            against_original=ratio,
            accuracy=accuracy,
            standing=standing,  # type: ignore[arg-type]
            reason="",
        )

    return make
