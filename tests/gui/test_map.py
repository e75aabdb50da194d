"""The map in the window: what it shows, how it changes the plan, and what it predicts at once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from core.search.request import SEARCH_MINUTES
from gui.dialogs.goal_dialog import GoalDialog
from gui.map.found_map import FoundMap
from gui.map.map_panel import MapPanel
from gui.map.map_rows import COLUMNS, COMPRESS, MapModel
from gui.map.reading import MapReading
from gui.window import MainWindow
from tests.gui.made_project import MadeProject, made_map, made_project

JOB_MS = 900_000
FindDialog = Callable[[type[QDialog]], QDialog]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> MadeProject:
    return made_project(tmp_path_factory.mktemp("project") / "tiny", tiny_model)


@pytest.fixture
def mapped(
    window: MainWindow, qtbot: QtBot, project: MadeProject, tmp_path: Path
) -> Iterator[MapPanel]:
    """The map's place in a window that opened the project again."""

    own = tmp_path / "tiny"
    shutil.copytree(project.folder, own)
    window.session.open(own)
    qtbot.waitUntil(lambda: window.session.mapping.reading is not None, timeout=JOB_MS)
    window.actions_.map_layers.trigger()
    panel = window.map_panel
    qtbot.waitUntil(lambda: panel.table.isVisible() and panel.plot is not None, timeout=JOB_MS)
    yield panel


def cell(panel: MapPanel, layer: str, column: str) -> str:
    section = [each.name for each in COLUMNS].index(column)
    place = panel.table.place_of(layer)  # type: ignore[arg-type]  # a LayerId is a str
    return panel.table.model().index(place, section).data()


