"""What is looked at on a Jetson before models are built and timed on it."""

from collections.abc import Callable, Iterator

from core.devices.base import DeviceFacts
from core.devices.profile import profile_for
from core.remote.checks import (
    Check,
    check_clocks,
    check_disk,
    check_memory,
    check_quiet,
    finding,
)
from core.remote.connection import Connection
from core.remote.jetson_identity import INSTALL_TENSORRT, Jetson, look_at

_LEAST_MEMORY = 1.0e9
_LEAST_DISK = 2.0e9
_LITTLE_MEMORY = 8.0e9
"""Boards with less need swap to build larger engines."""


def check_jetson(connection: Connection) -> Iterator[Check]:
    """Every finding as soon as it is known. Raises BoardError when the board cannot be asked."""
    jetson = look_at(connection)
    for check in _CHECKS:
        yield check(jetson)
    yield _profile(jetson.facts(connection.board))


def _board(jetson: Jetson) -> Check:
    if not jetson.chip or not jetson.model:
        return finding(
            "board",
            "Board",
            "failed",
            f"It calls itself “{jetson.model or 'nothing'}”, which is no Jetson.",
            "Add it as another Linux board, or check its address.",
        )
    serial = f", serial number {jetson.serial}" if jetson.serial else ""
    return finding("board", "Board", "ok", f"{jetson.model} ({jetson.module}{serial})")


def _profile(facts: DeviceFacts) -> Check:
    profile = profile_for(facts)
    if profile is None:
        return finding(
            "profile",
            "Profile",
            "warn",
            "No profile describes this board, so nothing is predicted for it.",
            "Copy the profile of a similar board and edit it; measuring works all the same.",
        )
    return finding("profile", "Profile", "ok", profile.name)


def _jetpack(jetson: Jetson) -> Check:
    if not jetson.l4t:
        return finding(
            "jetpack",
            "JetPack",
            "unknown",
            "Neither /etc/nv_tegra_release nor the package nvidia-l4t-core tells the release.",
            "Flash the board with JetPack, or install nvidia-l4t-core.",
        )
    known = f"JetPack {jetson.jetpack}, " if jetson.jetpack else ""
    return finding("jetpack", "JetPack", "ok", f"{known}Jetson Linux {jetson.l4t}")


def _tensorrt(jetson: Jetson) -> Check:
    if jetson.tensorrt is None:
        return finding(
            "tensorrt", "TensorRT", "failed", "It is not installed on the board.", INSTALL_TENSORRT
        )
    return finding("tensorrt", "TensorRT", "ok", str(jetson.tensorrt))


def _trtexec(jetson: Jetson) -> Check:
    if not jetson.trtexec:
        return finding(
            "trtexec",
            "trtexec",
            "failed",
            "The program that builds and times engines is not there.",
            "On the board: sudo apt install libnvinfer-bin (or nvidia-jetpack).",
        )
    return finding("trtexec", "trtexec", "ok", jetson.trtexec)


def _sensors(jetson: Jetson) -> Check:
    if "tegrastats" not in jetson.tools:
        return finding(
            "sensors",
            "Power and heat",
            "warn",
            "tegrastats is not there, so power, clocks and temperature are not measured.",
            "On the board: sudo apt install nvidia-l4t-tools",
        )
    return finding("sensors", "Power and heat", "ok", "tegrastats is there.")


def _python(jetson: Jetson) -> Check:
    return finding("python", "Python", "ok", f"{jetson.python or 'none'}; a Jetson needs none here")


def _memory(jetson: Jetson) -> Check:
    remedy = "Close programs on the board, or its desktop: sudo systemctl isolate multi-user.target"
    return check_memory(jetson.free_memory_bytes, jetson.memory_bytes, _LEAST_MEMORY, remedy)


def _swap(jetson: Jetson) -> Check:
    if jetson.swap_bytes is None:
        return finding("swap", "Swap", "unknown", "The board does not tell.")
    detail = f"{jetson.swap_bytes / 1e9:.1f} GB"
    if not jetson.swap_bytes and jetson.memory_bytes < _LITTLE_MEMORY:
        return finding(
            "swap",
            "Swap",
            "warn",
            "None: building an engine of a larger model can run out of memory.",
            "On the board: sudo fallocate -l 4G /swapfile && sudo chmod 600 /swapfile && "
            "sudo mkswap /swapfile && sudo swapon /swapfile",
        )
    return finding("swap", "Swap", "ok", detail)


def _disk(jetson: Jetson) -> Check:
    what = "models, engines and timing caches"
    return check_disk(jetson.free_disk_bytes, _LEAST_DISK, what)


def _mode(jetson: Jetson) -> Check:
    if jetson.mode is None:
        return finding(
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
    return finding("mode", "Power mode", "ok", f"{jetson.mode.name}{cores}{also}")


def _clocks(jetson: Jetson) -> Check:
    return check_clocks(
        jetson.governors,
        "Let Edgewright hold them while it measures (jetson_clocks), with your consent.",
    )


def _fan(jetson: Jetson) -> Check:
    if jetson.fan is None:
        return finding("fan", "Fan", "unknown", "No fan is told; small boards have none.")
    return finding("fan", "Fan", "ok", f"at {100 * jetson.fan / 255:.0f} %")


def _quiet(jetson: Jetson) -> Check:
    return check_quiet(jetson.load, jetson.cores_on)


def _rights(jetson: Jetson) -> Check:
    if jetson.sudo_without_password:
        return finding(
            "rights", "Right to change the power mode", "ok", "sudo asks for no password"
        )
    return finding(
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
