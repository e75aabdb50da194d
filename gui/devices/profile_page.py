"""The right side of the selector: one profile in full, in a power mode, or several side by side."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.devices.profile import FAMILIES, DeviceProfile
from gui import theme
from gui.devices.profile_marks import MarksLegend
from gui.devices.profile_rows import ProfileRows
from gui.panels.inputs import Picker
from gui.panels.text import Chip, Text

_AT_MOST = "Highest clocks"


class ProfilePage(QWidget):
    """Shows what it is given; remembers which power mode a person picked."""

    left = Signal()
    """The comparison shall end."""

    def __init__(self) -> None:
        super().__init__()
        self._profile: DeviceProfile | None = None
        self.compares = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._build_head())
        self.note = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self.rows = ProfileRows()
        self.source = Text(size=theme.TINY, tone="faint", overflow="wrap")
        for widget in (self.note, self._build_mode(), self.rows, self.source, MarksLegend()):
            column.addWidget(widget)
        column.setStretchFactor(self.rows, 1)

    def _build_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        self.title = Text(size=theme.TITLE, bold=True, overflow="cut end")
        self._kind = Chip()
        self.back = QPushButton("Back to one")
        self.back.setAutoDefault(False)
        self.back.clicked.connect(self.left)
        self.back.hide()
        for widget in (self.title, self._kind, self.back):
            head.addWidget(widget)
        return head

    def _build_mode(self) -> QWidget:
        self._mode_row = QWidget()
        row = QHBoxLayout(self._mode_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Text("Power mode", size=theme.SMALL, tone="dim"))
        self.modes = Picker()
        self.modes.setAccessibleName("Power mode")
        self.modes.setSizeAdjustPolicy(Picker.SizeAdjustPolicy.AdjustToContents)
        self.modes.activated.connect(self._show_facts)
        row.addWidget(self.modes)
        self._mode_told = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        row.addWidget(self._mode_told, 1)
        return self._mode_row

    @property
    def mode(self) -> str | None:
        """Name of the picked power mode; None for the highest clocks."""
        return self.modes.currentData()

    def show_profile(self, profile: DeviceProfile | None, mode: str | None = None) -> None:
        """`mode` is picked to begin with."""
        self._profile, self.compares = profile, False
        self.back.hide()
        self.title.setText(profile.name if profile else "")
        self._kind.show_as(FAMILIES[profile.family] if profile else "")
        self._say(self.note, profile.note if profile else "")
        self._say(self.source, f"Source: {profile.source}" if profile and profile.source else "")
        self._fill_modes(profile, mode)
        self._show_facts()

    def show_comparison(self, profiles: Sequence[DeviceProfile]) -> None:
        """At their highest clocks."""
        self.compares = True
        self.title.setText("Side by side" if profiles else "Tick cards to compare them")
        self._kind.show_as("")
        for widget in (self.note, self.source, self._mode_row):
            widget.hide()
        self.back.show()
        self.rows.show_profiles(profiles)

    def _fill_modes(self, profile: DeviceProfile | None, mode: str | None) -> None:
        self.modes.clear()
        self.modes.addItem(_AT_MOST, None)
        for one in profile.power_modes if profile else ():
            words = f"{one.name} (default)" if one.default else one.name
            self.modes.addItem(words, one.name)
        self.modes.setCurrentIndex(max(0, self.modes.findData(mode)))
        self._mode_row.setVisible(self.modes.count() > 1)

    def _show_facts(self) -> None:
        profile = self._profile
        if profile is None:
            self.rows.show_profiles(())
            return
        self.rows.show_profiles([profile.in_mode(self.mode)])
        picked = profile.mode(self.mode) if self.mode else None
        self._mode_told.setText(picked.note if picked else "")

    def _say(self, label: Text, words: str) -> None:
        label.setText(words)
        label.setVisible(bool(words))
