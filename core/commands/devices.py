"""`edgewright devices`: where models can be run and measured."""

import argparse
from typing import ClassVar, cast

from pydantic import BaseModel

from core.commands.base import Answer, Command, run_apart
from core.devices.base import DeviceFacts
from core.jobs.kinds.devices import DevicesReport, DevicesRequest
from core.jobs.runner import Listener


class DevicesCommand(Command):
    name: ClassVar[str] = "devices"
    summary: ClassVar[str] = "List the devices that models can be measured on."
    outcome_type: ClassVar[type[BaseModel]] = DevicesReport

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace, listen: Listener) -> Answer:
        report = cast("DevicesReport", run_apart("devices", DevicesRequest(), listen))
        return Answer(report, "\n\n".join(_text(device) for device in report.devices))


def _text(device: DeviceFacts) -> str:
    runtimes = [f"{name} {version}" for name, version in device.runtimes.items()]
    return "\n".join(
        [
            f"{device.id}: {device.name}",
            f"  Processor: {device.processor}, {_size_of(device)}"
            f"{device.memory_bytes / 1e9:.1f} GB memory",
            *((f"  Driver: {device.driver}",) if device.driver else ()),
            f"  {device.boost}. {device.boost_detail}",
            f"  Runtimes: {', '.join(runtimes) or 'none'}",
            *(f"  Not usable: {name}: {why}" for name, why in device.missing_runtimes.items()),
            f"  System: {device.operating_system}",
        ]
    )


def _size_of(device: DeviceFacts) -> str:
    """Cores and threads; units of a GPU or NPU, which has no threads of its own."""
    if device.threads:
        return f"{device.cores} cores, {device.threads} threads, "
    return f"{device.cores} units, " if device.cores else ""
