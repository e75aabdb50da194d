"""What an engine shall be built for: a version of TensorRT on some device."""

import re
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, field_validator

from core.errors import InputError
from core.tensorrt.settings import EnginePrecision
from core.tensorrt.version import TensorRtVersion

if TYPE_CHECKING:
    from core.devices.profile_facts import DeviceProfile

_VERSIONS = re.compile(r"\d{1,2}\.\d{1,2}(?:\.\d{1,2})?")


class TensorRtTarget(BaseModel):
    """A version, and what is known of the device; what is not known is None or empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    device: str = ""
    """For people, e.g. “Jetson Orin Nano 8 GB”."""
    profile: str = ""
    """Id of the device's profile."""
    embedded: bool = True
    """Whether it is a Jetson, where CPU and GPU share memory and builds are slow."""
    memory_bytes: int | None = None
    precisions: tuple[str, ...] = ()
    """What the device computes in; empty where it is not known."""
    sparse_kernels: bool | None = None
    """Whether it has 2:4 sparse kernels."""
    dlas: int | None = None
    precision: EnginePrecision | None = None
    """To build in; None takes INT8 for a model with Q/DQ, else FP16."""
    use_dla: bool = False
    use_sparsity: bool = False

    @field_validator("version")
    @classmethod
    def _readable(cls, version: str) -> str:
        try:
            TensorRtVersion.parse(version)
        except InputError as error:
            raise ValueError(error.why) from error
        return version

    @property
    def tensorrt(self) -> TensorRtVersion:
        return TensorRtVersion.parse(self.version)

    @property
    def words(self) -> str:
        """“TensorRT 8.5.2 on Jetson Orin Nano 8 GB”."""
        return f"TensorRT {self.version}" + (f" on {self.device}" if self.device else "")


def target_of(profile: "DeviceProfile", version: str | None = None) -> TensorRtTarget:
    """The device of a profile with this version, else with the newest that runs on it.

    Raises InputError for a device that has no TensorRT.
    """
    known = [TensorRtVersion.parse(text) for text in _VERSIONS.findall(profile.software.tensorrt)]
    if version is None and not known:
        raise InputError(
            f"{profile.name} has no TensorRT.",
            "TensorRT runs on NVIDIA’s Jetson boards and GPUs only.",
            "Choose another device, or give a version of TensorRT.",
        )
    return TensorRtTarget(
        version=version or str(max(known)),
        device=profile.name,
        profile=profile.id,
        embedded=profile.family == "jetson",
        memory_bytes=None if profile.memory_gb is None else round(profile.memory_gb * 1e9),
        precisions=profile.precisions,
        sparse_kernels=profile.sparsity,
        dlas=profile.dla,
    )
