"""Candidates are raced on a board: looked at, asked and measured there, and figures say so."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.jobs.runner import run_job
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.remote.board import Board
from core.search.report import OptimizationReport
from core.search.request import MapRequest, OptimizeRequest

PLAN = CompressionPlan(
    name="INT8",
    runtime=RuntimeChoice(runtime="onnxruntime"),
    steps=(Step(technique="int8", default={}),),
)


def test_that_a_race_on_a_board_measures_there_and_says_so(
    tmp_path: Path, board: Board, tiny_model: Path, tiny_data: Path
) -> None:
    request = OptimizeRequest(
        model=tiny_model,
        data=tiny_data,
        device=board.id,
        effort="quick",
        runtimes=("onnxruntime",),
        plans=(PLAN,),
    )
    report = run_job("optimize", request, tmp_path / "run")
    assert isinstance(report, OptimizationReport)
    assert report.device.id == board.id
    measured = [each.benchmark for each in report.candidates if each.benchmark is not None]
    assert len(measured) == 2
    assert {each.provenance.device.id for each in measured} == {board.id}
    assert report.accuracy_checked


def test_that_layers_are_not_mapped_here_in_a_boards_name(
    tmp_path: Path, board: Board, tiny_model: Path
) -> None:
    with pytest.raises(InputError, match="cannot be done on “Bench board”"):
        run_job("map", MapRequest(model=tiny_model, device=board.id), tmp_path / "run")
