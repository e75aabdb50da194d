"""The pages of adding a device, ticks of checks, power and engines, each by its own clicks."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.benchmark.results import Energy, Estimate
from core.devices.power.reading import PowerReading, PowerTrace
from core.remote.board import USB_HOST, Board, HostKey
from core.remote.checks import Check
from core.remote.ssh_hosts import SshHost
from core.tensorrt.ledger import EngineHost, EngineRecord
from core.tensorrt.settings import BuildSettings
from gui.devices.address_page import AddressPage, Destination
from gui.devices.check_list import CheckList
from gui.devices.engines_view import EnginesView
from gui.devices.host_key_page import HostKeyPage
from gui.devices.power_view import PowerView
from gui.devices.sign_in_page import SignInPage
from gui.panels.cards import Notice

LEFT = Qt.MouseButton.LeftButton
KEY = HostKey(fingerprint="SHA256:new", key="ssh-ed25519 NEW")
ORIN = Board(
    name="Orin", kind="jetson", host=USB_HOST, user="nvidia", host_key="ssh-ed25519 OLD", serial="1"
)
HOST = EngineHost(serial="1", module="Orin Nano", jetpack="6.2", tensorrt="10.3.0")

Show = Callable[[QWidget], None]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def shown(widget: QWidget) -> None:
        qtbot.addWidget(widget)
        widget.show()

    return shown


def words_in(widget: QWidget) -> str:
    """Every text that is seen, once layouts have shown what was put into them."""
    QApplication.processEvents()
    return "\n".join(text.text() for text in widget.findChildren(QLabel) if text.isVisible())


def type_anew(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_that_the_usb_cable_is_offered_first_and_only_the_user_is_missing(
    qtbot: QtBot, show: Show
) -> None:
    page = AddressPage()
    show(page)
    assert page.place.currentText() == f"Jetson on its USB cable ({USB_HOST})"
    assert page.destination is None
    qtbot.keyClicks(page.user, "nvidia")
    assert page.destination == Destination(USB_HOST, 22, "nvidia")


def test_that_a_host_of_the_persons_own_configuration_fills_all_fields(
    qtbot: QtBot, show: Show
) -> None:
    page = AddressPage()
    show(page)
    page.offer([SshHost("nano", "10.0.0.5", "pi", 2222)])
    page.place.setFocus()
    qtbot.keyClick(page.place, Qt.Key.Key_Down)
    page.place.activated.emit(page.place.currentIndex())
    assert page.destination == Destination("10.0.0.5", 2222, "pi")
    type_anew(qtbot, page.host, "10.0.0.6")
    assert page.place.currentText() == "Another address"
    assert page.destination == Destination("10.0.0.6", 2222, "pi")


@pytest.mark.parametrize(
    ("host", "user"), [("-oProxyCommand=x", "pi"), ("a b", "pi"), ("board", "$(reboot)")]
)
def test_that_what_can_be_no_address_or_user_is_said_at_once(
    qtbot: QtBot, show: Show, host: str, user: str
) -> None:
    page = AddressPage()
    show(page)
    type_anew(qtbot, page.host, host)
    type_anew(qtbot, page.user, user)
    assert page.destination is None
    assert "An address is" in words_in(page) or "A user name has" in words_in(page)


@pytest.mark.parametrize(
    ("known", "kind", "words"),
    [
        ((), "accent", "Nobody has accepted the key"),
        ((ORIN,), "warn", "another board is plugged in"),
        ((ORIN.model_copy(update={"host": "10.0.0.5"}),), "bad", "stands between you and it"),
        ((ORIN.model_copy(update={"host_key": KEY.key}),), "good", "This is the key of “Orin”"),
    ],
)
def test_that_new_changed_swapped_and_known_keys_are_told_apart(
    qtbot: QtBot, show: Show, known: tuple[Board, ...], kind: str, words: str
) -> None:
    page = HostKeyPage()
    show(page)
    page.show_key(KEY, known)
    QApplication.processEvents()
    (notice,) = [each for each in page.findChildren(Notice) if each.isVisible()]
    assert notice.property("notice") == kind
    assert words in notice.accessibleName()
    assert page.fingerprint.text() == "SHA256:new"
    assert not page.accepted
    page.same.setFocus()
    qtbot.keyClick(page.same, Qt.Key.Key_Space)
    assert page.accepted
    page.show_key(KEY, known)
    assert not page.accepted, "a key that is shown anew is compared anew"


def test_that_the_fingerprint_can_be_copied(qtbot: QtBot, show: Show) -> None:
    page = HostKeyPage()
    show(page)
    page.show_key(KEY, ())
    copy = next(
        each
        for each in page.findChildren(QPushButton)
        if each.accessibleName() == "Copy: Fingerprint"
    )
    qtbot.mouseClick(copy, LEFT)
    assert QGuiApplication.clipboard().text() == "SHA256:new"


def test_that_the_password_is_hidden_until_it_is_asked_for_and_then_forgotten(
    qtbot: QtBot, show: Show
) -> None:
    page = SignInPage()
    show(page)
    page.begin("nvidia@192.168.55.1")
    qtbot.keyClicks(page.field, "pass word")
    assert page.field.displayText() != "pass word"
    qtbot.mouseClick(page.reveal, LEFT)
    assert page.field.displayText() == "pass word"
    page.forget()
    assert page.password == ""
    assert page.field.echoMode() == QLineEdit.EchoMode.Password


def test_that_without_a_keyring_nothing_is_remembered_and_the_page_says_why(show: Show) -> None:
    page = SignInPage()
    show(page)
    page.allow_remembering("This system has no keyring.")
    assert not page.remember.isEnabled()
    assert "This system has no keyring." in words_in(page)
    page.allow_remembering("")
    assert page.remember.isEnabled()


def test_that_checks_show_their_remedy_only_where_something_is_wrong(show: Show) -> None:
    checks = CheckList()
    show(checks)
    failed = Check(
        id="disk",
        title="Disk",
        state="failed",
        detail="0.1 GB",
        remedy="Delete old files.",
    )
    checks.add(failed)
    assert checks.words == ["Disk: must be mended. 0.1 GB Delete old files."]
    assert checks.verdict == "Must be mended: Disk."
    checks.add(failed.model_copy(update={"state": "ok", "detail": "9 GB"}))
    assert checks.words == ["Disk: good. 9 GB"]
    assert checks.verdict == "Nothing stands in the way."
    assert "Delete" not in words_in(checks)


def test_that_a_boards_text_stays_plain_text(show: Show) -> None:
    checks = CheckList()
    show(checks)
    hostile = '<b onclick="x">board</b><img src="file:///etc/passwd">'
    checks.add(Check(id="board", title=hostile, state="warn", detail=hostile, remedy=hostile))
    texts = [label for label in checks.findChildren(QLabel) if "onclick" in label.text()]
    assert len(texts) == 3
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in texts)


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=value * 0.9, high=value * 1.1)


def test_that_measured_power_is_drawn_and_worded_with_its_unit(show: Show) -> None:
    readings = tuple(PowerReading(at=float(at), watts=9.0 + at) for at in range(5))
    view = PowerView()
    show(view)
    view.show_energy(
        Energy(
            joules=estimate(0.034),
            watts=estimate(11.0),
            covers="the whole module",
            trace=PowerTrace(source="tegrastats", readings=readings),
        )
    )
    assert "34 mJ (30.6 mJ to 37.4 mJ)" in words_in(view)
    assert view.power.isVisible()
    assert not view.heat.isVisible(), "no reading had a temperature"
    assert "not measured" in words_in(view)


def test_that_power_that_cannot_be_read_says_why_and_no_figure_is_made_up(show: Show) -> None:
    view = PowerView()
    show(view)
    view.show_energy(Energy(missing="Only root may read it.", unread=("the GPU’s clock",)))
    words = words_in(view)
    assert "Only root may read it. Not told by this device: the GPU’s clock." in words
    assert words.count("not measured") == 4
    assert not view.power.isVisible()
    view.show_energy(None)
    assert "were not measured when this was taken" in words_in(view)


def engine(host: EngineHost) -> EngineRecord:
    return EngineRecord(
        host=host,
        model_name="yolo.onnx",
        model_sha256="0" * 64,
        settings=BuildSettings(),
        command=("trtexec", "--fp16"),
        built_at="2026-11-22T20:10:00+00:00",
        build_seconds=712,
        engine_bytes=8_100_000,
        file="engine",
    )


def test_that_an_engine_of_another_tensorrt_is_dimmed_with_a_way_to_rebuild_it(
    qtbot: QtBot, show: Show
) -> None:
    view = EnginesView()
    show(view)
    older = engine(HOST.model_copy(update={"tensorrt": "8.5.2"}))
    view.show_engines([engine(HOST), older], HOST)
    words = words_in(view)
    assert words.count("runs here") == 1
    assert "It was built by TensorRT 8.5.2" in words
    buttons = [each for each in view.findChildren(QPushButton) if each.isVisible()]
    assert [each.text() for each in buttons] == ["Rebuild here"]
    with qtbot.waitSignal(view.rebuild_wanted) as wanted:
        qtbot.mouseClick(buttons[0], LEFT)
    assert wanted.args == [older]
