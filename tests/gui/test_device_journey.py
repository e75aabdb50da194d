"""From “Add a device” to the first benchmark on a real board: an SSH server on loopback."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.remote.boards import boards
from core.remote.keys import own_key
from core.remote.secure_shell import public_line_of
from gui.devices.add_dialog import AddDeviceDialog
from gui.devices.bench_dialog import BenchDialog
from gui.window import MainWindow
from tests.fake_tools.jetson import PASSWORD, USER, fake_jetson
from tests.gui.conftest import JOB_MS
from tests.remote.sshd import Sshd, free_port

LEFT = Qt.MouseButton.LeftButton
DialogT = TypeVar("DialogT", bound=QDialog)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Sshd]:
    """It lets our key in, as after a first login."""
    sshd = Sshd(tmp_path / "board")
    sshd.authorize(public_line_of(own_key()))
    sshd.start()
    yield sshd
    sshd.stop()


class Person:
    """Clicks and types, and waits for what is seen."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        window.session.measuring.scan()
        self.wait(lambda: window.session.device is not None)

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=JOB_MS)

    def click(self, widget: QWidget) -> None:
        self.wait(lambda: widget.isVisible() and widget.isEnabled())
        self.qtbot.mouseClick(widget, LEFT)

    def press(self, words: str, parent: QWidget) -> None:
        self.click(next(b for b in parent.findChildren(QPushButton) if b.text() == words))

    def begin_to_add(self) -> AddDeviceDialog:
        self.click(self.window.project_panel.add_device)
        self.wait(lambda: bool(self.dialogs(AddDeviceDialog)))
        return self.dialogs(AddDeviceDialog)[0]

    def dialogs(self, kind: type[DialogT]) -> list[DialogT]:
        return [each for each in self.window.findChildren(kind) if each.isVisible()]

    def type(self, field: QLineEdit, text: str) -> None:
        self.wait(field.isVisible)
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, text)

    def say_where(self, dialog: AddDeviceDialog, port: int, user: str) -> None:
        self.type(dialog.where.host, "127.0.0.1")
        self.type(dialog.where.port.lineEdit(), str(port))
        self.type(dialog.where.user, user)
        self.press("Look there", dialog)

    def accept_key(self, dialog: AddDeviceDialog) -> None:
        self.wait(dialog.key.isVisible)
        assert not dialog.on.isEnabled(), "nobody has compared it yet"
        assert dialog.focusWidget() is dialog.key.same, "that is to be done next"
        self.qtbot.mouseClick(dialog.key.same, LEFT)
        self.press("It is the right one", dialog)
        self.wait(dialog.sign_in.isVisible)

    def sign_in(self, dialog: AddDeviceDialog, password: str = "") -> None:
        self.type(dialog.sign_in.field, password)
        self.press("Sign in and set up", dialog)

    def wait_until_added(self, dialog: AddDeviceDialog) -> None:
        self.wait(lambda: dialog.on.text() == "Use this device" and dialog.on.isEnabled())


@pytest.fixture
def person(window: MainWindow, qtbot: QtBot) -> Person:
    return Person(window, qtbot)


def test_that_a_board_is_added_by_clicks_and_then_measures_a_model(
    person: Person, window: MainWindow, board: Sshd, tiny_model: Path
) -> None:
    dialog = person.begin_to_add()
    person.say_where(dialog, board.port, board.user)
    person.accept_key(dialog)
    person.sign_in(dialog)
    person.wait_until_added(dialog)
    assert any(words.startswith("Python: good") for words in dialog.found.checks.words)
    person.type(dialog.found.name, "Loopback")
    person.press("Use this device", dialog)

    session = window.session
    person.wait(lambda: [each.name for each in session.fleet.boards] == ["Loopback"])
    (added,) = session.fleet.boards
    assert added.host_key == board.host_key
    card = window.project_panel.device_card(added.id)
    person.wait(lambda: card.chosen and "Loopback" in card.accessibleName())

    session.open(tiny_model)
    person.wait(lambda: session.model is not None)
    session.set_goal(session.goal, effort="quick")
    window.actions_.benchmark.trigger()
    person.wait(lambda: bool(person.dialogs(BenchDialog)))
    bench = person.dialogs(BenchDialog)[0]
    assert bench.form.device.currentText() == "Loopback"
    bench.form.runtime.setFocus()
    person.qtbot.keyClicks(bench.form.runtime, "ONNX")
    assert bench.form.runtime.currentText() == "ONNX Runtime"
    person.press("Measure", bench)
    person.wait(lambda: bench.view.isVisible() or bench.trouble.isVisible())
    assert not bench.trouble.isVisible(), bench.trouble.accessibleName()
    assert bench.view.where.text().startswith("Measured on Loopback")
    assert bench.view.table.rowCount() >= 1
    named = bench.view.table.item(0, 0)
    assert named is not None and named.text() == f"{session.model.title} · ONNX Runtime"
    figure = bench.view.table.item(0, 1)
    assert figure is not None
    assert re.fullmatch(r"[\d.]+ (µs|ms) \(.+ to .+\)", figure.text()), "a time with its interval"


def test_that_an_address_where_nothing_listens_is_said_beside_it(person: Person) -> None:
    dialog = person.begin_to_add()
    person.say_where(dialog, free_port(), "pi")
    person.wait(dialog.trouble.isVisible)
    assert "Nothing answers at 127.0.0.1" in dialog.trouble.accessibleName()
    assert dialog.where.isVisible()
    assert dialog.on.isEnabled(), "it can be tried again"


def test_that_a_key_that_changes_before_the_login_stops_it(person: Person, board: Sshd) -> None:
    dialog = person.begin_to_add()
    person.say_where(dialog, board.port, board.user)
    person.accept_key(dialog)
    board.stop()
    board.new_host_key()
    board.start()
    person.sign_in(dialog, "not for a stranger")
    person.wait(dialog.trouble.isVisible)
    words = dialog.trouble.accessibleName()
    assert "shows another key" in words
    assert "Neither the password nor anything signed with your key was sent" in words
    assert dialog.where.isVisible()
    assert not boards().found


def test_that_a_wrong_password_leads_back_and_the_right_one_is_used_once(
    person: Person, tmp_path: Path
) -> None:
    with fake_jetson(tmp_path, "orin-nano-jetpack-6.2") as jetson:
        jetson.takes_any_key = False
        dialog = person.begin_to_add()
        person.say_where(dialog, jetson.port, USER)
        person.accept_key(dialog)
        person.sign_in(dialog, "a wrong one")
        person.wait(dialog.trouble.isVisible)
        assert "does not let" in dialog.trouble.accessibleName()
        assert dialog.sign_in.isVisible()
        assert dialog.focusWidget() is dialog.sign_in.field, "it can be typed again at once"
        person.sign_in(dialog, PASSWORD)
        person.wait_until_added(dialog)
        assert dialog.sign_in.password == ""
        assert jetson.passwords_seen[-1] == PASSWORD
        assert any(words.startswith("JetPack: good") for words in dialog.found.checks.words)
        person.press("Use this device", dialog)

        session = person.window.session
        person.wait(lambda: bool(session.fleet.boards))
        seen = len(jetson.passwords_seen)
        job = session.fleet.check(session.fleet.boards[0].id)
        with person.qtbot.waitSignal(job.finished, timeout=JOB_MS):
            pass
        assert len(jetson.passwords_seen) == seen, "from now on the key is enough"
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent.name == "boards"]
    assert kept
    assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]
