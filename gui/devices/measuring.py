"""The device that models are measured on: looked for, chosen, and found again in a project."""

from PySide6.QtCore import QObject, Signal

from core.devices.base import DeviceFacts
from core.jobs.events import Event, Failed
from core.jobs.kinds.devices import DevicesRequest
from gui.devices.fleet import Fleet
from gui.jobs import Jobs, job_launch
from gui.opened import found_device, found_devices
from gui.project_keeper import ProjectKeeper
from gui.scratch import scratch_folder
from gui.trouble import Troubles

_THIS_COMPUTER = "local"
_UNKNOWN = Failed(
    what="The device of this project is not known here.",
    why="It was removed, or the project comes from another computer.",
    remedy="Choose a device, or add this one.",
)


class MeasuringDevice(QObject):
    """Where Optimize, benchmarks and profiles run. What a person chooses goes into the project."""

    changed = Signal()
    """Another device, or more is known of what there is."""

    def __init__(self, jobs: Jobs, keeper: ProjectKeeper, fleet: Fleet, troubles: Troubles) -> None:
        super().__init__()
        self._jobs, self._keeper, self._fleet, self._troubles = jobs, keeper, fleet, troubles
        self.found: tuple[DeviceFacts, ...] = ()
        """What has answered."""
        self.chosen: DeviceFacts | None = None
        """None while it is looked for, and where it is not known here."""
        self.wanted = _THIS_COMPUTER
        """Its id."""
        fleet.changed.connect(self._find)

    def scan(self) -> None:
        """Look at this computer, what computes in it, and the boards."""
        self._troubles.clear("device")
        self._fleet.load()
        launch = job_launch("devices", DevicesRequest(), scratch_folder("devices"))
        job = self._jobs.add("devices", "Looking for devices", launch, found_devices)
        job.told.connect(self._hear)
        job.finished.connect(self._take)
        job.failed.connect(lambda failed: self._troubles.tell("device", failed, "Look again"))
        job.start()

    def choose(self, device_id: str) -> None:
        self._keeper.save(device=device_id)
        self._troubles.clear("device")
        self.restore(device_id)

    def restore(self, device_id: str) -> None:
        """Take what a project says."""
        self.wanted = device_id
        self._find()

    def _take(self, devices: tuple[DeviceFacts, ...]) -> None:
        self.found = devices
        self._find()

    def _hear(self, event: Event) -> None:
        """This computer is there at once; a board that does not answer takes its time."""
        device = found_device(event)
        if device is not None and device.id not in {each.id for each in self.found}:
            self.found = (*self.found, device)
            self._find()

    def _find(self) -> None:
        """The device of the project; a board that does not answer is as it was last seen."""
        self.found = tuple(each for each in self.found if not self._fleet.has_lost(each))
        known = {each.id: each for each in (*self.found, *self._fleet.last_seen)}
        self.chosen = known.get(self.wanted)
        if self.chosen is not None:
            self._troubles.forget("device", _UNKNOWN)
        elif self._fleet.is_loaded and _THIS_COMPUTER in known:
            self._troubles.tell("device", _UNKNOWN, "Look again")
        self.changed.emit()
