"""What OpenVINO says about the GPUs and NPUs here, asked in a process that may be lost.

Looking for them loads the drivers of graphics cards and NPUs, which can crash or hang. As
`python -m core.runtimes.openvino_survey` it is that process: one line of JSON on stdout.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# openvino's bindings have no complete stubs.

import subprocess
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Protocol, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from core.processes import claim_stdout, death_in_words, own_command

_Value = TypeVar("_Value")

INTEL = "0x8086"
"""Intel's number among the makers of PCI devices."""
_KINDS = ("GPU", "NPU")
_SECONDS = 60.0
"""The first look after a driver's installation may compile kernels."""
_MEMORY = ("GPU_DEVICE_TOTAL_MEM_SIZE", "NPU_DEVICE_TOTAL_MEM_SIZE")
_UNITS = ("GPU_EXECUTION_UNITS_COUNT", "NPU_MAX_TILES")
_DRIVER = ("NPU_DRIVER_VERSION", "GPU_DRIVER_VERSION")


class OpenVinoProcessor(BaseModel):
    """A GPU or NPU as OpenVINO's properties describe it. What it does not tell is None or empty."""

    model_config = ConfigDict(frozen=True)

    device: str
    """OpenVINO's name: GPU, GPU.0, GPU.1, NPU."""
    name: str
    architecture: str = ""
    """“GPU: vendor=0x8086 arch=v12.71.4”, or the number of an NPU's generation: 3720."""
    integrated: bool | None = None
    capabilities: tuple[str, ...] = ()
    """OPTIMIZATION_CAPABILITIES: FP32, FP16, BF16, INT8, GPU_HW_MATMUL …"""
    default_precision: str = ""
    """What it computes in unless told otherwise: f16, f32."""
    memory_bytes: int | None = None
    units: int | None = None
    """Execution units of a GPU, tiles of an NPU."""
    driver: str = ""
    settable: frozenset[str] = frozenset()
    """Properties that may be set when a model is compiled for it."""

    @property
    def kind(self) -> str:
        return self.device.partition(".")[0]

    @property
    def index(self) -> int:
        number = self.device.partition(".")[2]
        return int(number) if number.isdecimal() else 0

    @property
    def of_intel(self) -> bool:
        """OpenVINO 2026 lists GPUs of other makers as well, where they speak OpenCL."""
        return "vendor=" not in self.architecture or f"vendor={INTEL}" in self.architecture


class OpenVinoSurvey(BaseModel):
    """Everything found, and why nothing was found of a kind, in OpenVINO's words."""

    model_config = ConfigDict(frozen=True)

    processors: tuple[OpenVinoProcessor, ...] = ()
    problems: dict[str, str] = {}

    def find(self, kind: str, index: int) -> OpenVinoProcessor | None:
        """The GPU or NPU of this number; the only one has number 0."""
        same = (one for one in self.processors if one.kind == kind and one.index == index)
        return next(same, None)


class Properties(Protocol):
    """The part of `openvino.Core` that is asked; raises RuntimeError for what is not there."""

    @property
    def available_devices(self) -> Sequence[str]: ...

    def get_property(self, device_name: str, property: str) -> object: ...


@cache
def openvino_processors() -> OpenVinoSurvey:
    """The GPUs and NPUs that OpenVINO can use here. Takes about a second, once per process."""
    return ask_in_process(own_command("survey"))


def ask_in_process(command: list[str], seconds: float = _SECONDS) -> OpenVinoSurvey:
    """Run a process that prints a survey; whatever becomes of it, there is an answer."""
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
        if ended.returncode:
            raise ValueError(f"the process that asked it {death_in_words(ended.returncode)}")
        return OpenVinoSurvey.model_validate_json(ended.stdout)
    except subprocess.TimeoutExpired:
        return _without_answer(f"a driver gave no answer within {seconds:.0f} seconds")
    except ValidationError:
        return _without_answer("its answer could not be read")
    except (OSError, ValueError) as error:
        return _without_answer(str(error))


def _without_answer(why: str) -> OpenVinoSurvey:
    return OpenVinoSurvey(problems=dict.fromkeys(_KINDS, why))


def survey(core: Properties) -> OpenVinoSurvey:
    """Ask for every GPU and NPU; what a driver refuses to tell stays open."""
    found = tuple(
        _described(core, device)
        for device in core.available_devices
        if device.partition(".")[0] in _KINDS
    )
    missing = [kind for kind in _KINDS if not any(one.kind == kind for one in found)]
    return OpenVinoSurvey(
        processors=found, problems={kind: _why_missing(core, kind) for kind in missing}
    )


def _described(core: Properties, device: str) -> OpenVinoProcessor:
    settable = _told(core, device, ["SUPPORTED_PROPERTIES"], _settable)
    type_name = _told(core, device, ["DEVICE_TYPE"], str) or ""
    return OpenVinoProcessor(
        device=device,
        name=_told(core, device, ["FULL_DEVICE_NAME"], str) or device,
        architecture=_told(core, device, ["DEVICE_ARCHITECTURE"], str) or "",
        integrated=type_name.endswith("INTEGRATED") if type_name else None,
        capabilities=_told(core, device, ["OPTIMIZATION_CAPABILITIES"], _words) or (),
        default_precision=_told(core, device, ["INFERENCE_PRECISION_HINT"], _type_name) or "",
        memory_bytes=_told(core, device, _MEMORY, lambda value: int(str(value))),
        units=_told(core, device, _UNITS, lambda value: int(str(value))),
        driver=_told(core, device, _DRIVER, str) or "",
        settable=settable or frozenset(),
    )


def _told(
    core: Properties, device: str, names: Iterable[str], read: Callable[[object], _Value]
) -> _Value | None:
    """The first of these properties that the device has, or None."""
    for name in names:
        try:
            return read(core.get_property(device, name))
        except (RuntimeError, TypeError, ValueError):  # not a property of this device
            continue
    return None


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in cast("Iterable[object]", value))


def _settable(value: object) -> frozenset[str]:
    return frozenset(name for name, may in cast("dict[str, str]", value).items() if "W" in may)


def _type_name(value: object) -> str:
    """“f16” of openvino.Type."""
    return str(cast("Callable[[], str]", getattr(value, "get_type_name", lambda: value))())


def _why_missing(core: Properties, kind: str) -> str:
    """The last line of what the plugin says, such as the name of a library that is missing."""
    try:
        core.get_property(kind, "AVAILABLE_DEVICES")
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return lines[-1].rpartition('": ')[2] if lines else type(error).__name__
    return ""


def main() -> None:
    """Print the survey of this computer."""
    answer = claim_stdout()
    import openvino

    answer.write(survey(openvino.Core()).model_dump_json())
    answer.flush()


if __name__ == "__main__":
    main()
