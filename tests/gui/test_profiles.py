"""The selector of target devices, by mouse and keys: search, comparison, own copies, the choice."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.devices import profile_files
from core.devices.profile import profiles
from core.devices.profile_text import text_of_profile
from gui import theme
from gui.devices.profile_card import TargetCard
from gui.devices.profile_dialog import ProfileDialog
from gui.devices.profile_form import ProfileForm
from gui.devices.profile_marks import MarksLegend
from gui.session import Session
from gui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
Find = Callable[[type[QDialog]], QDialog]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the user's own profiles, empty."""
    folder = tmp_path / "profiles"
    monkeypatch.setattr(profile_files, "profiles_folder", lambda: folder)
    yield folder


@pytest.fixture
def session(own: Path, tmp_path: Path, qapp: object) -> Iterator[Session]:
    opened = Session(tmp_path / "projects")
    yield opened
    opened.close()


@pytest.fixture
def selector(session: Session, qtbot: QtBot) -> Iterator[ProfileDialog]:
    """Open over an empty window, and filled."""
    behind = QWidget()
    qtbot.addWidget(behind)
    opened = ProfileDialog(session, behind)
    opened.open()
    filled(opened, qtbot)
    yield opened  # for as long as the window behind lives


def form_of(selector: ProfileDialog) -> ProfileForm:
    return next(form for form in selector.findChildren(ProfileForm) if form.isVisible())


def filled(selector: ProfileDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: selector.cards.cards.rowCount() > 0)


def listed(selector: ProfileDialog) -> list[str]:
    return [one.id for one in selector.cards.cards.shown]


def press(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, LEFT)


def type_over(qtbot: QtBot, form: ProfileForm, field: str, text: str) -> None:
    editor = form.fields[field]
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    qtbot.keyClicks(editor, text)


def test_that_words_and_the_kind_narrow_the_list(selector: ProfileDialog, qtbot: QtBot) -> None:
    assert len(listed(selector)) == 114
    qtbot.keyClicks(selector.search, "orin 8gb")
    assert set(listed(selector)) == {
        *("jetson-orin-nano-8gb", "jetson-orin-nano-8gb-super"),
        *("jetson-orin-nx-8gb", "jetson-orin-nx-8gb-super"),
    }
    selector.search.clear()
    selector.family.setFocus()
    qtbot.keyClicks(selector.family, "Apple")
    selector.family.activated.emit(selector.family.currentIndex())
    assert listed(selector) == ["apple-m1"]
    qtbot.keyClicks(selector.search, "toaster")
    assert listed(selector) == []
    assert not selector.choose.isEnabled()


def test_that_the_marks_follow_the_theme(qtbot: QtBot) -> None:
    legend, before_mode = MarksLegend(), theme.mode()
    qtbot.addWidget(legend)

    def shapes() -> list[QImage]:
        pixmaps = [label.pixmap() for label in legend.findChildren(QLabel)]
        return [each.toImage() for each in pixmaps if not each.isNull()]

    try:
        theme.set_mode("light")
        light = shapes()
        theme.set_mode("dark")
        assert len(light) == 4
        assert all(one != other for one, other in zip(light, shapes(), strict=True))
    finally:
        theme.set_mode(before_mode)


def test_that_a_device_is_chosen_by_keys_and_shown_in_the_panel(
    own: Path, window: MainWindow, qtbot: QtBot, dialog: Find
) -> None:
    qtbot.mouseClick(window.project_panel.target, LEFT)
    selector = cast("ProfileDialog", dialog(ProfileDialog))
    filled(selector, qtbot)
    qtbot.keyClicks(selector.search, "rpi-5")
    qtbot.keyClick(selector.search, Qt.Key.Key_Down)
    qtbot.keyClick(selector.cards, Qt.Key.Key_Return)
    assert window.session.target.is_at("rpi-5")
    qtbot.waitUntil(lambda: "Raspberry Pi 5" in window.project_panel.target.accessibleName())


def test_that_a_power_mode_is_chosen_with_the_device(
    selector: ProfileDialog, session: Session, qtbot: QtBot
) -> None:
    card = TargetCard(session.target)
    qtbot.addWidget(card)
    selector.cards.look_at("jetson-orin-nx-16gb")
    selector.page.modes.setFocus()
    qtbot.keyClicks(selector.page.modes, "15W")
    selector.page.modes.activated.emit(selector.page.modes.currentIndex())
    assert "4 SM at 612 MHz" in words(selector, "Units")
    press(qtbot, selector.choose)
    assert session.target.is_at("jetson-orin-nx-16gb", "15W")
    qtbot.waitUntil(lambda: "15W" in card.accessibleName())


def words(selector: ProfileDialog, label: str) -> tuple[str, ...]:
    return next(row.values for row in selector.page.rows.facts.rows if row.label == label)


