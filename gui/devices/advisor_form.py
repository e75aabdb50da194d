"""The question to the advisor: the device and its mode, what counts, the limits, the network."""

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.devices.profile import DeviceProfile
from core.search.advisor.question import AIMS, DeviceAim, DeviceGoal, Network, Question
from core.search.report import Goal
from gui import theme
from gui.panels.inputs import NumberField, Picker, Tickbox
from gui.panels.segments import Segment, Segments
from gui.panels.text import Text

_HELP: dict[DeviceAim, str] = {
    "frames": "As many inferences a second as possible, one after the other",
    "latency": "The shortest time for one inference",
    "accuracy": "The least at stake, as long as the limit is kept",
    "memory": "The smallest process on the device",
    "energy": "The least energy for one inference",
    "size": "The smallest file to ship",
}
_NO_LIMIT = "no limit"
_MOST = 100_000
_KILOBYTE = 1000
_FIELD = 150
_ROUND_TRIP_MS, _UPLOAD_MBIT = 40.0, 20.0
"""Where the fields begin: about a mobile network's."""


class AdvisorForm(QWidget):
    """Tells when the question is another one."""

    changed = Signal()
    device_wanted = Signal()
    """Another device shall be chosen."""
    mode_picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(10)
        column.addLayout(self._build_device())
        self.aim = Segments("What counts most")
        self.aim.set_segments([Segment(aim, words, _HELP[aim]) for aim, words in AIMS.items()])
        self.aim.press("frames")
        self.aim.picked.connect(self.changed)
        column.addWidget(self.aim)
        column.addLayout(self._build_limits())
        column.addLayout(self._build_network())

    def _build_device(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(Text("Device", tone="dim"))
        self.device = QPushButton()
        self.device.setAutoDefault(False)
        self.device.setToolTip("Choose another device")
        self.device.clicked.connect(self.device_wanted)
        row.addWidget(self.device)
        self._mode_name = Text("Power mode", tone="dim")
        self.mode = Picker()
        self.mode.setAccessibleName("Power mode")
        self.mode.setMinimumWidth(_FIELD)
        self.mode.activated.connect(lambda: self.mode_picked.emit(self.mode.currentData()))
        row.addSpacing(theme.GAP)
        row.addWidget(self._mode_name)
        row.addWidget(self.mode)
        row.addStretch(1)
        return row

    def _build_limits(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        self.frames = _limit("Frames a second, at least", "a second")
        self.latency = _limit("One inference, at most", "ms")
        for field in (self.frames, self.latency):
            row.addWidget(Text(field.accessibleName(), tone="dim"))
            row.addWidget(field)
            row.addSpacing(theme.GAP)
            field.valueChanged.connect(self.changed)
        row.addStretch(1)
        return row

    def _build_network(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP)
        self.cloud = Tickbox("Compare with a cloud")
        self.cloud.setAccessibleDescription("Edge or cloud, given the network between them")
        grid.addWidget(self.cloud, 0, 0)
        self.round_trip = NumberField(0.1, _MOST, "ms", decimals=1)
        self.upload = NumberField(0.01, _MOST, "Mbit/s", decimals=2)
        self.payload = NumberField(0, 1_000_000, "KB", decimals=1)
        self.payload.setSpecialValueText("the input as it is")
        self.round_trip.setValue(_ROUND_TRIP_MS)
        self.upload.setValue(_UPLOAD_MBIT)
        self._network_fields = QWidget()
        row = QHBoxLayout(self._network_fields)
        row.setContentsMargins(0, 0, 0, 0)
        names = ("There and back", "Upload", "Sent each time")
        for name, field in zip(names, (self.round_trip, self.upload, self.payload), strict=True):
            field.setAccessibleName(name)
            field.setMinimumWidth(110)
            row.addWidget(Text(name, tone="dim"))
            row.addWidget(field)
            row.addSpacing(theme.GAP)
            field.valueChanged.connect(self.changed)
        row.addStretch(1)
        self._network_fields.hide()
        grid.addWidget(self._network_fields, 0, 1)
        grid.setColumnStretch(1, 1)
        self.cloud.toggled.connect(self._network_fields.setVisible)
        self.cloud.toggled.connect(self.changed)
        return grid

    def begin_with(self, goal: Goal) -> None:
        """Ask for what the project optimizes for, until somebody asks otherwise."""
        self.aim.press(goal.aim)
        self.latency.setValue(goal.max_latency_ms or 0)

    def show_device(self, profile: DeviceProfile | None, mode: str | None) -> None:
        self.device.setText(profile.name if profile else "Choose a device…")
        self.device.setAccessibleName(f"Device: {self.device.text()}")
        modes = [one.name for one in profile.power_modes] if profile else []
        for widget in (self._mode_name, self.mode):
            widget.setVisible(len(modes) > 1)
        self.mode.clear()
        for name in modes:
            is_default = profile is not None and name == profile.default_mode
            self.mode.addItem(f"{name} (a new board’s)" if is_default else name, name)
        shown = mode or (profile.default_mode if profile else None)
        self.mode.setCurrentIndex(max(self.mode.findData(shown), 0))

    def question(self) -> Question:
        return Question(
            goal=DeviceGoal(
                aim=cast("DeviceAim", self.aim.pressed()),
                frames_per_second=self.frames.value() or None,
                latency_ms=self.latency.value() or None,
            ),
            mode=self.mode.currentData() if self.mode.count() > 1 else None,
            network=self._network(),
        )

    def _network(self) -> Network | None:
        if not self.cloud.isChecked():
            return None
        return Network(
            round_trip_ms=self.round_trip.value(),
            mbit=self.upload.value(),
            payload_bytes=round(self.payload.value() * _KILOBYTE) or None,
        )


def _limit(name: str, unit: str) -> NumberField:
    """A field that is no limit at 0."""
    field = NumberField(0, _MOST, unit, decimals=1)
    field.setSpecialValueText(_NO_LIMIT)
    field.setAccessibleName(name)
    field.setMinimumWidth(_FIELD)
    return field
