"""A device of this computer in full: what it is, what it is good at, and what can run on it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.devices.base import DeviceFacts
from core.runtimes import runtimes
from gui import theme
from gui.panels.cards import Notice
from gui.panels.section import Section
from gui.panels.text import Facts, Text
from gui.wording import counted, size_words


class LocalPage(QWidget):
    """Shows; nothing of it changes while it is open."""

    measure_wanted = Signal(str)
    """Id of the device that models shall be measured on."""

    def __init__(self, device: DeviceFacts) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(Text(device.name, size=theme.TITLE, bold=True, overflow="wrap"))
        facts = Facts(120)
        facts.add("Processor", device.processor, device.boost.split(" (")[0], "accent")
        add_hardware(facts, device)
        add_runtimes(facts, device)
        column.addWidget(facts)
        column.addWidget(Notice(device.boost, device.boost_detail, "accent"))
        self._build_button(device, column)
        if device.missing_runtimes:
            column.addWidget(missing_section(device))
        column.addStretch(1)

    def _build_button(self, device: DeviceFacts, column: QVBoxLayout) -> None:
        self.measure = QPushButton("Measure here")
        self.measure.setAutoDefault(False)
        self.measure.setEnabled(bool(device.runtimes))
        self.measure.clicked.connect(lambda: self.measure_wanted.emit(device.id))
        column.addWidget(self.measure, 0, Qt.AlignmentFlag.AlignLeft)


def add_hardware(facts: Facts, device: DeviceFacts) -> None:
    """What is known of the hardware and its system; what is not known is left out."""
    cores = counted(device.cores, "core") if device.threads else counted(device.cores, "unit")
    threads = f", {device.threads} threads" if device.threads else ""
    rows = (
        ("Cores", f"{cores}{threads}" if device.cores else ""),
        ("Memory", size_words(device.memory_bytes) if device.memory_bytes else ""),
        ("Instructions", ", ".join(device.instructions)),
        ("Computes in", ", ".join(device.capabilities)),
        ("Compute capability", device.compute_capability),
        ("Driver", device.driver),
        ("System", ", ".join(filter(None, (device.operating_system, device.architecture)))),
    )
    for name, value in rows:
        if value:
            facts.add(name, value)


def add_runtimes(facts: Facts, device: DeviceFacts) -> None:
    """What can run models there."""
    for name, version in device.runtimes.items():
        facts.add(_label(name), version, "usable", "good")


def missing_section(device: DeviceFacts) -> Section:
    """What cannot run models there and why; closed, because most of it is of other computers."""
    facts = Facts(150)
    for name, reason in device.missing_runtimes.items():
        facts.add(_label(name), reason)
    section = Section("Cannot be used here", facts, opened=not device.runtimes)
    section.set_note(str(len(device.missing_runtimes)))
    return section


def _label(name: str) -> str:
    known = runtimes()
    return known[name].label if name in known else name
