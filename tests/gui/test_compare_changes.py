"""What changed, image by image: compared on the sample, gone through by clicks and keys."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from core.benchmark.changes.album import ALBUM_FILE
from core.benchmark.changes.base import DrawnAnswer, DrawnBox, ImageChange
from core.benchmark.comparison import AnswerComparison, Turns
from core.data.metrics.base import Score
from gui import theme
from gui.dialogs.changes_canvas import AnswerPicture, class_colour, coloured
from gui.dialogs.changes_dialog import Changes, ChangesDialog
from gui.dialogs.compare_dialog import CompareDialog
from gui.dialogs.history_dialog import HistoryDialog
from gui.window import MainWindow

JOB_MS = 900_000
MANY = 10_000

FindDialog = Callable[[type[QDialog]], QDialog]


@pytest.fixture
def spoiled_model(sample_model: Path, tmp_path: Path) -> Path:
    """The sample with noise in its weights: it answers otherwise now and then."""
    model = onnx.load(sample_model)
    random = np.random.default_rng(0)
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.ndim >= 2 and values.dtype == np.float32:
            noise = random.normal(0, values.std() * 0.1, values.shape)
            spoiled = (values + noise).astype(np.float32)
            weight.CopyFrom(numpy_helper.from_array(spoiled, weight.name))
    path = tmp_path / "spoiled.onnx"
    onnx.save(model, path)
    return path


def test_that_two_models_are_compared_and_what_changed_is_gone_through(
    window: MainWindow,
    qtbot: QtBot,
    dialog: FindDialog,
    monkeypatch: pytest.MonkeyPatch,
    sample_model: Path,
    sample_data: Path,
    spoiled_model: Path,
) -> None:
    session = window.session
    session.open(sample_model)
    session.add_images(sample_data)
    qtbot.waitUntil(
        lambda: session.images is not None and session.keeper.folder is not None, timeout=JOB_MS
    )
    window.actions_.compare.trigger()
    compare = dialog(CompareDialog)
    assert isinstance(compare, CompareDialog)
    compare.turns = Turns(blocks=2, patience=0)
    chosen = (str(spoiled_model), "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: chosen)
    qtbot.mouseClick(compare.files[1], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(compare.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(compare.view.isVisible, timeout=JOB_MS)
    assert "answers changed" in compare.view.answers.text()

    qtbot.mouseClick(compare.view.look, Qt.MouseButton.LeftButton)
    shown = dialog(ChangesDialog)
    assert isinstance(shown, ChangesDialog)
    _go_through(shown, qtbot)
    shown.reject()
    compare.reject()
    _find_in_history(window, qtbot, dialog)


def _go_through(shown: ChangesDialog, qtbot: QtBot) -> None:
    rows = shown.list.rows
    damages = [change.damage for change in rows.shown]
    assert damages == sorted(damages, reverse=True)
    qtbot.waitUntil(lambda: _has_picture(shown))
    assert shown.title.text().startswith(f"1 of {len(damages)} · ")
    before = shown.title.text()

    qtbot.mouseClick(shown.next, Qt.MouseButton.LeftButton)
    assert shown.title.text().startswith("2 of ")
    qtbot.keyClick(shown.list, Qt.Key.Key_Left)
    assert shown.title.text() == before
    assert not shown.previous.isEnabled()

    qtbot.mouseClick(shown.filter.button("worse"), Qt.MouseButton.LeftButton)
    assert {change.effect for change in rows.shown} == {"worse"}
    assert len(rows.shown) < len(damages)
    qtbot.mouseClick(shown.copy, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.said.text().startswith("Copied"))
    lines = list(csv.DictReader(QGuiApplication.clipboard().text().splitlines()))
    assert [line["image"] for line in lines] == [change.image for change in rows.shown]


def _has_picture(shown: ChangesDialog) -> bool:
    grabbed = shown.sides[0].picture.grab().toImage()
    return grabbed.pixelColor(grabbed.rect().center()) != theme.current().chip


def _find_in_history(window: MainWindow, qtbot: QtBot, dialog: FindDialog) -> None:
    """The comparison is a run of the project."""
    keys = Qt.KeyboardModifier.ControlModifier
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_H, keys)
    history = dialog(HistoryDialog)
    assert isinstance(history, HistoryDialog)
    qtbot.waitUntil(lambda: history.table.rowCount() == 1)
    assert [run.number for run in history.table.chosen] == [1]
    assert history.table.chosen[0].run.kind == "compare"
    qtbot.mouseClick(history.show_run, Qt.MouseButton.LeftButton)
    again = dialog(ChangesDialog)
    assert isinstance(again, ChangesDialog)
    assert again.list.rows.rowCount() > 0
    again.reject()
    history.reject()


@pytest.fixture
def many(qtbot: QtBot, tmp_path: Path) -> Iterator[ChangesDialog]:
    """Ten thousand changes, whose album is damaged."""
    changes = tuple(
        ImageChange(
            image=f"{number:05}.png",
            a="cat",
            b="dog",
            truth=None,
            effect="other" if number % 2 else "worse",
            damage=1 - number / MANY,
        )
        for number in range(MANY)
    )
    agreement = Score(metric="agreement", label="", value=0, low=0, high=1, samples=MANY)
    answers = AnswerComparison(
        contract=None,
        contract_origin="",
        agreement=agreement,
        accuracy=(),
        better=0,
        worse=0,
        changes=changes,
        warnings=(),
        pictured=2000,
    )
    (tmp_path / ALBUM_FILE).write_bytes(b"nothing")
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    shown = ChangesDialog(Changes(answers, tmp_path, "A", "B"), parent)
    shown.open()
    yield shown
    shown.reject()


def test_that_of_many_changes_only_those_in_sight_are_read(
    many: ChangesDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[int] = set()
    pictures = many._pictures
    ask = pictures.thumbnail
    monkeypatch.setattr(pictures, "thumbnail", lambda place: read.add(place) or ask(place))

    many.list.scrollTo(many.list.rows.index(1500))
    many.list.viewport().repaint()
    qtbot.mouseClick(many.filter.button("worse"), Qt.MouseButton.LeftButton)
    many.list.viewport().repaint()

    assert many.list.rows.rowCount() == MANY // 2
    assert 0 < len(read) < 100


def test_that_a_damaged_album_is_said_and_the_words_stay(many: ChangesDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "cannot be read" in many.said.text())
    assert many.sides[1].words.text() == "dog"


def test_that_boxes_lie_on_the_picture_and_lost_ones_are_told(qtbot: QtBot) -> None:
    shown = AnswerPicture("Answer of A")
    qtbot.addWidget(shown)
    shown.resize(400, 200)
    shown.show()
    picture = QImage(200, 200, QImage.Format.Format_RGB32)
    picture.fill(QColor("black"))
    box = DrawnBox(corners=(50, 100, 150, 180), label="cat", score=0.5, alone=True)

    shown.show_answer(picture, DrawnAnswer(boxes=(box,)))

    assert shown.accessibleName() == "Answer of A: 1 boxes, 1 of them only here"
    place = shown.place()
    assert (place.x(), place.width(), place.height()) == (100, 200, 200)
    grabbed = shown.grab().toImage()
    assert grabbed.pixelColor(150, 150) == theme.current().warn
    assert grabbed.pixelColor(200, 150) == QColor("black")


def test_that_classes_of_pixels_have_colours_and_the_ground_has_none() -> None:
    mask = QImage(2, 1, QImage.Format.Format_Grayscale8)
    mask.setPixelColor(0, 0, QColor(0, 0, 0))
    mask.setPixelColor(1, 0, QColor(3, 3, 3))

    painted = coloured(mask)

    assert painted.pixelColor(0, 0).alpha() == 0
    assert painted.pixelColor(1, 0).rgb() == class_colour(3).rgb()
