"""What a Linux board says about itself, asked with the programs that every Linux has."""

import re
from collections.abc import Mapping

from core.devices.base import DeviceFacts, DeviceState
from core.devices.instructions import boost_in_words, fields_of_cpuinfo, instructions_in
from core.remote.connection import Connection
from core.remote.environment import BoardPython, find_python, remedy_for
from core.remote.linux_texts import load_in, memory_in, room_in

_MODEL_FILES = ("/proc/device-tree/model", "/sys/class/dmi/id/product_name")
_ZONES = "cat /sys/class/thermal/thermal_zone*/temp 2>/dev/null; exit 0"
_GOVERNOR = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
_CLOCK = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq"
_LIKELY_CELSIUS = range(1, 150)


def board_model(connection: Connection) -> str:
    """“Raspberry Pi 5 Model B Rev 1.0”; empty when it does not say."""
    return next((found for file in _MODEL_FILES if (found := connection.read(file))), "")[:200]


def board_facts(connection: Connection, kind: str) -> DeviceFacts:
    board = connection.board
    processor = fields_of_cpuinfo(connection.read("/proc/cpuinfo") or "")
    found = instructions_in(processor["flags"].split())
    boost = boost_in_words(processor["vendor_id"], found)
    python = find_python(connection)
    model = board_model(connection)
    threads = processors(connection)
    return DeviceFacts(
        id=board.id,
        name=board.name,
        kind=kind,
        processor=processor["model name"] or model or "not told",
        architecture=connection.run(["uname", "-m"]).out.strip(),
        cores=threads,
        threads=threads,
        memory_bytes=memory(connection).get("MemTotal", 0),
        instructions=found,
        boost=boost.words,
        boost_detail=boost.detail,
        runtimes=python.runtimes if python and python.ready else {},
        missing_runtimes=_missing(connection, python),
        operating_system=system_name(connection),
        board=model,
    )


def board_state(connection: Connection) -> DeviceState:
    clock = connection.read(_CLOCK) or ""
    busy = load(connection)
    return DeviceState(
        clock_mhz=int(clock) / 1000 if clock.isdecimal() else None,
        temperature_celsius=temperature(connection),
        load=None if busy is None else min(1.0, busy / max(1, processors(connection))),
        governor=governor(connection),
    )


def processors(connection: Connection) -> int:
    """That programs may use."""
    said = connection.run(["nproc"]).out.strip()
    return int(said) if said.isdecimal() else 1


def memory(connection: Connection) -> Mapping[str, int]:
    """Bytes by the names of /proc/meminfo."""
    return memory_in(connection.read("/proc/meminfo") or "")


def free_disk(connection: Connection) -> int | None:
    """Bytes that are free where our folder is."""
    return room_in(connection.run(["df", "-Pk", connection.folder]).out)


def system_name(connection: Connection) -> str:
    """“Debian GNU/Linux 12 (bookworm)”."""
    found = re.search(r'^PRETTY_NAME="?([^"\n]*)', connection.read("/etc/os-release") or "", re.M)
    return found[1][:200] if found else connection.run(["uname", "-sr"]).out.strip()[:200]


def load(connection: Connection) -> float | None:
    """Processes that ran or waited, on the average of the last minute."""
    return load_in(connection.read("/proc/loadavg") or "")


def temperature(connection: Connection) -> float | None:
    """The hottest of its sensors, in °C."""
    said = connection.run(["sh", "-c", _ZONES]).out.split()
    found = [int(text) / 1000 for text in said if text.isdecimal()]
    return max((value for value in found if int(value) in _LIKELY_CELSIUS), default=None)


def governor(connection: Connection) -> str | None:
    """How the clock follows the load; virtual machines have none."""
    return connection.read(_GOVERNOR)


def _missing(connection: Connection, python: BoardPython | None) -> dict[str, str]:
    remedy = remedy_for(connection.board)
    if python is None:
        return {"python": f"There is no Python. {remedy}"}
    return dict.fromkeys(python.missing, f"It is not installed. {remedy}")
