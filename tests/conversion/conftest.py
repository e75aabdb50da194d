"""Conversions that run in the test's own process."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.jobs.context import WorkerContext
from core.jobs.events import Event
from core.jobs.kinds.convert import Convert, ConvertReport, ConvertRequest

FILES = Path(__file__).parent.parent / "formats" / "files"


@pytest.fixture(scope="session")
def python(pytorch_stand_in: Path) -> Path:
    return pytorch_stand_in


@pytest.fixture
def convert(tmp_path: Path) -> Callable[..., ConvertReport]:
    """Do a conversion; by default of tiny.pt2 into out.onnx, with consent."""

    def run(**asked: object) -> ConvertReport:
        defaults = {"model": FILES / "tiny.pt2", "to": "onnx", "trusted": True}
        request = ConvertRequest.model_validate({"out": tmp_path / "out.onnx", **defaults, **asked})
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        events: list[Event] = []
        context = WorkerContext(folder, (), events.append, threading.Event())
        return Convert().run(request, context)

    return run
