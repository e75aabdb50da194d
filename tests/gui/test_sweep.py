"""Batch × streams in the window, opened and measured by clicks and keys."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from core.benchmark.results import Estimate
from core.benchmark.sweep import Sweep, SweepCell
from core.plan.plan import RuntimeChoice
from gui.dialogs.sweep_dialog import SweepDialog, numbers_in
from gui.dialogs.sweep_table import SweepTable, cell_words
from gui.window import MainWindow

JOB_MS = 900_000

FindDialog = Callable[[type[QDialog]], QDialog]


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=value * 0.98, high=value * 1.02)


def measured(batch: int, streams: int, rate: float, milliseconds: float) -> SweepCell:
    return SweepCell(
        batch=batch,
        streams=streams,
        latency_ms=estimate(milliseconds),
        p90_ms=milliseconds * 1.2,
        throughput=estimate(rate),
        peak_memory_bytes=1,
    )


@pytest.fixture
def table(qtbot: QtBot) -> SweepTable:
    shown = SweepTable()
    qtbot.addWidget(shown)
    cells = (
        measured(1, 1, 500, 2),
        measured(1, 2, 900, 2.2),
        measured(4, 1, 700, 5.7),
        SweepCell(batch=4, streams=2, failure="The batch is built in."),
    )
    shown.show_sweep(
        Sweep(
            model="m",
            runtime=RuntimeChoice(runtime="openvino"),
            cells=cells,
            latency_limit_ms=5,
            sweet_spot=(1, 2),
            words="",
        )
    )
    shown.resize(500, 200)
    shown.show()
    return shown


def test_that_the_sweet_spot_is_the_current_cell_and_keys_walk_on(
    table: SweepTable, qtbot: QtBot
) -> None:
    assert table.current is not None
    assert table.is_best(table.current)

    qtbot.keyClick(table, Qt.Key.Key_Down)

    assert table.current.failure == "The batch is built in."


def test_that_cells_over_the_limit_or_without_figures_carry_no_colour(table: SweepTable) -> None:
    grounds = [
        table.ground(table.item(row, column).data(Qt.ItemDataRole.UserRole))
        for row in range(2)
        for column in range(2)
    ]

    assert [ground is not None for ground in grounds] == [True, True, False, False]
    assert grounds[0] != grounds[1]
    said = table.item(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Batch 4 on 1 stream, measured: 700 inputs a second" in said
    assert said.endswith("That is over 5 ms.")


def test_that_the_table_draws_its_cells_in_heat(table: SweepTable) -> None:
    picture = table.viewport().grab().toImage()
    for row, column in ((0, 0), (0, 1)):
        cell = table.item(row, column).data(Qt.ItemDataRole.UserRole)
        place = table.visualItemRect(table.item(row, column))
        scale = picture.devicePixelRatio()
        x, y = (place.left() + 12) * scale, place.center().y() * scale
        assert picture.pixelColor(round(x), round(y)) == table.ground(cell)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1, 2,4", (1, 2, 4)),
        ("8", (8,)),
        ("1;3", (1, 3)),
        ("0", ()),
        ("a", ()),
        ("", ()),
        ("1.5", ()),
    ],
)
def test_that_lists_of_numbers_are_read_or_refused(text: str, numbers: tuple[int, ...]) -> None:
    assert numbers_in(text) == numbers


def test_that_a_cell_says_rate_and_latency() -> None:
    assert cell_words(measured(1, 2, 1234.4, 3.2)) == "1234 /s\n3.20 ms"


def test_that_a_sweep_is_opened_measured_and_shown(
    window: MainWindow, qtbot: QtBot, dialog: FindDialog, tiny_model: Path
) -> None:
    session = window.session
    assert not window.actions_.sweep.isEnabled()
    session.open(tiny_model)
    qtbot.waitUntil(window.actions_.sweep.isEnabled, timeout=JOB_MS)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_B, keys)
    shown = dialog(SweepDialog)
    assert isinstance(shown, SweepDialog)

    shown.streams.setText("one")
    assert not shown.start.isEnabled()
    shown.streams.setText("1")
    shown.batches.setText("1, 2")
    qtbot.mouseClick(shown.start, Qt.MouseButton.LeftButton)
    assert not shown.start.isEnabled()
    qtbot.waitUntil(shown.table.isVisible, timeout=JOB_MS)

    assert shown.verdict.text().startswith("Sweet spot: batch ")
    assert shown.table.rowCount() == 2
    assert "measured" in shown.cell.text()
    assert shown.table.hasFocus()
    qtbot.waitUntil(shown.start.isEnabled)


def test_that_cancelling_stops_the_measurement(
    window: MainWindow, qtbot: QtBot, dialog: FindDialog, tiny_model: Path
) -> None:
    session = window.session
    session.open(tiny_model)
    qtbot.waitUntil(window.actions_.sweep.isEnabled, timeout=JOB_MS)
    window.actions_.sweep.trigger()
    shown = dialog(SweepDialog)
    assert isinstance(shown, SweepDialog)
    qtbot.mouseClick(shown.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(job.kind == "sweep" for job in session.jobs.running))

    assert shown.stop.text() == "Cancel"
    qtbot.mouseClick(shown.stop, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(
        lambda: not any(job.kind == "sweep" for job in session.jobs.running), timeout=JOB_MS
    )
