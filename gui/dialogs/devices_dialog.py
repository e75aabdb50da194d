"""The devices in full: processor, instructions, and what that means for INT8, BF16 and FP32."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from core.devices.base import DeviceFacts
from core.runtimes import runtimes
from gui.dialogs.sheet import Sheet
from gui.panels.cards import Notice
from gui.panels.text import Facts, Text
from gui.session import Session
from gui.wording import size_words


class DevicesDialog(Sheet):
    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(
            "Devices", "Where models can run, and what the processor does well.", parent, 560
        )
        self._session = session
        for device in session.devices:
            self.body.addWidget(self._page(device))
        if not session.devices:
            self.body.addWidget(Text("No device has answered yet.", tone="dim"))
        again = self.add_button("Look again")
        again.clicked.connect(session.scan_devices)
        again.clicked.connect(self.accept)
        close = self.add_button("Done", primary=True)
        close.clicked.connect(self.accept)

    def _page(self, device: DeviceFacts) -> QWidget:
        page = QFrame()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(8)
        column.addWidget(Text(device.name, bold=True))
        facts = Facts(130)
        facts.add("Processor", device.processor, device.boost, "accent")
        cores = f"{device.cores} core{'' if device.cores == 1 else 's'}, {device.threads} threads"
        facts.add("Cores", cores)
        facts.add("Memory", size_words(device.memory_bytes))
        facts.add("Instructions", ", ".join(device.instructions) or "none that help")
        facts.add("System", f"{device.operating_system}, {device.architecture}")
        known = runtimes()
        for name, version in device.runtimes.items():
            label = known[name].label if name in known else name
            facts.add(label, version, "usable", "good")
        for name, reason in device.missing_runtimes.items():
            label = known[name].label if name in known else name
            facts.add(label, reason, "missing", "warn")
        column.addWidget(facts)
        column.addWidget(Notice(device.boost, device.boost_detail, "accent"))
        return page