def press_tick(panel: MapPanel, qtbot: QtBot, layer: str) -> None:
    table = panel.table
    place = table.place_of(layer)  # type: ignore[arg-type]  # a LayerId is a str
    at = table.visualRect(table.model().index(place, COMPRESS)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def press_title(panel: MapPanel, qtbot: QtBot, column: str) -> None:
    header = panel.table.horizontalHeader()
    section = [each.name for each in COLUMNS].index(column)
    at = QPoint(header.sectionViewportPosition(section) + 12, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


@pytest.mark.usefixtures("qapp")
def test_that_the_model_keeps_the_rules_of_models(project: MadeProject) -> None:
    graph = project.graph
    reading = MapReading.of(FoundMap(made_map(graph), project.folder))
    assert reading is not None
    worths = reading.worths("openvino", "int8")
    rows = MapModel()
    tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)

    rows.show(graph, worths, {}, "Keep")
    rows.show(graph, worths, {graph.layers[0].id: "INT8"}, "Keep")
    assert rows.rows[0].treated and not rows.rows[1].treated
    rows.show(None, {}, {}, "Keep")

    assert tester.failureReportingMode() == QAbstractItemModelTester.FailureReportingMode.Fatal
    assert rows.rowCount() == 0


def test_that_a_reopened_project_shows_its_map_with_what_is_measured_and_what_predicted(
    mapped: MapPanel, project: MadeProject
) -> None:
    assert mapped.table.model().rowCount() == len(project.graph.layers)
    assert cell(mapped, project.dear, "kept_ms") == "1.00 ms"
    assert cell(mapped, project.dear, "saved_ms") == "0.60 ms"
    assert cell(mapped, project.dear, "points").startswith("4.00 (")
    assert cell(mapped, project.dear, "flips") == "3 of 100"
    assert cell(mapped, project.dear, "now") == "Keep"
    for column in COLUMNS[4:10]:
        assert column.tip.startswith(("Measured", "Predicted"))


def test_that_the_graph_is_coloured_by_cost_and_by_gain_fused_layers_together(
    mapped: MapPanel, window: MainWindow, project: MadeProject, qtbot: QtBot
) -> None:
    canvas = window.graph_area.canvas
    qtbot.waitUntil(lambda: canvas.colouring is not None and canvas.colouring.title == "Cost")
    cost = canvas.colouring
    assert cost is not None and "measured" in cost.unit
    assert cost.values[project.dear] == cost.values[project.fused]
    assert {cost.texts[project.dear], cost.texts[project.fused]} == {"4.00 pts", "fused"}

    canvas.choose_colouring("Gain")

    gain = canvas.colouring
    assert gain is not None and gain.unit.startswith("ms saved, measured")
    assert gain.values[project.dear] == pytest.approx(1.2)


def test_that_a_pressed_box_keeps_a_fused_group_and_the_prediction_moves_at_once(
    mapped: MapPanel, window: MainWindow, project: MadeProject, qtbot: QtBot
) -> None:
    session, strip = window.session, mapped.strip
    assert strip.chip.text() == "the original"
    session.editor.choose("int8")
    assert strip.chip.text() == "predicted"
    greedy = strip.latency.value.text(), strip.accuracy.value.text()
    assert greedy[1] == "−4 points"
    qtbot.waitUntil(lambda: cell(mapped, project.dear, "now") == "INT8 symmetric")

    press_tick(mapped, qtbot, project.dear)

    kept = strip.latency.value.text(), strip.accuracy.value.text()
    assert kept != greedy and kept[1] == "±0 points"
    assert "no plan was measured yet" in strip.basis.text()
    assert session.editor.plan.choice(project.dear) is None
    assert session.editor.plan.choice(project.fused) is None
    assert session.editor.undo_stack.undoText() == "Keep for 2 layers"
    qtbot.waitUntil(lambda: cell(mapped, project.dear, "now") == "Keep")

    window.actions_.undo.trigger()

    assert (strip.latency.value.text(), strip.accuracy.value.text()) == greedy
    qtbot.waitUntil(lambda: cell(mapped, project.dear, "now") == "INT8 symmetric")


def test_that_keys_walk_tick_and_copy(
    mapped: MapPanel, window: MainWindow, project: MadeProject, qtbot: QtBot
) -> None:
    table, session = mapped.table, window.session
    session.editor.select(project.dear)
    qtbot.waitUntil(lambda: table.currentIndex().row() == table.place_of(project.dear))

    qtbot.keyClick(table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: cell(mapped, project.dear, "now") == "INT8 symmetric")
    qtbot.keyClick(table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: cell(mapped, project.dear, "now") == "Keep")
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "1.00 ms" in QGuiApplication.clipboard().text()
    at = table.currentIndex().row()
    qtbot.keyClick(table, Qt.Key.Key_Down if at == 0 else Qt.Key.Key_Up)
    walked = table.row_at(table.currentIndex().row()).layer

    assert session.editor.selected is walked
    qtbot.waitUntil(lambda: window.graph_area.canvas.selected == walked.id)
    assert "compressed" in table.model().index(0, COMPRESS).data(
        Qt.ItemDataRole.AccessibleTextRole
    ) or "kept" in table.model().index(0, COMPRESS).data(Qt.ItemDataRole.AccessibleTextRole)


def test_that_rows_are_sorted_narrowed_and_copied_as_csv(
    mapped: MapPanel, project: MadeProject, qtbot: QtBot
) -> None:
    press_title(mapped, qtbot, "points")
    assert mapped.table.row_at(0).layer.id == project.dear
    press_title(mapped, qtbot, "points")
    assert mapped.table.shown[-1].layer.id == project.dear

    qtbot.keyClicks(mapped.narrow, "conv")

    assert {row.layer.operator for row in mapped.table.shown} == {"Conv"}
    assert mapped.counted.text() == f"2 of {len(project.graph.layers)}"
    qtbot.mouseClick(mapped.copy, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].startswith("id,compress,name") and len(lines) == 3


def test_that_the_menu_of_rows_compresses_and_keeps(
    mapped: MapPanel, window: MainWindow, project: MadeProject, qtbot: QtBot
) -> None:
    mapped.table.selectAll()
    menu = {action.text(): action for action in mapped.table.menu().actions()}
    compress = next(action for text, action in menu.items() if text.startswith("Compress"))

    compress.trigger()

    treated = window.session.mapping.treated
    assert {project.dear, project.fused} <= treated.keys()
    qtbot.waitUntil(lambda: any(row.treated for row in mapped.table.shown))
    keep = next(each for each in mapped.table.menu().actions() if each.text().startswith("Keep"))
    assert keep.isEnabled()
    keep.trigger()
    assert not window.session.mapping.treated


def test_that_another_runtime_is_an_edit_that_can_be_taken_back(
    mapped: MapPanel, window: MainWindow, project: MadeProject, qtbot: QtBot
) -> None:
    place = mapped.runtime.findData("openvino")
    mapped.runtime.setCurrentIndex(place)
    mapped.runtime.activated.emit(place)

    qtbot.waitUntil(lambda: cell(mapped, project.dear, "kept_ms") == "2.00 ms")
    assert window.session.mapping.label == "openvino"
    window.actions_.undo.trigger()
    qtbot.waitUntil(lambda: cell(mapped, project.dear, "kept_ms") == "1.00 ms")


def test_that_the_best_plan_is_found_within_the_goal_and_others_can_be_pressed(
    mapped: MapPanel, window: MainWindow, project: MadeProject, dialog: FindDialog, qtbot: QtBot
) -> None:
    session = window.session
    window.dialogs.show_goal()
    goal = dialog(GoalDialog)
    assert isinstance(goal, GoalDialog)
    goal.drop.setValue(1.0)

    qtbot.mouseClick(goal.best, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: bool(session.mapping.front), timeout=JOB_MS)
    best = session.mapping.front[0]
    assert session.editor.plan == best.plan
    assert project.dear not in session.mapping.treated and session.mapping.treated
    qtbot.waitUntil(mapped.front.isVisible)
    plans = mapped.front.menu().actions()
    assert len(plans) == len(session.mapping.front) > 1
    plans[-1].trigger()
    assert session.editor.plan == session.mapping.front[-1].plan
    window.actions_.undo.trigger()
    assert session.editor.plan == best.plan


def test_that_the_time_of_the_search_is_set_with_the_goal(
    window: MainWindow, dialog: FindDialog, qtbot: QtBot
) -> None:
    window.dialogs.show_goal()
    goal = dialog(GoalDialog)
    assert isinstance(goal, GoalDialog)
    assert goal.search.value() == SEARCH_MINUTES
    qtbot.mouseClick(goal.effort.button("quick"), Qt.MouseButton.LeftButton)
    assert not goal.search.isEnabled()
    qtbot.mouseClick(goal.effort.button("thorough"), Qt.MouseButton.LeftButton)
    goal.search.setFocus()
    goal.search.selectAll()
    qtbot.keyClicks(goal.search, "45")
    qtbot.mouseClick(goal.accept_button, Qt.MouseButton.LeftButton)
    assert window.session.search_minutes == 45
    window.dialogs.show_goal()
    again = dialog(GoalDialog)
    assert isinstance(again, GoalDialog)
    assert again.search.value() == 45


def test_that_a_point_of_the_front_becomes_the_plan_and_impossible_limits_are_said(
    mapped: MapPanel, window: MainWindow, qtbot: QtBot
) -> None:
    session, plot = window.session, mapped.plot
    assert plot is not None
    window.actions_.best_plan.trigger()
    qtbot.waitUntil(lambda: bool(session.mapping.front), timeout=JOB_MS)
    qtbot.waitUntil(lambda: plot.marks_painter.front_dots is not None)
    dots = plot.marks_painter.front_dots
    assert dots is not None
    last = dots.points()[-1]

    dots.sigClicked.emit(dots, [last], None)

    assert session.editor.plan == session.mapping.front[-1].plan
    session.set_goal(session.goal.model_copy(update={"max_latency_ms": 0.01}))
    qtbot.waitUntil(mapped.best.isEnabled)
    qtbot.mouseClick(mapped.best, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Loosen a limit" in mapped.remark.text(), timeout=JOB_MS)


def test_that_a_map_without_images_says_what_it_does_not_know(
    window: MainWindow, qtbot: QtBot, tiny_model: Path, tmp_path: Path
) -> None:
    made = made_project(tmp_path / "bare", tiny_model, with_images=False)
    window.session.open(made.folder)
    qtbot.waitUntil(lambda: window.session.mapping.reading is not None, timeout=JOB_MS)
    window.actions_.map_layers.trigger()
    panel = window.map_panel
    qtbot.waitUntil(lambda: "Mapped without images" in panel.remark.text())

    window.session.editor.choose("int8")

    assert panel.strip.accuracy.value.text() == "not known"
    qtbot.waitUntil(lambda: window.graph_area.canvas.colouring is not None)
    assert cell(panel, made.dear, "points") == "–"