def test_that_the_facts_say_how_they_are_known(selector: ProfileDialog) -> None:
    selector.cards.look_at("intel-core-i7-8700t")
    facts = selector.page.rows.facts
    row = next(at for at, one in enumerate(facts.rows) if one.label == "INT8")
    assert facts.index(row, 2).data() == "assumed"
    assert facts.index(row, 2).data(Qt.ItemDataRole.DecorationRole) is not None


def test_that_up_to_four_are_compared_and_differences_are_marked(
    selector: ProfileDialog, qtbot: QtBot
) -> None:
    assert not selector.compare.isEnabled()
    ids = ["jetson-orin-nano-8gb", "jetson-orin-nano-8gb-super", "rpi-5", "intel-igpu-lnl"]
    for id in (*ids, "cloud-t4"):
        selector.cards.look_at(id)
        qtbot.keyClick(selector.cards, Qt.Key.Key_Space)
    assert list(selector.cards.cards.compared) == ids
    press(qtbot, selector.compare)
    facts = selector.page.rows.facts
    told = [facts.index(row, 0).data() for row in range(facts.rowCount())]
    assert "≠ INT8" in told
    press(qtbot, selector.page.back)
    assert selector.cards.cards.compared == ()
    assert facts.columnCount() == 3


def test_that_a_click_on_the_box_of_a_card_ticks_it(selector: ProfileDialog, qtbot: QtBot) -> None:
    area = selector.cards.visualRect(selector.cards.cards.index(1))
    at = QPoint(area.right() - 24, area.center().y())
    qtbot.mouseClick(selector.cards.viewport(), LEFT, pos=at)
    assert selector.cards.cards.compared == (listed(selector)[1],)
    qtbot.mouseClick(selector.cards.viewport(), LEFT, pos=at)
    assert selector.cards.cards.compared == ()


def test_that_a_copy_is_checked_while_it_is_typed_then_saved_and_deleted(
    selector: ProfileDialog, qtbot: QtBot, own: Path
) -> None:
    selector.cards.look_at("rpi-5")
    press(qtbot, selector.copy)
    form = form_of(selector)
    type_over(qtbot, form, "memory_gb", "much")
    type_over(qtbot, form, "core_ghz", "99")
    assert not form.save.isEnabled()
    assert "must be a number" in form.problem("memory_gb")
    assert "must lie between 0.1 and 8 GHz" in form.problem("core_ghz")
    type_over(qtbot, form, "memory_gb", "16")
    type_over(qtbot, form, "core_ghz", "3")
    type_over(qtbot, form, "name", "Kiosk")
    press(qtbot, form.save)
    qtbot.waitUntil(lambda: "kiosk" in listed(selector))
    assert profiles(own)["kiosk"].memory_gb == 16
    qtbot.waitUntil(selector.delete.isVisible)
    press(qtbot, selector.delete)
    assert "kiosk" in profiles(own)
    press(qtbot, selector.confirm)
    qtbot.waitUntil(lambda: "kiosk" not in listed(selector))


def test_that_what_came_along_can_be_copied_but_not_edited(selector: ProfileDialog) -> None:
    selector.cards.look_at("rpi-5")
    assert selector.copy.isEnabled()
    assert not selector.edit.isVisible()
    assert not selector.delete.isVisible()


def test_that_a_broken_file_is_shown_with_its_reasons(
    own: Path, session: Session, qtbot: QtBot
) -> None:
    own.mkdir()
    text = text_of_profile(profiles(own)["rpi-5"]).replace('"rpi-5"', '"<b>mine</b>"')
    (own / "mine.toml").write_text(text, encoding="utf-8")
    behind = QWidget()
    qtbot.addWidget(behind)
    opened = ProfileDialog(session, behind)
    filled(opened, qtbot)
    assert "mine.toml cannot be used" in opened.broken[0].accessibleName()
    assert "<b>mine</b>" in opened.broken[0].accessibleName()


def test_that_a_project_keeps_its_target(
    session: Session, sample_model: Path, qtbot: QtBot
) -> None:
    session.target.choose("jetson-nano-2gb", "5W")
    with qtbot.waitSignal(session.keeper.created, timeout=60_000):
        session.open(sample_model)
    with qtbot.waitSignal(session.keeper.saved, timeout=60_000):
        session.target.choose("jetson-nano-2gb", "MAXN")
    folder = session.keeper.folder
    assert folder is not None
    session.target.choose("rpi-5")
    with qtbot.waitSignal(session.keeper.saved, timeout=60_000):
        session.target.choose("jetson-nano-2gb", "5W")
    session.target.restore(None)
    with qtbot.waitSignal(session.keeper.opened, timeout=60_000):
        session.open(folder)
    qtbot.waitUntil(lambda: session.target.is_at("jetson-nano-2gb", "5W"), timeout=60_000)


def test_that_a_target_that_is_not_here_is_said(
    own: Path, window: MainWindow, qtbot: QtBot
) -> None:
    window.session.target.choose("somebodys-own")
    card = window.project_panel.target
    qtbot.waitUntil(lambda: "not on this computer" in card.accessibleName())
