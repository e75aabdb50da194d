"""Opening a model is a job: its graph, drawing and summary lie in the run's folder."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.formats import read_graph
from core.jobs.events import Note
from core.jobs.kinds.inspect import Inspection, InspectRequest
from core.jobs.runner import Job, outcome_of, run_job
from core.layout import read_layout
from core.model.graph_file import read_graph_file


def test_that_opening_a_model_leaves_its_graph_drawing_and_summary(
    tiny_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "runs" / "0001-inspect"
    outcome = run_job("inspect", InspectRequest(model=tiny_model), folder)
    assert isinstance(outcome, Inspection)
    graph = read_graph_file(folder / outcome.graph)
    assert graph == read_graph(tiny_model)
    assert outcome.summary.operators == {"Conv": 2, "Relu": 2, **outcome.summary.operators}
    assert outcome.summary.inputs == ("image float32 1×3×16×16",)
    assert read_layout(folder)


def test_that_faults_of_a_model_are_noted_while_it_is_drawn(
    tiny_model: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(tiny_model.read_bytes().replace(b"stem_act", b"stem_axt", 1))
    job = Job("inspect", InspectRequest(model=broken), tmp_path / "runs" / "0001-inspect")
    job.start()
    outcome = outcome_of(job)
    assert isinstance(outcome, Inspection)
    [note] = [event.text for event in job.events if isinstance(event, Note)]
    assert "which nothing makes" in note
    assert outcome.summary.warnings == (note,)


def test_that_a_file_that_is_no_model_fails_plainly(tmp_path: Path) -> None:
    text = tmp_path / "model.onnx"
    text.write_text("no model")
    with pytest.raises(InputError, match="It is a text file"):
        run_job("inspect", InspectRequest(model=text), tmp_path / "runs" / "0001-inspect")
