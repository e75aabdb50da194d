"""Which Jetson a board is, with which JetPack, and how it is doing."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from core.devices.base import DeviceFacts, DeviceState
from core.errors import BoardError, InputError
from core.remote.board import Board
from core.remote.connection import Connection
from core.remote.jetson_scripts import parts_from
from core.remote.linux_texts import load_in, memory_in, room_in
from core.tensorrt.ledger import EngineHost
from core.tensorrt.version import TensorRtVersion

_RELEASE = re.compile(r"R(\d{1,3}) \([^)]*\), REVISION: (\d{1,3}(?:\.\d{1,3})*)")
_CORE = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3})-")
_CHIP = re.compile(r"tegra\d+")
_MODULE = re.compile(r"(?<!\w)p?(\d{4})[-:](\d{4})")
_ON_CARRIER = re.compile(r"\+p(\d{4})-(\d{4})")
"""In “nvidia,p3768-0000+p3767-0005-super”, the carrier comes first."""
_MODE = re.compile(r"NV Power Mode: *(\S[^\n]*)\n\s*(\d{1,3})")
_LISTED_MODE = re.compile(r"<\s*POWER_MODEL\s+ID=(\d{1,3})\s+NAME=(\S+)\s*>")
_LONGEST = 200


class JetPackFacts(BaseModel):
    """What resources/jetson/jetpack.toml says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    releases: Mapping[str, str]
    lines: Mapping[str, str]
    compute_capability: Mapping[str, str]

    def jetpack_of(self, l4t: str) -> str:
        """“6.2.1”; only “6” for a release that is not listed, empty where nothing is known."""
        padded = ".".join([*l4t.split("."), "0", "0"][:3])
        return self.releases.get(padded) or self.lines.get(l4t.partition(".")[0], "")


@cache
def jetpack_facts() -> JetPackFacts:
    text = (resources.files("resources") / "jetson" / "jetpack.toml").read_text(encoding="utf-8")
    return JetPackFacts.model_validate(tomllib.loads(text))


