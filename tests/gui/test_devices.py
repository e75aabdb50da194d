"""The list of devices by clicks: boards that were added, what is known of them, what goes wrong."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.remote.board import Board
from core.remote.boards import add_board, boards, configuration_folder
from gui.devices.board_page import BoardPage
from gui.devices.local_page import LocalPage
from gui.dialogs.devices_dialog import DevicesDialog
from gui.window import MainWindow
from tests.gui.conftest import JOB_MS
from tests.remote.sshd import free_port

LEFT = Qt.MouseButton.LeftButton
FindDialog = Callable[[type[QDialog]], QDialog]


@pytest.fixture
def away() -> Board:
    """A board that was added and does not answer now."""
    board = Board(
        name="Orin in the lab",
        kind="jetson",
        host="127.0.0.1",
        port=free_port(),
        user="nvidia",
        host_key="ssh-ed25519 AAAA",
        serial="1423021",
    )
    add_board(board)
    return board


@pytest.fixture
def devices(away: Board, window: MainWindow, qtbot: QtBot, dialog: FindDialog) -> DevicesDialog:
    """The list, opened from the menu once everything was looked for."""
    session = window.session
    session.measuring.scan()
    qtbot.waitUntil(lambda: bool(session.devices and session.fleet.boards), timeout=JOB_MS)
    window.actions_.devices.trigger()
    shown = dialog(DevicesDialog)
    assert isinstance(shown, DevicesDialog)
    return shown


def page_of(devices: DevicesDialog) -> QWidget:
    return next(
        page
        for kind in (BoardPage, LocalPage)
        for page in devices.findChildren(kind)
        if page.isVisible()
    )


def board_page(devices: DevicesDialog, board: Board, qtbot: QtBot) -> BoardPage:
    qtbot.mouseClick(devices.card(board.id), LEFT)
    page = page_of(devices)
    assert isinstance(page, BoardPage)
    return page


def press(page: QWidget, words: str, qtbot: QtBot) -> None:
    button = next(b for b in page.findChildren(QPushButton) if b.text() == words)
    qtbot.mouseClick(button, LEFT)


def test_that_this_computer_comes_first_and_is_in_use(
    devices: DevicesDialog, window: MainWindow, away: Board
) -> None:
    assert isinstance(page_of(devices), LocalPage)
    assert "in use" in devices.card("local").accessibleName()
    assert "not checked" in devices.card(away.id).accessibleName()
    assert "Orin in the lab" in window.project_panel.device_card(away.id).accessibleName()


def test_that_a_board_that_does_not_answer_says_so_with_a_remedy(
    devices: DevicesDialog, away: Board, qtbot: QtBot
) -> None:
    page = board_page(devices, away, qtbot)
    press(page, "Check again", qtbot)
    qtbot.waitUntil(page.trouble.isVisible, timeout=JOB_MS)
    assert "Nothing answers at 127.0.0.1" in page.trouble.accessibleName()
    assert "openssh-server" in page.trouble.accessibleName()
    assert "not reached" in devices.card(away.id).accessibleName()


def test_that_a_board_whose_file_is_damaged_is_told(
    devices: DevicesDialog, window: MainWindow, qtbot: QtBot
) -> None:
    assert not devices.unreadable.isVisible()
    (configuration_folder() / "boards" / "damaged.json").write_text("{}", encoding="utf-8")
    window.session.fleet.load()
    qtbot.waitUntil(devices.unreadable.isVisible, timeout=JOB_MS)
    assert devices.unreadable.text().startswith("damaged.json cannot be used. ")


def test_that_a_name_that_cannot_be_kept_is_said(
    devices: DevicesDialog, away: Board, window: MainWindow, qtbot: QtBot
) -> None:
    folder = configuration_folder() / "boards"
    folder.rename(folder.with_name("away"))
    folder.write_text("no folder", encoding="utf-8")
    assert window.session.troubles.at("device") is None
    window.session.fleet.rename(away, "Another")
    qtbot.waitUntil(lambda: window.session.troubles.at("device") is not None, timeout=JOB_MS)


def test_that_a_board_is_renamed_by_typing(
    devices: DevicesDialog, away: Board, window: MainWindow, qtbot: QtBot
) -> None:
    page = board_page(devices, away, qtbot)
    page.name.selectAll()
    qtbot.keyClicks(page.name, "Bench <b>Orin</b>")
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: boards().named(away.id).name == "Bench <b>Orin</b>", timeout=JOB_MS)
    card = window.project_panel.device_card(away.id)
    qtbot.waitUntil(lambda: "Bench <b>Orin</b>" in card.accessibleName(), timeout=JOB_MS)


def test_that_a_board_is_forgotten_only_after_a_second_question(
    devices: DevicesDialog, away: Board, window: MainWindow, qtbot: QtBot
) -> None:
    page = board_page(devices, away, qtbot)
    assert not page.forget.isVisible()
    press(page, "Remove…", qtbot)
    qtbot.waitUntil(page.forget.isVisible)
    press(page, "Only forget it here", qtbot)
    qtbot.waitUntil(lambda: not window.session.fleet.boards, timeout=JOB_MS)
    assert not boards().found
    qtbot.waitUntil(lambda: isinstance(page_of(devices), LocalPage), timeout=JOB_MS)


def test_that_a_project_whose_board_is_gone_says_so_and_can_choose_another(
    window: MainWindow, qtbot: QtBot
) -> None:
    session = window.session
    session.measuring.scan()
    qtbot.waitUntil(lambda: bool(session.devices), timeout=JOB_MS)
    qtbot.waitUntil(lambda: session.fleet.is_loaded, timeout=JOB_MS)
    session.measuring.choose("0123456789ab")
    trouble = session.troubles.at("device")
    assert trouble is not None and "not known here" in trouble.what
    assert session.obstacle
    qtbot.mouseClick(window.project_panel.device_card("local"), LEFT)
    assert session.troubles.at("device") is None
    assert session.device is not None and session.device.id == "local"
