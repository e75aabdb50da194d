"""TensorRT's own parser is asked in a process of its own: what it says counts, its end does not."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError, JobCancelled, UserError
from core.jobs.kinds.preflight import Preflight
from core.jobs.runner import run_job
from core.tensorrt.preflight_report import PreflightReport, PreflightRequest
from core.tensorrt.rtx import ask_parser, parser_python
from core.tensorrt.settings import ShapeRange
from core.tensorrt.target import TensorRtTarget
from tests.tensorrt.conftest import Saved, node

SIZES = ShapeRange(smallest=(1, 3, 8, 8), best=(1, 3, 8, 8), largest=(2, 3, 8, 8))


@pytest.fixture
def asked(parser_stand_in: Path, saved: Saved, tmp_path: Path) -> Any:
    """Asks the stand-in about a model whose file name says what shall happen."""

    def ask(name: str, **more: Any) -> Any:
        model = saved([node("Relu", "x", "y", "relu")], name=f"{name}.onnx")
        return ask_parser(model, python=parser_stand_in, scratch=tmp_path, **more)

    return ask


def test_that_a_model_is_taken_and_built_for_gpus_that_are_not_here(asked: Any) -> None:
    verdict = asked("plain", build_for=("8.6", "8.9"), shapes={"x": SIZES})
    assert verdict.accepted
    assert verdict.built == {"8.6": True, "8.9": True}
    assert verdict.engine_bytes == {"8.6": 1234, "8.9": 1234}
    assert (verdict.warnings, verdict.errors, verdict.layers) == ((), (), 7)


def test_that_a_refused_node_is_named(asked: Any) -> None:
    verdict = asked("refused", build_for=("8.6",))
    assert not verdict.accepted
    assert [(one.name, one.operator, one.said) for one in verdict.refused] == [
        ("det", "Det", "false")
    ]
    assert verdict.built == {}


def test_that_warnings_are_told(asked: Any) -> None:
    assert asked("warns").warnings == ("UINT8 zero_point only on DLA",)


def test_that_a_gpu_that_it_does_not_know_is_told(asked: Any) -> None:
    verdict = asked("plain", build_for=("5.3",))
    assert verdict.built == {"5.3": False}
    assert "cannot build for compute capability 5.3" in verdict.errors[0]


def test_that_a_build_that_fails_or_dies_is_no_engine(asked: Any) -> None:
    failed = asked("unbuilt", build_for=("8.6",))
    assert (failed.built, failed.errors) == ({"8.6": False}, ("no kernel for If",))
    died = asked("dies", build_for=("8.6",))
    assert died.accepted
    assert died.built == {"8.6": False}
    assert "SIGABRT" in died.errors[0]


def test_that_a_crash_of_the_parser_is_an_error_in_words(asked: Any) -> None:
    with pytest.raises(UserError, match="was killed by SIGABRT"):
        asked("crashes")


def test_that_a_parser_that_never_ends_can_be_stopped(asked: Any) -> None:
    calls = iter(range(3))

    def stop() -> None:
        if next(calls) == 2:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        asked("hangs", check_cancelled=stop)


def test_that_it_is_said_how_to_get_the_parser(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pip install edgewright\[tensorrt-rtx\]"):
        parser_python()
    with pytest.raises(InputError, match="no Python interpreter"):
        parser_python(tmp_path)


def request_for(model: Path, **more: Any) -> PreflightRequest:
    return PreflightRequest(model=model, target=TensorRtTarget(version="10.3"), **more)


def test_that_the_job_asks_tables_and_parser(
    parser_stand_in: Path, saved: Saved, tmp_path: Path
) -> None:
    model = saved([node("Relu", "x", "y", "relu")], name="refused.onnx")
    report = run_job(
        "preflight", request_for(model, python=parser_stand_in), tmp_path / "run", lambda e: None
    )
    assert isinstance(report, PreflightReport)
    assert report.parser is not None
    assert not report.ready
    assert report.parser_missing == ""


class Context:
    """What the work needs of a job's context."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.begun: list[str] = []

    def step(self, title: str) -> None:
        self.begun.append(title)

    def progress(self, *told: object) -> None:
        pass

    def check_cancelled(self) -> None:
        pass


@pytest.mark.parametrize("name", ["crashes", "missing"])
def test_that_the_other_checks_stand_without_the_parser(
    parser_stand_in: Path, saved: Saved, tmp_path: Path, name: str
) -> None:
    model = saved([node("Det", "x", "y", "det")], name=f"{name}.onnx")
    python = parser_stand_in if name == "crashes" else None
    context: Any = Context(tmp_path)
    report = Preflight().run(request_for(model, python=python), context)
    assert report.parser is None
    assert "parser" in report.parser_missing
    assert [finding.rule for finding in report.findings] == ["operator"]
    assert len(context.begun) == 2
