"""Where the time goes: measured on a click, told in figures, and shown in the graph."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.dialogs.precision_dialog import PrecisionDialog
from gui.window import MainWindow

JOB_MS = 900_000
LEFT = Qt.MouseButton.LeftButton


def colouring_of(window: MainWindow) -> str:
    colouring = window.graph_area.canvas.colouring
    return colouring.title if colouring else ""


def opened(window: MainWindow, qtbot: QtBot, model: Path) -> PrecisionDialog:
    window.session.open(model)
    qtbot.waitUntil(lambda: window.session.model is not None, timeout=JOB_MS)
    window.actions_.profile.trigger()
    (dialog,) = window.findChildren(PrecisionDialog)
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def test_that_a_measured_model_tells_its_groups_and_colours_the_graph_until_the_next_one(
    window: MainWindow, qtbot: QtBot, tiny_model: Path, sample_model: Path
) -> None:
    dialog = opened(window, qtbot, tiny_model)
    dialog.runtime.setCurrentIndex(dialog.runtime.findData("openvino"))

    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(dialog.view.isVisible, timeout=JOB_MS)

    view, table = dialog.view, dialog.view.table
    times = [table.row_at(place).milliseconds for place in range(len(table.source.rows))]
    assert times == sorted(times, reverse=True)
    assert "The counters add up to" in view.difference.text()
    assert [row.key for row in view.time.rows][-1] == "conversions"
    qtbot.waitUntil(lambda: colouring_of(window) == "Latency on OpenVINO")

    rows = range(len(table.source.rows))
    place = next(n for n in rows if "stem/Conv" in table.row_at(n).members)
    cell = table.visualRect(table.model().index(place, 0)).center()
    qtbot.mouseClick(table.viewport(), LEFT, pos=cell)

    selected = window.session.editor.selected
    assert selected is not None
    assert selected.id == table.row_at(place).layer

    dialog.close()
    window.session.open(sample_model)
    qtbot.waitUntil(lambda: window.session.profiled.profile is None, timeout=JOB_MS)
    qtbot.waitUntil(lambda: not colouring_of(window).startswith("Latency"))


def test_that_a_cancelled_profile_leaves_the_dialog_ready(
    window: MainWindow, qtbot: QtBot, tiny_model: Path
) -> None:
    dialog = opened(window, qtbot, tiny_model)
    qtbot.mouseClick(dialog.start, LEFT)
    qtbot.waitUntil(lambda: not dialog.start.isEnabled())

    qtbot.mouseClick(dialog.cancel, LEFT)
    qtbot.waitUntil(dialog.start.isEnabled, timeout=JOB_MS)

    assert not dialog.view.isVisible()
    assert window.session.profiled.profile is None
