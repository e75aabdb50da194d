"""Where a figure comes from: the device and its state, the file, the libraries."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path

from core.benchmark.results import Provenance
from core.devices import devices
from core.devices.base import DeviceFacts, DeviceState
from core.devices.runtimes_of import accelerator_of
from core.formats import format_of
from core.model.onnx_file import sha256_of
from core.plan.plan import RuntimeChoice

_LIBRARIES = (
    *("edgewright", "numpy", "onnx", "onnxruntime", "openvino"),
    *("onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml"),
)


class Place:
    """The device that is measured on, with its state before and after."""

    def __init__(
        self,
        facts: DeviceFacts,
        look: Callable[[], DeviceState],
        versions: Callable[[], dict[str, str]],
    ) -> None:
        self._facts = facts
        self._look = look
        self._versions = versions
        self.before = look()

    @staticmethod
    def here() -> "Place":
        """This computer, as it is now."""
        device = devices()["local"]
        (facts,) = device.scan()
        return Place(facts, partial(device.state, facts), library_versions)

    def state(self) -> DeviceState:
        """As it is now; a processor throttled since the last look says so."""
        return self._look()

    def provenance(
        self, after: DeviceState, model: Path, choice: RuntimeChoice, version: str, threads: int
    ) -> Provenance:
        """`version` is the runtime's; `threads` those that it really used."""
        return Provenance(
            device=self._facts,
            before=self.before,
            after=after,
            model_sha256=sha256_of(model),
            runtime=choice,
            runtime_version=version,
            threads=threads,
            accelerator=accelerator_of(choice.runtime),
            versions=self._versions(),
            taken_at=now_in_words(),
        )


def differences(a: Provenance, b: Provenance) -> tuple[str, ...]:
    """Why the figures of two results must not be compared without a word; empty when they may.

    The model, the plan and the runtime are what is compared; everything else should be alike.
    """
    pairs = {
        "device": (a.device.processor, b.device.processor),
        "cores": (a.device.cores, b.device.cores),
        "threads": (a.threads, b.threads),
        "governor": (a.before.governor, b.before.governor),
        "operating system": (a.device.operating_system, b.device.operating_system),
        **{
            f"version of {name}": (a.versions.get(name), b.versions.get(name))
            for name in sorted(a.versions | b.versions)
        },
    }
    return tuple(
        f"Not the same {what}: {first or 'none'} and {second or 'none'}."
        for what, (first, second) in pairs.items()
        if first != second
    )


def now_in_words() -> str:
    """ISO 8601 with the UTC offset."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")


def library_versions() -> dict[str, str]:
    """The installed libraries that figures can depend on."""
    installed = {entry.name: entry.version for entry in metadata.distributions()}
    return {name: installed[name] for name in _LIBRARIES if name in installed}


def bytes_on_disk(model: Path) -> int:
    """Size of a model file together with the other files that it consists of."""
    files = {model, *format_of(model).companions(model)}
    return sum(file.stat().st_size for file in files)
