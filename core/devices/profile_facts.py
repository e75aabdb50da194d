"""What a device profile says: the facts about one kind of device, each with how sure it is."""

from collections.abc import Mapping
from typing import Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

Confidence = Literal["sourced", "derived", "recalled", "assumed"]
"""How a fact is known: read in a source; computed from facts and agreeing with the maker's
figure; remembered without a source at hand; taken to be so."""

Family = Literal[
    "jetson",
    "intel-cpu",
    "intel-gpu",
    "intel-npu",
    "intel-stick",
    "arm-board",
    "apple",
    "edge-tpu",
    "npu",
    "android-gpu",
    "cloud-gpu",
]
FAMILIES: Mapping[Family, str] = {
    "jetson": "NVIDIA Jetson",
    "intel-cpu": "Intel processors",
    "intel-gpu": "Intel graphics",
    "intel-npu": "Intel NPUs",
    "intel-stick": "Intel sticks",
    "arm-board": "Arm boards",
    "apple": "Apple",
    "edge-tpu": "Coral Edge TPU",
    "npu": "Other NPUs",
    "android-gpu": "Android graphics",
    "cloud-gpu": "Cloud GPUs",
}
"""Families and their names for people, in the order in which they are shown."""

Precision = Literal["f32", "tf32", "f16", "bf16", "i8", "fp8", "fp4", "i4"]
"""Names as in plans and layers; i4 stores weights in four bits and computes in more."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

EVERYTHING = ""
"""The key of `confidence` that stands for every fact without a key of its own."""
EVERYTHING_IN_FILES = "everything"
"""What that key is called in files."""


class SoftwareFacts(BaseModel):
    """The software that a device can run; empty where it does not apply or is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str = ""
    """The first release that knows it, e.g. “JetPack 5.1”."""
    last: str = ""
    """The last one, after which support ended or which is the newest known."""
    cuda: str = ""
    tensorrt: str = ""
    python: str = ""
    os: str = ""


class Facts(BaseModel):
    """Facts that say how each of them is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidence: dict[str, Confidence] = Field(default_factory=dict[str, Confidence])
    """Field name to how it is known; EVERYTHING stands for the others."""
    note: str = ""

    @field_validator("confidence", mode="before")
    @classmethod
    def _as_in_files(cls, value: object) -> object:
        """A word alone says it of everything."""
        if isinstance(value, str):
            return {EVERYTHING: value}
        if not isinstance(value, dict):
            return value
        told = cast("dict[str, object]", value)
        return {EVERYTHING if key == EVERYTHING_IN_FILES else key: told[key] for key in told}

    def confidence_of(self, field: str) -> Confidence:
        """How a fact is known. A fact of which nothing is said is only assumed."""
        return self.confidence.get(field) or self.confidence.get(EVERYTHING) or "assumed"


class PowerMode(Facts):
    """One of the power budgets that a board can be set to. What is not known is None or empty."""

    id: int
    """The board's own number; a JetPack can number otherwise, so look it up by name there."""
    name: str
    watts: float | None = Field(default=None, gt=0)
    """The budget; None where there is none."""
    default: bool = False
    cpu_cores: int | None = Field(default=None, gt=0)
    cpu_mhz: float | None = Field(default=None, gt=0)
    gpu_units: int | None = Field(default=None, gt=0)
    """Streaming multiprocessors that are on."""
    gpu_mhz: float | None = Field(default=None, gt=0)
    bandwidth_gbs: float | None = Field(default=None, gt=0)
    dla_mhz: float | None = Field(default=None, gt=0)
    peaks: dict[Precision, float] = Field(default_factory=dict[Precision, float])
    """As in DeviceProfile."""
    sparse_peaks: dict[Precision, float] = Field(default_factory=dict[Precision, float])
    command: str = ""
    """What sets it on the board, for people to read."""


