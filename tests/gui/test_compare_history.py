"""The history of a project: runs listed, named, set side by side and deleted, by clicks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from core.benchmark.results import BenchmarkResult, Estimate, Provenance
from core.devices.base import DeviceFacts, DeviceState
from core.jobs.folders import OUTCOME_FILE
from core.jobs.request import run_request, write_request
from core.plan.plan import CompressionPlan, RuntimeChoice
from core.project.notes import RunNote, read_note
from core.project.project import Project
from core.search.report import Candidate, Goal, OptimizationReport
from core.search.request import OptimizeRequest
from gui.dialogs.compare_dialog import CompareDialog
from gui.dialogs.history_dialog import HistoryDialog
from gui.panels.text import Text
from gui.window import MainWindow

JOB_MS = 900_000

FindDialog = Callable[[type[QDialog]], QDialog]

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


@pytest.fixture
def project(tmp_path: Path, tiny_model: Path) -> Path:
    """Two runs with other numbers of threads, and one that was not finished."""
    folder = tmp_path / "projects" / "tiny"
    with Project.create(folder) as made:
        made.adopt_model(tiny_model)
    add_run(folder, "0001-optimize", report("Half precision", 2.0, 2), tiny_model)
    add_run(folder, "0002-optimize", report("INT8", 1.0, 4), tiny_model)
    add_run(folder, "0003-optimize", None, tiny_model)
    return folder


@pytest.fixture
def history(window: MainWindow, qtbot: QtBot, dialog: FindDialog, project: Path) -> HistoryDialog:
    """Opened from the panel."""
    window.session.open(project)
    link = window.project_panel.history
    qtbot.waitUntil(
        lambda: link.isVisible() and len(window.session.runs.entries) == 3, timeout=JOB_MS
    )
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    shown = dialog(HistoryDialog)
    assert isinstance(shown, HistoryDialog)
    qtbot.waitUntil(lambda: shown.table.rowCount() == 3)
    return shown


def press(shown: HistoryDialog, qtbot: QtBot, row: int, *, also: bool = False) -> None:
    """Click a row; `also` keeps the others selected."""
    place = shown.table.visualItemRect(shown.table.item(row, 1)).center()
    keys = Qt.KeyboardModifier.ControlModifier if also else Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(shown.table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def words(shown: HistoryDialog) -> str:
    return "\n".join(
        each.text() if isinstance(each, Text) else QLabel.text(each)
        for each in shown.findChildren(QLabel)
        if each.isVisible()
    )


def column(shown: HistoryDialog, number: int) -> list[str]:
    return [shown.table.item(row, number).text() for row in range(shown.table.rowCount())]


def test_that_every_run_is_listed_with_plan_goal_and_latency(history: HistoryDialog) -> None:
    assert column(history, 1) == ["Optimization 3", "Optimization 2", "Optimization 1"]
    assert column(history, 2)[1] == "fastest, lose at most 1 point"
    assert column(history, 3) == ["not finished", "INT8", "Half precision"]
    assert column(history, 4) == ["", "1.00 ms", "2.00 ms"]


def test_that_a_run_is_named_and_its_note_is_kept(
    history: HistoryDialog, qtbot: QtBot, project: Path
) -> None:
    press(history, qtbot, 1)
    qtbot.mouseClick(history.name, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(history.name, "Before the holidays")
    qtbot.keyClick(history.name, Qt.Key.Key_Tab)

    qtbot.waitUntil(lambda: column(history, 1)[1] == "Before the holidays")

    assert read_note(project / "runs" / "0002-optimize") == RunNote("Before the holidays", "")
    assert len(history.table.chosen) == 1


def test_that_two_runs_stand_side_by_side_with_what_else_differs(
    history: HistoryDialog, qtbot: QtBot, dialog: FindDialog
) -> None:
    press(history, qtbot, 1)
    press(history, qtbot, 2, also=True)

    said = words(history)
    assert "1.00 ms (0.90 to 1.10)" in said
    assert "Not the same threads: 2 and 4." in said
    assert "not in turns" in said

    qtbot.mouseClick(history.measure, Qt.MouseButton.LeftButton)
    compare = dialog(CompareDialog)
    assert isinstance(compare, CompareDialog)
    chosen = [picker.currentText() for picker in compare.pickers]
    assert chosen[0].startswith("Half precision")
    assert chosen[1].startswith("INT8")
    compare.reject()


def test_that_a_run_is_deleted_only_after_a_question(
    history: HistoryDialog, qtbot: QtBot, project: Path, window: MainWindow
) -> None:
    press(history, qtbot, 1)
    assert window.session.results.run == "0002-optimize"

    qtbot.mouseClick(history.delete, Qt.MouseButton.LeftButton)
    assert "cannot be undone" in words(history)
    assert (project / "runs" / "0002-optimize").exists()
    qtbot.mouseClick(history.confirm, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: column(history, 1) == ["Optimization 3", "Optimization 1"])
    assert not (project / "runs" / "0002-optimize").exists()
    assert not (project / ".removed").exists()
    assert window.session.results.run == "0001-optimize"
