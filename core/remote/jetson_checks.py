"""What is looked at on a Jetson before models are built and timed on it."""

from collections.abc import Callable, Iterator

from core.devices.base import DeviceFacts
from core.devices.profile import profile_for
from core.remote.checks import Check, CheckState
from core.remote.connection import Connection
from core.remote.jetson_identity import INSTALL_TENSORRT, Jetson, look_at

_LEAST_MEMORY = 1.0e9
_LEAST_DISK = 2.0e9
_LITTLE_MEMORY = 8.0e9
"""Boards with less need swap to build larger engines."""
_BUSY_SHARE = 0.5
"""Processes that run or wait, for each core."""
_STEADY_GOVERNORS = frozenset({"performance"})


def check_jetson(connection: Connection) -> Iterator[Check]:
    """Every finding as soon as it is known. Raises BoardError when the board cannot be asked."""
    jetson = look_at(connection)
    for check in _CHECKS:
        yield check(jetson)
    yield _profile(jetson.facts(connection.board))


def _check(id: str, title: str, state: CheckState, detail: str, remedy: str = "") -> Check:
    return Check(id=id, title=title, state=state, detail=detail, remedy=remedy)


def _board(jetson: Jetson) -> Check:
    if not jetson.chip or not jetson.model:
        return _check(
            "board",
            "Board",
            "failed",
            f"It calls itself “{jetson.model or 'nothing'}”, which is no Jetson.",
            "Add it as another Linux board, or check its address.",
        )
    serial = f", serial number {jetson.serial}" if jetson.serial else ""
    return _check("board", "Board", "ok", f"{jetson.model} ({jetson.module}{serial})")


def _profile(facts: DeviceFacts) -> Check:
    profile = profile_for(facts)
    if profile is None:
        return _check(
            "profile",
            "Profile",
            "warn",
            "No profile describes this board, so nothing is predicted for it.",
            "Copy the profile of a similar board and edit it; measuring works all the same.",
        )
    return _check("profile", "Profile", "ok", profile.name)


def _jetpack(jetson: Jetson) -> Check:
    if not jetson.l4t:
        return _check(
            "jetpack",
            "JetPack",
            "unknown",
            "Neither /etc/nv_tegra_release nor the package nvidia-l4t-core tells the release.",
            "Flash the board with JetPack, or install nvidia-l4t-core.",
        )
    known = f"JetPack {jetson.jetpack}, " if jetson.jetpack else ""
    return _check("jetpack", "JetPack", "ok", f"{known}Jetson Linux {jetson.l4t}")


def _tensorrt(jetson: Jetson) -> Check:
    if jetson.tensorrt is None:
        return _check(
            "tensorrt", "TensorRT", "failed", "It is not installed on the board.", INSTALL_TENSORRT
        )
    return _check("tensorrt", "TensorRT", "ok", str(jetson.tensorrt))


def _trtexec(jetson: Jetson) -> Check:
    if not jetson.trtexec:
        return _check(
            "trtexec",
            "trtexec",
            "failed",
            "The program that builds and times engines is not there.",
            "On the board: sudo apt install libnvinfer-bin (or nvidia-jetpack).",
        )
    return _check("trtexec", "trtexec", "ok", jetson.trtexec)


def _sensors(jetson: Jetson) -> Check:
    if "tegrastats" not in jetson.tools:
        return _check(
            "sensors",
            "Power and heat",
            "warn",
            "tegrastats is not there, so power, clocks and temperature are not measured.",
            "On the board: sudo apt install nvidia-l4t-tools",
        )
    return _check("sensors", "Power and heat", "ok", "tegrastats is there.")


def _python(jetson: Jetson) -> Check:
    return _check("python", "Python", "ok", f"{jetson.python or 'none'}; a Jetson needs none here")


def _memory(jetson: Jetson) -> Check:
    free = jetson.free_memory_bytes
    if free is None:
        return _check("memory", "Free memory", "unknown", "The board does not tell.")
    detail = f"{free / 1e9:.1f} GB of {jetson.memory_bytes / 1e9:.1f} GB"
    if free < _LEAST_MEMORY:
        return _check(
            "memory",
            "Free memory",
            "warn",
            detail,
            "Close programs on the board, or its desktop: sudo systemctl isolate multi-user.target",
        )
    return _check("memory", "Free memory", "ok", detail)