class JetsonMode(BaseModel):
    """A power mode that the board offers."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str


class Jetson(BaseModel):
    """What a Jetson says about itself. What it does not say is empty, None or 0."""

    model_config = ConfigDict(frozen=True)

    model: str
    """“NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super”."""
    module: str
    """Part number: “p3767-0005”."""
    serial: str
    chip: str
    """“tegra234”."""
    l4t: str
    jetpack: str
    system: str
    tensorrt: TensorRtVersion | None
    trtexec: str
    """Its path on the board."""
    python: str
    tools: tuple[str, ...]
    """Of tegrastats, nvpmodel and jetson_clocks, those that are there."""
    cores: int
    cores_on: int
    memory_bytes: int
    free_memory_bytes: int | None
    swap_bytes: int | None
    free_disk_bytes: int | None
    governors: tuple[str, ...]
    load: float | None
    """Processes that ran or waited in the last minute."""
    mode: JetsonMode | None
    modes: tuple[JetsonMode, ...]
    fan: int | None
    """Duty of the fan, 0 to 255."""
    sudo_without_password: bool

    @property
    def compute_capability(self) -> str:
        return jetpack_facts().compute_capability.get(self.chip, "")

    def engine_host(self, board: Board) -> EngineHost:
        """What engines that are built here are tied to."""
        return EngineHost(
            serial=self.serial or board.serial,
            board_name=board.name,
            module=" ".join(part for part in (self.model, self.module) if part),
            compute_capability=self.compute_capability,
            jetpack=self.jetpack,
            tensorrt=str(self.tensorrt or ""),
            power_mode=self.mode.name if self.mode else "",
        )

    def facts(self, board: Board) -> DeviceFacts:
        """The board as a device that models run on."""
        version = str(self.tensorrt or "")
        gpu = f"GPU with compute capability {self.compute_capability}"
        return DeviceFacts(
            id=board.id,
            name=board.name,
            kind=board.kind,
            processor=self.model,
            architecture="aarch64",
            cores=self.cores,
            threads=self.cores,
            memory_bytes=self.memory_bytes,
            instructions=(),
            boost=gpu if self.compute_capability else "GPU",
            boost_detail="Models run on the board’s GPU with TensorRT, not on its processor.",
            runtimes={"tensorrt": version} if version and self.trtexec else {},
            missing_runtimes={}
            if version and self.trtexec
            else {"tensorrt": "The board has no TensorRT with trtexec. " + INSTALL_TENSORRT},
            operating_system=" · ".join(
                part for part in (self.system, self.jetpack and f"JetPack {self.jetpack}") if part
            ),
            compute_capability=self.compute_capability,
            board=" ".join(part for part in (self.model, self.module) if part),
        )

    def state(self) -> DeviceState:
        mode = (self.mode.name,) if self.mode else ()
        return DeviceState(
            governor=", ".join((*mode, *self.governors)) or None,
            load=None if self.load is None or not self.cores else min(1.0, self.load / self.cores),
        )

    def ready(self) -> tuple[TensorRtVersion, str]:
        """Version and path of what builds engines. Raises BoardError where it is missing."""
        if self.tensorrt is None or not self.trtexec:
            raise BoardError(
                "This Jetson cannot build TensorRT engines.",
                "TensorRT or its program trtexec is not installed on it.",
                INSTALL_TENSORRT,
            )
        return self.tensorrt, self.trtexec


INSTALL_TENSORRT = "On the board: sudo apt install nvidia-jetpack"


def look_at(connection: Connection) -> Jetson:
    """Ask the board. Raises BoardError when it cannot be asked."""
    return jetson_of(parts_from(connection, "look"))


def jetson_of(parts: Mapping[str, str]) -> Jetson:
    """From what resources/jetson/look.sh.txt says; nothing of it is taken on trust."""
    said = {name: text[:20_000] for name, text in parts.items()}
    l4t = _l4t(said)
    chip = _CHIP.search(said.get("chip", ""))
    memory = memory_in(said.get("memory", ""))
    present, online = (*said.get("cores", "").split(), "", "")[:2]
    return Jetson(
        model=_line(said.get("model", "")),
        module=_module(said.get("chip", ""), said.get("parts", "")),
        serial=_line(said.get("serial", "")),
        chip=chip[0] if chip else "",
        l4t=l4t,
        jetpack=jetpack_facts().jetpack_of(l4t),
        system=_line(said.get("system", "")).strip("\"'"),
        tensorrt=_version(said.get("tensorrt", "")),
        trtexec=_line(said.get("trtexec", "")),
        python=_line(said.get("python", "")).removeprefix("Python "),
        tools=tuple(said.get("tools", "").split()),
        cores=_count(present),
        cores_on=_count(online),
        memory_bytes=memory.get("MemTotal", 0),
        free_memory_bytes=memory.get("MemAvailable"),
        swap_bytes=memory.get("SwapTotal"),
        free_disk_bytes=room_in(said.get("disk", "")),
        governors=tuple(said.get("governors", "").split())[:8],
        load=load_in(said.get("load", "")),
        mode=mode_of(said.get("mode", "")),
        modes=modes_of(said.get("modes", "")),
        fan=_number(said.get("fan", "").split()),
        sudo_without_password=said.get("sudo") == "yes",
    )


def mode_of(text: str) -> JetsonMode | None:
    """From what `nvpmodel -q` says; None where it does not tell."""
    found = _MODE.search(text)
    return JetsonMode(id=int(found[2]), name=_line(found[1])) if found else None


def modes_of(text: str) -> tuple[JetsonMode, ...]:
    """From the lines of nvpmodel.conf."""
    return tuple(
        JetsonMode(id=int(id), name=_line(name)) for id, name in _LISTED_MODE.findall(text)
    )


def _l4t(said: Mapping[str, str]) -> str:
    if found := _RELEASE.search(said.get("release", "")):
        return f"{found[1]}.{found[2]}"
    found = _CORE.match(said.get("core", ""))
    return found[1] if found else ""


def _module(compatible: str, parts: str) -> str:
    found = _ON_CARRIER.search(compatible) or _MODULE.search(parts)
    return f"p{found[1]}-{found[2]}" if found else ""


def _version(text: str) -> TensorRtVersion | None:
    for line in text.splitlines():
        try:
            return TensorRtVersion.parse(line)
        except InputError:
            continue
    return None


def _count(text: str) -> int:
    """Processors in “0-5” or “0-3,6”."""
    total = 0
    for first, last in re.findall(r"(\d{1,4})(?:-(\d{1,4}))?", text):
        total += int(last or first) - int(first) + 1
    return max(0, total)


def _number(words: list[str]) -> int | None:
    return int(words[0]) if words and re.fullmatch(r"\d{1,3}", words[0]) else None


def _line(text: str) -> str:
    """The first line without what is not to be shown."""
    first = text.strip().partition("\n")[0][:_LONGEST]
    return "".join(character for character in first if character.isprintable()).strip()
