"""Before there is a map: the invitation, what stands in the way, and the job that makes it."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.window import MainWindow

JOB_MS = 900_000


def test_that_an_empty_window_says_what_to_do_first(window: MainWindow, qtbot: QtBot) -> None:
    window.map_dock.show()
    start = window.map_panel.start
    qtbot.waitUntil(start.isVisible)

    assert not start.start.isEnabled()
    assert "Open a model first." in start.words.text()
    assert not window.actions_.best_plan.isEnabled()


def test_that_the_layers_of_a_model_without_images_are_mapped_by_one_press_and_kept(
    window: MainWindow, qtbot: QtBot, tiny_model: Path
) -> None:
    session, panel = window.session, window.map_panel
    session.measuring.scan()
    session.open(tiny_model)
    qtbot.waitUntil(
        lambda: not session.obstacle and session.keeper.folder is not None, timeout=JOB_MS
    )
    window.map_dock.show()
    qtbot.waitUntil(panel.start.start.isEnabled)
    assert "Without images" in panel.start.words.text()

    qtbot.mouseClick(panel.start.start, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(panel.start.pause.isVisible, timeout=JOB_MS)
    qtbot.waitUntil(lambda: "two measurements at once" in session.obstacle)
    qtbot.mouseClick(panel.start.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not session.mapping.is_running, timeout=JOB_MS)
    qtbot.waitUntil(lambda: panel.start.start.text() == "Go on mapping", timeout=JOB_MS)
    qtbot.mouseClick(panel.start.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.table.isVisible, timeout=JOB_MS)

    assert session.mapping.reading is not None
    folder = session.keeper.folder
    assert folder is not None
    assert session.mapping.reading.file.is_relative_to(folder)
    assert panel.table.model().rowCount() == len(session.editor.graph.layers)  # type: ignore[union-attr]
    assert all(row.worth.kept_ms is not None for row in panel.table.shown)
    assert "Mapped without images" in panel.remark.text()