def _swap(jetson: Jetson) -> Check:
    if jetson.swap_bytes is None:
        return _check("swap", "Swap", "unknown", "The board does not tell.")
    detail = f"{jetson.swap_bytes / 1e9:.1f} GB"
    if not jetson.swap_bytes and jetson.memory_bytes < _LITTLE_MEMORY:
        return _check(
            "swap",
            "Swap",
            "warn",
            "None: building an engine of a larger model can run out of memory.",
            "On the board: sudo fallocate -l 4G /swapfile && sudo chmod 600 /swapfile && "
            "sudo mkswap /swapfile && sudo swapon /swapfile",
        )
    return _check("swap", "Swap", "ok", detail)


def _disk(jetson: Jetson) -> Check:
    free = jetson.free_disk_bytes
    if free is None:
        return _check("disk", "Free disk space", "unknown", "The board does not tell.")
    if free < _LEAST_DISK:
        return _check(
            "disk",
            "Free disk space",
            "failed" if free < _LEAST_DISK / 10 else "warn",
            f"{free / 1e9:.1f} GB; models, engines and timing caches need about 2 GB.",
            "Delete what is not needed: sudo apt clean, and old files in the home folder.",
        )
    return _check("disk", "Free disk space", "ok", f"{free / 1e9:.1f} GB")


def _mode(jetson: Jetson) -> Check:
    if jetson.mode is None:
        return _check(
            "mode",
            "Power mode",
            "unknown",
            "nvpmodel does not tell it.",
            "On the board: sudo nvpmodel -q",
        )
    others = ", ".join(mode.name for mode in jetson.modes if mode.id != jetson.mode.id)
    also = f"; also: {others}" if others else ""
    off = jetson.cores - jetson.cores_on
    cores = f", {off} of {jetson.cores} cores are switched off in it" if off > 0 else ""
    return _check("mode", "Power mode", "ok", f"{jetson.mode.name}{cores}{also}")


def _clocks(jetson: Jetson) -> Check:
    governors = ", ".join(jetson.governors)
    if not governors:
        return _check("clocks", "Clocks", "unknown", "The board does not tell.")
    if _STEADY_GOVERNORS.issuperset(jetson.governors):
        return _check("clocks", "Clocks", "ok", f"Held high ({governors}).")
    return _check(
        "clocks",
        "Clocks",
        "warn",
        f"They follow the load ({governors}), which makes times vary.",
        "Let Edgewright hold them while it measures (jetson_clocks), with your consent.",
    )


def _fan(jetson: Jetson) -> Check:
    if jetson.fan is None:
        return _check("fan", "Fan", "unknown", "No fan is told; small boards have none.")
    return _check("fan", "Fan", "ok", f"at {100 * jetson.fan / 255:.0f} %")


def _quiet(jetson: Jetson) -> Check:
    if jetson.load is None or not jetson.cores_on:
        return _check("quiet", "Other programs", "unknown", "The board does not tell.")
    detail = f"Load {jetson.load:.1f} on {jetson.cores_on} cores."
    if jetson.load > _BUSY_SHARE * jetson.cores_on:
        return _check(
            "quiet",
            "Other programs",
            "warn",
            detail,
            "Wait until they have ended, or end them: top, on the board, shows them.",
        )
    return _check("quiet", "Other programs", "ok", detail)


def _rights(jetson: Jetson) -> Check:
    if jetson.sudo_without_password:
        return _check("rights", "Right to change the power mode", "ok", "sudo asks for no password")
    return _check(
        "rights",
        "Right to change the power mode",
        "unknown",
        "sudo asks for a password there. Only changing the power mode or clocks needs it.",
        "Give the password when Edgewright asks for it; it is not stored unless you want it.",
    )


_CHECKS: tuple[Callable[[Jetson], Check], ...] = (
    _board,
    _jetpack,
    _tensorrt,
    _trtexec,
    _sensors,
    _python,
    _memory,
    _swap,
    _disk,
    _mode,
    _clocks,
    _fan,
    _quiet,
    _rights,
)
