"""The job that looks for devices to run models on."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from core.devices import devices
from core.devices.base import DeviceFacts
from core.jobs.kinds.base import JobContext, JobKind


class DevicesRequest(BaseModel):
    """Nothing needs to be said: all kinds of devices are looked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DevicesReport(BaseModel):
    """The devices that can be reached now."""

    model_config = ConfigDict(frozen=True)

    devices: tuple[DeviceFacts, ...]


class FindDevices(JobKind[DevicesRequest, DevicesReport]):
    """Asks every kind of device for the devices of its kind."""

    name: ClassVar[str] = "devices"
    title: ClassVar[str] = "Looking for devices"
    request_type: ClassVar[type[BaseModel]] = DevicesRequest
    outcome_type: ClassVar[type[BaseModel]] = DevicesReport

    def run(self, request: DevicesRequest, context: JobContext) -> DevicesReport:
        context.step(self.title)
        # This computer comes first: what computes here is chosen unless somebody chooses.
        kinds = sorted(devices(), key=lambda kind: kind.name != "local")
        found: list[DeviceFacts] = []
        for done, kind in enumerate(kinds):
            context.progress(done, len(kinds), kind.label)
            for facts in kind.scan():
                found.append(facts)
                context.measured(f"device {facts.id}", facts, facts.name)
        return DevicesReport(devices=tuple(found))
