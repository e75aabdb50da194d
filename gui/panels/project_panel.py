"""The left panel: what I have. Model, images, devices and runs, each a card to press."""

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.devices.base import DeviceFacts
from core.jobs.kinds.examine import Examination
from core.model.reservations import is_total
from core.remote.board import Board
from core.runtimes import runtimes
from gui import theme
from gui.devices.board_words import card_words, condition_kind, condition_tone, condition_words
from gui.devices.profile_card import TargetCard
from gui.panels.cards import ThingCard
from gui.panels.text import Heading, Text, plain_tip
from gui.panels.trouble_card import TroubleCard
from gui.session import Session
from gui.trouble import Place
from gui.wording import (
    brief_shape_words,
    count_words,
    counted,
    file_words,
    shape_words,
    size_words,
)


class ProjectPanel(QScrollArea):
    """Shows the session's things and asks for changes; decides nothing."""

    model_wanted = Signal()
    images_wanted = Signal()
    device_details_wanted = Signal()
    device_scan_wanted = Signal()
    device_add_wanted = Signal()
    target_wanted = Signal()
    advisor_wanted = Signal()
    preflight_wanted = Signal()
    sample_wanted = Signal()
    history_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setProperty("surface", "panel")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._page = QVBoxLayout(page)
        self._page.setContentsMargins(12, 0, 12, 12)
        self._page.setSpacing(6)
        self.setWidget(page)
        self._troubles: dict[Place, TroubleCard] = {}
        self._build_model()
        self._build_images()
        self._build_devices()
        self._build_runs()
        self._page.addStretch(1)
        self._connect()

    def _build_model(self) -> None:
        self._page.addWidget(Heading("Model"))
        self.model = ThingCard("Model")
        self.model.clicked.connect(self.model_wanted)
        self._page.addWidget(self.model)
        self._sample = _link("Open the sample", self.sample_wanted)
        self._page.addWidget(self._sample)
        self._add_trouble("model", self.model_wanted)

    def _build_images(self) -> None:
        self._page.addWidget(Heading("Images"))
        self.images = ThingCard("Images")
        self.images.clicked.connect(self.images_wanted)
        self._page.addWidget(self.images)
        self._add_trouble("images", self.images_wanted)

    def _build_devices(self) -> None:
        self._page.addWidget(Heading("Devices"))
        self._device_cards: dict[str, ThingCard] = {}
        self._devices = _column()
        self._page.addLayout(self._devices)
        self._searching = Text("Looking at this computer…", size=theme.SMALL, tone="dim")
        self._page.addWidget(self._searching)
        self.add_device = _link("+ Add a device…", self.device_add_wanted)
        self._page.addWidget(self.add_device)
        self._details = _link("About these devices…", self.device_details_wanted)
        self._page.addWidget(self._details)
        self._add_trouble("device", self.device_scan_wanted)
        self._page.addWidget(Heading("Target device"))
        self.target = TargetCard(self._session.target)
        self.target.clicked.connect(self.target_wanted)
        self._page.addWidget(self.target)
        self.advisor = _link("Ask the advisor…", self.advisor_wanted)
        self._page.addWidget(self.advisor)
        self.preflight = _link("Pre-flight for TensorRT…", self.preflight_wanted)
        self._page.addWidget(self.preflight)
        self._session.target.changed.connect(self._show_target)
        self._show_target()

    def _build_runs(self) -> None:
        self._runs_heading = Heading("Runs")
        self._page.addWidget(self._runs_heading)
        self._run_cards: dict[str, ThingCard] = {}
        self._runs = _column()
        self._page.addLayout(self._runs)
        self.history = _link("History…", self.history_wanted)
        self._page.addWidget(self.history)

    def _add_trouble(self, place: Place, remedy: SignalInstance) -> None:
        card = TroubleCard()
        card.dismissed.connect(lambda: self._session.troubles.clear(place))
        card.action_wanted.connect(remedy)
        self._troubles[place] = card
        self._page.addWidget(card)

    def _connect(self) -> None:
        session = self._session
        session.model_changed.connect(self._show_model)
        session.images_changed.connect(self._show_images)
        session.accuracy.changed.connect(self._show_images)
        session.device_changed.connect(self._show_devices)
        session.fleet.changed.connect(self._show_devices)
        session.runs.changed.connect(self._show_runs)
        session.results.changed.connect(self._show_runs)
        session.troubles.changed.connect(self._show_trouble)
        for show in (self._show_model, self._show_images, self._show_devices, self._show_runs):
            show()

    def _show_model(self) -> None:
        model = self._session.model
        self._sample.setVisible(model is None and self._session.opening is None)
        self.model.set_chosen(model is not None)
        if self._session.opening is not None:
            self.model.show_thing(self._session.opening.name, "Opening…")
        elif model is None:
            self.model.show_thing("Open a model…", "ONNX, PyTorch and more; or drop it here")
        else:
            graph = model.graph
            inputs = ", ".join(f"{t.name} {brief_shape_words(t.shape)}" for t in graph.inputs)
            inputs_in_full = ", ".join(f"{t.name} {shape_words(t.shape)}" for t in graph.inputs)
            total = is_total(model.inspection.summary)
            operations = f" · {count_words(graph.operations, 'FLOP')}" if total else ""
            self.model.setToolTip(plain_tip(f"{model.path}\ninput {inputs_in_full}"))
            self.model.show_thing(
                model.title,
                f"{size_words(graph.file_bytes)} · {count_words(graph.parameters, 'parameters')}"
                f"{operations}" + (f"\ninput {inputs}" if inputs else ""),
                graph.version.replace("opset ", ""),
            )

    def _show_images(self) -> None:
        images = self._session.images
        path = self._session.images_path
        self.images.set_chosen(images is not None)
        if images is not None and path is not None:
            found = images.examination
            chip, kind = ("labels", "good") if found.labelled else ("no labels", "plain")
            self.images.show_thing(file_words(path), self._images_words(found), chip, kind)
        elif path is not None:
            self.images.show_thing(file_words(path), self._images_state())
        else:
            self.images.show_thing(
                "Add images…", "To check accuracy and calibrate INT8; without them: speed only"
            )

    def _images_words(self, found: Examination) -> str:
        """“400 images of 10 classes”, what judges the answers, and how images are prepared."""
        contract = found.contract.sentence() if found.contract else ""
        lines = (found.sentence, self._session.accuracy.sentence, contract)
        return "\n".join(line for line in lines if line)

    def _images_state(self) -> str:
        if self._session.troubles.at("images") is not None:
            return "Cannot be used"
        return "Looking at the images…" if self._session.model else "Waiting for a model"

    def _show_devices(self) -> None:
        devices, fleet = self._session.devices, self._session.fleet
        self._searching.setVisible(not devices and self._session.troubles.at("device") is None)
        self._details.setVisible(bool(devices))
        inside = [device for device in devices if fleet.board(device.id) is None]
        self._drop_device_cards({each.id for each in (*inside, *fleet.boards)})
        for device in inside:
            self._show_device(device)
        for board in fleet.boards:
            self._show_board(board)
        for place, each in enumerate((*inside, *fleet.boards)):
            self._devices.insertWidget(place, self._device_cards[each.id])
        chosen = self._session.device
        for name, card in self._device_cards.items():
            card.set_chosen(chosen is not None and chosen.id == name)

    def _show_device(self, device: DeviceFacts) -> None:
        card = self._device_card(device.id)
        usable = runtime_labels(device)
        cores = [counted(device.cores, "core")] if device.threads else []
        detail = " · ".join([*cores, ", ".join(usable)])
        card.show_thing(device.name, detail, device.boost.split(" (")[0])
        card.set_dot("good" if usable else "faint")
        card.setToolTip(plain_tip(f"{device.processor}\n{device.boost_detail}"))

    def _show_board(self, board: Board) -> None:
        card, fleet = self._device_card(board.id), self._session.fleet
        words, kind = condition_words(fleet, board), condition_kind(fleet, board)
        card.show_thing(board.name, card_words(fleet, board), words, kind)
        card.set_dot(condition_tone(fleet, board))

    def _device_card(self, device_id: str) -> ThingCard:
        if device_id not in self._device_cards:
            card = self._device_cards[device_id] = ThingCard("Device")
            card.clicked.connect(lambda: self._session.measuring.choose(device_id))
            self._devices.addWidget(card)
        return self._device_cards[device_id]

    def _drop_device_cards(self, kept: set[str]) -> None:
        for name in set(self._device_cards) - kept:
            card = self._device_cards.pop(name)
            card.hide()
            card.deleteLater()

    def device_card(self, device_id: str) -> ThingCard:
        return self._device_cards[device_id]

    def _show_target(self) -> None:
        profile = self._session.target.profile
        self.preflight.setVisible(profile is not None and bool(profile.software.tensorrt))

    def _show_runs(self) -> None:
        entries = self._session.runs.entries
        self._runs_heading.setVisible(bool(entries))
        self.history.setVisible(bool(entries))
        for name in set(self._run_cards) - {entry.name for entry in entries}:
            card = self._run_cards.pop(name)
            card.hide()
            card.deleteLater()
        for position, entry in enumerate(entries):
            if entry.name not in self._run_cards:
                card = ThingCard("Run", wraps=True)
                card.clicked.connect(lambda _=False, name=entry.name: self._session.runs.show(name))
                self._run_cards[entry.name] = card
                self._runs.insertWidget(position, card)
            card = self._run_cards[entry.name]
            card.show_thing(entry.title, entry.detail, entry.chip, entry.kind)
            card.set_chosen(entry.name == self._session.results.run)

    def _show_trouble(self, place: Place) -> None:
        if place in self._troubles:
            self._troubles[place].show_trouble(self._session.troubles.at(place))
            self._show_model()
            self._show_images()
            self._show_devices()


def runtime_labels(device: DeviceFacts) -> list[str]:
    known = runtimes()
    return [known[name].label if name in known else name for name in device.runtimes]


def _column() -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    return column


def _link(text: str, signal: SignalInstance) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("look", "link")
    button.clicked.connect(signal)
    return button
