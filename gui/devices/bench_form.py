"""What a benchmark asks for: the models, the device, and what may be changed on it meanwhile."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from core.devices.base import DeviceFacts
from core.devices.profile_facts import PowerMode
from core.devices.profile_matching import profile_for
from core.jobs.kinds.bench import PASSWORD, BenchRequest
from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from gui import theme
from gui.jobs import Errand
from gui.measurable import Measurable, measurable
from gui.panels.inputs import Picker, Tickbox
from gui.panels.text import Text
from gui.session import Session
from gui.turns import TURNS

_JETSON = "jetson"
_NAMES = 94
_NOTHING = "nothing"
_EVERY_ONE = "every one there"
_AS_IT_IS = "as it is"
_SETTINGS = (
    "What is changed on the board is put back afterwards, also after a fault. It needs sudo there; "
    "the password is kept in memory for this and written nowhere."
)


class BenchForm(QWidget):
    """`request` is None while nothing can be measured; `obstacle` says why."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._models = _subjects(session)
        self._devices = _devices(session)
        self._modes: tuple[PowerMode, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        self._build_fields(column)
        self._build_settings(column)
        self.images = Tickbox("Check the answers as well, on the project’s images")
        self.images.setVisible(session.images is not None)
        column.addWidget(self.images)
        self._show_device()

    def _build_fields(self, column: QVBoxLayout) -> None:
        self.model, self.beside = Picker(), Picker()
        self.device, self.runtime = Picker(), Picker()
        self.model.addItems([each.label for each in self._models])
        self.beside.addItems([_NOTHING, *(each.label for each in self._models)])
        self.device.addItems([each.name for each in self._devices])
        chosen = self._session.device
        ids = [each.id for each in self._devices]
        if chosen is not None and chosen.id in ids:
            self.device.setCurrentIndex(ids.index(chosen.id))
        self.device.currentIndexChanged.connect(self._show_device)
        for picker in (self.model, self.beside, self.device, self.runtime):
            picker.setSizeAdjustPolicy(
                Picker.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        column.addLayout(
            _grid(
                (("Model", self.model), ("Device", self.device)),
                (("Beside it", self.beside), ("Runtime", self.runtime)),
            )
        )

    def _build_settings(self, column: QVBoxLayout) -> None:
        """For boards whose power and clocks can be set."""
        self._settings = QWidget()
        inner = QVBoxLayout(self._settings)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.GAP)
        self.mode, self.password = Picker(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText("only if sudo asks for one there")
        self.clocks = Tickbox("Hold the clocks high while it measures (jetson_clocks)")
        self.mode.setSizeAdjustPolicy(Picker.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        inner.addLayout(_grid((("Power mode", self.mode), ("sudo password", self.password))))
        inner.addWidget(self.clocks)
        inner.addWidget(Text(_SETTINGS, size=theme.SMALL, tone="dim", overflow="wrap"))
        column.addWidget(self._settings)

    def _show_device(self) -> None:
        device = self.chosen
        self.runtime.clear()
        self.runtime.addItem(_EVERY_ONE, "")
        known = runtimes()
        for name in device.runtimes if device else ():
            self.runtime.addItem(known[name].label if name in known else name, name)
        self._take_modes(())
        self._settings.setVisible(self._has_settings)
        if device is not None and self._has_settings:
            asking = Errand(lambda: (device.id, _modes_of(device)))
            asking.done.connect(self._hear_modes)
            asking.start()
        self.changed.emit()

    @property
    def _has_settings(self) -> bool:
        return self.chosen is not None and self.chosen.kind == _JETSON

    def _hear_modes(self, found: tuple[str, tuple[PowerMode, ...]]) -> None:
        """Those of a device that is not chosen any more are of no use."""
        device_id, modes = found
        if self.chosen is not None and self.chosen.id == device_id:
            self._take_modes(modes)

    def _take_modes(self, modes: tuple[PowerMode, ...]) -> None:
        self._modes = modes
        self.mode.clear()
        self.mode.addItems([_AS_IT_IS, *(mode.name for mode in modes)])

    @property
    def chosen(self) -> DeviceFacts | None:
        index = self.device.currentIndex()
        return self._devices[index] if index >= 0 else None

    @property
    def obstacle(self) -> str:
        device = self.chosen
        if not self._models:
            return "Open a model first."
        if device is None:
            return "No device has answered yet."
        if not device.runtimes:
            return f"Nothing can run models on “{device.name}” yet; see Devices for the remedy."
        return ""

    @property
    def request(self) -> BenchRequest | None:
        device = self.chosen
        if self.obstacle or device is None:
            return None
        asked = [self._models[self.model.currentIndex()]]
        if self.beside.currentIndex() > 0:
            asked.append(self._models[self.beside.currentIndex() - 1])
        models = {each.model: each.label for each in asked}
        mode = self.mode.currentIndex()
        turns = TURNS[self._session.effort]
        return BenchRequest(
            models=tuple(models),
            names=tuple(models.values()),
            choices=_choices(asked, device, self.runtime.currentData()),
            blocks=turns.blocks,
            patience=turns.patience,
            threads=self._session.threads,
            device=device.id,
            data=self._session.images_path if self.images.isChecked() else None,
            contract=self._session.contract,
            power_mode=self._modes[mode - 1].name if mode > 0 else "",
            hold_clocks=self.clocks.isChecked() and self._has_settings,
        )

    @property
    def secrets(self) -> dict[str, str]:
        """Only for a device whose settings they are for: another one must not see them."""
        typed = self.password.text() if self._has_settings else ""
        return {PASSWORD: typed} if typed else {}

    def forget(self) -> None:
        """Overwrite what was typed."""
        self.password.clear()


def _subjects(session: Session) -> list[Measurable]:
    """The open model, then what was made of it."""
    found = measurable(session)
    model = session.model
    if model is not None and model.path not in [each.model for each in found]:
        found.insert(0, Measurable(model.title, model.path, None))
    return found


def _devices(session: Session) -> tuple[DeviceFacts, ...]:
    """What answered, and the boards that did not, as they were last seen."""
    known = {each.id: each for each in (*session.devices, *session.fleet.last_seen)}
    return tuple(sorted(known.values(), key=lambda each: each.kind != "local"))


def _modes_of(device: DeviceFacts) -> tuple[PowerMode, ...]:
    """Reads all profiles; not for the window's thread."""
    profile = profile_for(device)
    return () if profile is None else profile.power_modes


def _choices(
    asked: list[Measurable], device: DeviceFacts, runtime: str
) -> tuple[RuntimeChoice, ...]:
    """A candidate runs as it was made where the device can; else what is picked, or everything."""
    own = [each.choice for each in asked if each.choice is not None]
    able = [choice for choice in own if choice.runtime in device.runtimes]
    made = [choice for choice in able if runtime in ("", choice.runtime)]
    picked = [RuntimeChoice(runtime=runtime)] if runtime and not made else []
    return tuple(dict.fromkeys([*made, *picked]))


def _grid(*rows: Sequence[tuple[str, QWidget]]) -> QGridLayout:
    """Names and fields in turns; flush with another grid of the same kind below."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(theme.GAP)
    for row, pairs in enumerate(rows):
        for place, (name, field) in enumerate(pairs):
            field.setAccessibleName(name)
            grid.addWidget(Text(name, tone="dim"), row, 2 * place)
            grid.addWidget(field, row, 2 * place + 1)
            grid.setColumnMinimumWidth(2 * place, _NAMES)
            grid.setColumnStretch(2 * place + 1, 2 + place)
    return grid
