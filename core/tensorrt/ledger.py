"""The ledger of engines: what each was made of, where and with what, and whether it still runs.

One file per engine in the user's own configuration folder, so that several builds can end at once.
The engines themselves stay on the boards that made them.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.jobs.folders import storage_errors, write_atomically
from core.remote.boards import configuration_folder
from core.tensorrt.forecast_build import PastBuild
from core.tensorrt.settings import BuildSettings

FOLDER = "engines"


def new_engine_id() -> str:
    """Twelve hex digits, which also name its files on the board."""
    return secrets.token_hex(6)


class EngineHost(BaseModel):
    """What an engine is tied to."""

    model_config = ConfigDict(frozen=True)

    serial: str
    """The board's own serial number; empty for one that tells none."""
    board_name: str = ""
    module: str
    """What the board or GPU calls itself, e.g. “NVIDIA Jetson Orin Nano”."""
    compute_capability: str = ""
    jetpack: str = ""
    tensorrt: str
    """In full: “8.5.2”."""
    power_mode: str = ""


class EngineRecord(BaseModel):
    """One engine that was built."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(default_factory=new_engine_id, pattern=r"^[0-9a-f]{12}$")
    host: EngineHost
    """Where it was built, as it was then."""
    model_name: str
    model_sha256: str
    """Of the ONNX file that it was built from."""
    label: str = ""
    """How the model was compressed, for people."""
    settings: BuildSettings
    command: tuple[str, ...]
    """The flags as trtexec was given them."""
    built_at: str
    """ISO 8601 with the UTC offset."""
    build_seconds: float
    forecast_seconds: float = 0.0
    """What the rule of thumb said beforehand; 0 where it was not asked."""
    engine_bytes: int
    engine_sha256: str = ""
    file: str
    """Its path on the board."""
    layers_file: str = ""
    """What it consists of, on the board."""
    on_dla: tuple[str, ...] = ()
    on_gpu: tuple[str, ...] = ()
    """Layers that fell back to the GPU; empty where no DLA was asked for."""


@dataclass(frozen=True)
class Usability:
    """Whether an engine runs somewhere. Where not, building it there anew is the remedy."""

    usable: bool
    reason: str
    """Why not; else what to bear in mind, or empty."""


@dataclass(frozen=True)
class Ledger:
    """Every engine, the newest first, and files that could not be read with the reason."""

    records: tuple[EngineRecord, ...]
    failed: dict[str, str]

    def of_model(self, sha256: str) -> tuple[EngineRecord, ...]:
        return tuple(record for record in self.records if record.model_sha256 == sha256)


def ledger() -> Ledger:
    """What is known of all engines."""
    found: list[EngineRecord] = []
    failed: dict[str, str] = {}
    for file in sorted(_folder().glob("*.json")):
        try:
            found.append(EngineRecord.model_validate_json(file.read_bytes()))
        except (OSError, ValidationError) as error:
            failed[file.name] = str(error).splitlines()[0]
    found.sort(key=lambda record: record.built_at, reverse=True)
    return Ledger(tuple(found), failed)


def past_builds(device: str) -> tuple[PastBuild, ...]:
    """How long builds took on boards whose module is called so, as far as that was forecast.

    Of each model only the first counts: later ones found its kernels in the timing cache.
    """
    first = {
        (record.host.serial, record.model_sha256): record
        for record in ledger().records  # the newest first, so that the oldest one stays
        if record.forecast_seconds and device.casefold() in record.host.module.casefold()
    }
    return tuple(
        PastBuild(seconds=record.build_seconds, forecast_seconds=record.forecast_seconds)
        for record in first.values()
    )


def add_engine(record: EngineRecord) -> None:
    """Enter an engine; the record of the same id is replaced. Raises UserError."""
    file = _folder() / f"{record.id}.json"
    with storage_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, record.model_dump_json(indent=2).encode())


def usable_on(record: EngineRecord, host: EngineHost, model_sha256: str = "") -> Usability:
    """Whether an engine can be loaded on `host`, and still is of the model, where one is given.

    TensorRT loads an engine only with the very version and kind of GPU that made it.
    """
    against = next(_differences(record, host, model_sha256), "")
    if against:
        return Usability(usable=False, reason=against)
    return Usability(usable=True, reason=_to_bear_in_mind(record.host, host))


def _differences(record: EngineRecord, host: EngineHost, sha256: str) -> Iterator[str]:
    made = record.host
    if sha256 and sha256 != record.model_sha256:
        yield "The model has changed since it was built."
    if made.serial != host.serial:
        where = made.board_name or made.module
        yield f"It lies on another board, {where}, where it was built."
    if made.module != host.module or made.compute_capability != host.compute_capability:
        yield f"It was built for {made.module}; this is {host.module}."
    if made.tensorrt != host.tensorrt:
        yield (
            f"It was built by TensorRT {made.tensorrt}; the board has {host.tensorrt} now, which "
            "does not load it."
        )


def _to_bear_in_mind(made: EngineHost, host: EngineHost) -> str:
    if made.power_mode and host.power_mode and made.power_mode != host.power_mode:
        return (
            f"It was built in power mode {made.power_mode}; its kernels were chosen at those "
            f"clocks, and in {host.power_mode} others may be faster."
        )
    if made.jetpack != host.jetpack:
        return f"It was built under JetPack {made.jetpack}; the board has {host.jetpack} now."
    return ""


def _folder() -> Path:
    return configuration_folder() / FOLDER
