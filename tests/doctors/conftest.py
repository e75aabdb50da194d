"""Ill models and their images, and a way to ask doctors in this process."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.doctors.base import Diagnosis, DoctorReport, DoctorRequest
from core.jobs.context import WorkerContext
from core.jobs.kinds.doctor import DoctorKind
from tests.doctors.ill_models import (
    colour_model,
    overflowing_model,
    uneven_depthwise_model,
    write_images,
)

Ask = Callable[..., Diagnosis]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask one doctor about a model; further words are fields of the request."""

    def asked(which: str, model: Path, data: Path, **fields: object) -> Diagnosis:
        folder = tmp_path / "run"
        (folder / "results").mkdir(parents=True, exist_ok=True)
        given = {"model": model, "data": data, "which": (which,), **fields}
        request = DoctorRequest.model_validate({"cache": tmp_path / "cache", **given})
        kind = DoctorKind()
        cancelled = threading.Event()
        context = WorkerContext(folder, kind.steps(request), lambda event: None, cancelled)
        report: DoctorReport = kind.run(request, context)
        (diagnosis,) = report.diagnoses
        return diagnosis

    return asked


@pytest.fixture(scope="session")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four images of four classes."""
    return write_images(tmp_path_factory.mktemp("coloured"))


@pytest.fixture(scope="session")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without labels."""
    return write_images(tmp_path_factory.mktemp("unlabelled"), labelled=False)


@pytest.fixture(scope="session")
def tells_colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return colour_model(tmp_path_factory.mktemp("models") / "colours.onnx")


@pytest.fixture(scope="session")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return uneven_depthwise_model(tmp_path_factory.mktemp("models") / "uneven.onnx")


@pytest.fixture(scope="session")
def overflowing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return overflowing_model(tmp_path_factory.mktemp("models") / "overflowing.onnx")