class DeviceProfile(Facts):
    """Facts about a kind of device, which answer before one is attached.

    What is not known is None or empty, never guessed without saying so in `confidence`.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.+-]{0,63}$")
    name: str = Field(min_length=1, max_length=80)
    family: Family
    vendor: str = ""
    chip: str = ""
    architecture: str = ""
    """Of what does the work: the GPU's, NPU's or processor's generation."""
    compute_capability: str | None = Field(default=None, pattern=r"^\d+\.\d$")
    """NVIDIA's number for what a GPU can do, e.g. “8.7”."""
    units: int | None = Field(default=None, gt=0)
    """What works side by side: see `unit_kind`."""
    unit_kind: str = ""
    """Streaming multiprocessors (SM), execution units (EU), Xe-cores, tiles …"""
    clock_mhz: float | None = Field(default=None, gt=0)
    """Of the units, at most."""
    cores: int | None = Field(default=None, gt=0)
    """Of the processor; those that are fast, where there are two kinds."""
    core_ghz: float | None = Field(default=None, gt=0)
    """What all cores sustain together."""
    sockets: int = Field(default=1, gt=0)
    """Processors that share the cores; one inference at a time keeps to one of them."""
    processor: str = ""
    """Cores in words, e.g. “6x Cortex-A78AE”."""
    instructions: tuple[str, ...] = ()
    """As in DeviceFacts.instructions for Intel; neon, fp16, dotprod, i8mm, sve2 for Arm."""
    ops_per_cycle: dict[Precision, float] = Field(default_factory=dict[Precision, float])
    """Operations that a unit (a core, for processors) does in one cycle; a multiply-add is two."""
    peaks: dict[Precision, float] = Field(default_factory=dict[Precision, float])
    """Dense GOPS (10^9 operations a second) of what does the work, without its DLAs."""
    sparse_peaks: dict[Precision, float] = Field(default_factory=dict[Precision, float])
    """GOPS with 2:4 sparse weights, counting the zeros."""
    cpu_peaks: dict[Precision, float] = Field(default_factory=dict[Precision, float])
    """Dense GOPS of the processor, where `peaks` are those of something else."""
    memory_gb: float | None = Field(default=None, gt=0)
    """10^9 bytes, of the smallest that is sold; shared with the processor where it has no own."""
    memory_options_gb: tuple[float, ...] = ()
    """What is sold, from small to large, where there is a choice."""
    cache_mb: float | None = Field(default=None, gt=0)
    """Weights beyond it are fetched anew in every inference; None where that is no matter."""
    bandwidth_gbs: float | None = Field(default=None, gt=0)
    """10^9 bytes a second; of the link over which weights come, where `cache_mb` is told."""
    power_watts: tuple[float, float] | None = None
    """Least and most that it is made to draw."""
    dla: int = Field(default=0, ge=0)
    """NVIDIA's deep-learning accelerators beside the GPU."""
    dla_peaks: dict[Precision, float] = Field(default_factory=dict[Precision, float])
    """Dense GOPS of all DLAs together."""
    power_modes: tuple[PowerMode, ...] = ()
    default_mode: str | None = None
    """Name of the power mode that a new board starts in."""
    precisions: tuple[Precision, ...]
    """What it can compute in, or store weights in."""
    preferred: tuple[Precision, ...] = ()
    """Which of them to try first, in order."""
    runtimes: tuple[str, ...] = ()
    """openvino, onnxruntime, tensorrt, tflite, ncnn, armnn, edgetpu, hailort."""
    runtime_device: str = ""
    """What the runtime calls it, e.g. “GPU”, “NPU”, “MYRIAD”."""
    static_shapes_only: bool = False
    sparsity: bool = False
    """Whether 2:4 sparse weights make it faster."""
    software: SoftwareFacts = SoftwareFacts()
    """With the versions of the last release."""
    earlier_software: tuple[SoftwareFacts, ...] = ()
    """Releases before it that are still met, from new to old; `last` names each."""
    usb_address: str | None = None
    """Of the board on a USB cable."""
    storage: str = ""
    module_ids: tuple[str, ...] = ()
    """Part numbers by which boards name themselves, e.g. “p3767-0005”."""
    names: tuple[str, ...] = ()
    """Words by which processors and boards name themselves, e.g. “i7-8700T”."""
    aliases: tuple[str, ...] = ()
    """Other ids under which published figures name it, or something that equals it."""
    source: str = ""
    """Where the facts are from."""

    def mode(self, name: str) -> PowerMode | None:
        """The power mode of this name, written small or large; None when there is none."""
        wanted = name.casefold()
        return next((one for one in self.power_modes if one.name.casefold() == wanted), None)

    def in_mode(self, mode: PowerMode | str | None) -> "DeviceProfile":
        """The same device set to one of its power modes; itself for None.

        What the mode does not tell stays as it is. Raises InputError for an unknown name.
        """
        from core.devices.profile_modes import in_mode

        return in_mode(self, mode)
