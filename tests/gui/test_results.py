"""The strip of results: what stands in the table, on the plot and beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.benchmark.results import Estimate, Ratio
from core.plan.plan import CompressionPlan, Step
from core.search.report import Candidate, Goal, OptimizationReport
from gui.panels.candidate_table import cells
from gui.panels.results_panel import ResultsPanel
from gui.panels.text import Text
from gui.panels.tradeoff_plot import accuracy_limit, point_of
from gui.results import RunReport
from gui.session import Session
from tests.gui.made_runs import DEVICE, RUNTIME, accuracy, benchmark

Standing = Literal["chosen", "baseline", "over limit", "left out"]


def candidate(
    name: str, standing: Standing, milliseconds: float | None, share: float, drop: float
) -> Candidate:
    return Candidate(
        id=name,
        label=name.capitalize(),
        plan=CompressionPlan(
            name=name,
            steps=() if name == "original" else (Step(technique="int8", default={}),),
            runtime=RUNTIME,
        ),
        model=f"{name}.onnx",
        file_bytes=1_000_000 if name == "original" else 280_000,
        benchmark=None if milliseconds is None else benchmark(name, milliseconds),
        screened_ms=7.0,
        against_original=None
        if name == "original" or milliseconds is None
        else Ratio(
            a=name,
            b="original",
            ratio=Estimate(value=0.4, low=0.38, high=0.42),
            verdict="faster",
            words="2.5× faster (2.4 to 2.6)",
        ),
        accuracy=accuracy(name, share, drop),
        standing=standing,
        reason=f"The reason of {name}.",
    )


@pytest.fixture
def report() -> OptimizationReport:
    return OptimizationReport(
        model_name="model.onnx",
        model_sha256="0",
        goal=Goal(max_drop=1.0),
        device=DEVICE,
        contract=None,
        contract_origin="given",
        candidates=(
            candidate("original", "baseline", 4.0, 0.90, 0.0),
            candidate("best", "chosen", 1.6, 0.897, 0.3),
            candidate("greedy", "over limit", 1.5, 0.85, 5.0),
            candidate("slow", "left out", None, 0.90, 0.0),
        ),
        chosen="best",
        met=True,
        ratios=(),
        why=("“Best” is the fastest within the limit.", "It is compressed.", "INT8 pays here."),
        accuracy_checked=True,
        seconds=64,
    )


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path, report: OptimizationReport) -> Iterator[ResultsPanel]:
    session = Session(tmp_path / "projects")
    shown = ResultsPanel(session)
    qtbot.addWidget(shown)
    shown.resize(1400, 260)
    shown.show()
    session.results.show(RunReport(report, tmp_path, {}))
    qtbot.waitUntil(lambda: shown.table.isVisible() and shown.plot is not None)
    yield shown
    session.close()


def said(panel: ResultsPanel) -> str:
    return "\n".join(text.text() for text in panel.findChildren(Text) if text.isVisible())


def test_that_a_row_says_latency_ratio_accuracy_file_and_standing(
    report: OptimizationReport,
) -> None:
    original, best, greedy, slow = report.candidates

    assert cells(original) == ("Original", "4.00 ms", "1.0", "90.0 % (0.0)", "1.0 MB", "measured")
    assert cells(best)[0] == "★ Best"
    assert cells(best)[2:4] == ("2.5× faster (2.4 to 2.6)", "89.7 % (−0.3)")
    assert cells(greedy)[5] == "over limit"
    assert cells(slow)[1] == "≈ 7.00 ms"


def test_that_the_plot_shows_what_was_measured_with_its_intervals(
    report: OptimizationReport,
) -> None:
    points = [point_of(each, report) for each in report.candidates]

    assert points[0] == pytest.approx((4.0, 3.8, 4.2, 90.0, 87.0, 93.0))
    assert points[3] is None
    assert accuracy_limit(report) == pytest.approx(89.0)


def test_that_the_chosen_one_is_explained_first(panel: ResultsPanel) -> None:
    assert "Why this one" in said(panel)
    assert "fastest within the limit" in said(panel)
    assert panel.table.currentIndex().row() == 1


def test_that_pressing_a_row_explains_that_candidate(panel: ResultsPanel, qtbot: QtBot) -> None:
    table = panel.table
    place = table.visualRect(table.rows.index(2, 0)).center()

    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)

    qtbot.waitUntil(lambda: "How this one fared" in said(panel))
    assert "The reason of greedy." in said(panel)
    assert "20 blocks" in said(panel)


def test_that_arrow_keys_walk_through_the_candidates(panel: ResultsPanel, qtbot: QtBot) -> None:
    qtbot.keyClick(panel.table, Qt.Key.Key_Up)

    qtbot.waitUntil(lambda: "The reason of original." in said(panel))


def test_that_nothing_chosen_says_why_the_original_stays(
    panel: ResultsPanel, qtbot: QtBot, report: OptimizationReport, tmp_path: Path
) -> None:
    none = report.model_copy(update={"chosen": None, "met": False, "why": ("Nothing is faster.",)})

    panel.session.results.show(RunReport(none, tmp_path, {}))

    qtbot.waitUntil(lambda: "Why the original stays" in said(panel))
    assert "Nothing is faster." in said(panel)


def test_that_speed_alone_is_plotted_against_the_file(
    panel: ResultsPanel, qtbot: QtBot, report: OptimizationReport, tmp_path: Path
) -> None:
    unchecked = [each.model_copy(update={"accuracy": None}) for each in report.candidates]
    changes = {"candidates": tuple(unchecked), "accuracy_checked": False}

    panel.session.results.show(RunReport(report.model_copy(update=changes), tmp_path, {}))

    qtbot.waitUntil(lambda: "Latency against file" in said(panel))
    assert cells(unchecked[0])[3] == "not checked"
