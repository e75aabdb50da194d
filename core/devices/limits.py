"""What a container or a service manager allows this process to use, from Linux control groups."""

import math
from collections.abc import Iterator
from pathlib import Path

import psutil

_UNLIMITED_BYTES = 1 << 60
"""Version 1 writes a number near 2^63 where there is no limit."""


def usable_processors() -> int:
    """Logical processors that this process may use."""
    try:
        usable = len(psutil.Process().cpu_affinity())
    except AttributeError:  # macOS has no affinity
        usable = psutil.cpu_count() or 1
    return min(usable, processor_limit() or usable)


def processor_limit(root: Path = Path("/")) -> int | None:
    """Whole processors that the quota is worth, rounded up; None without a quota.

    `root` stands for the root of the file system.
    """
    quotas = [*_quotas_of_version_2(root), *_quotas_of_version_1(root)]
    return max(1, math.ceil(min(quotas))) if quotas else None


def memory_limit(root: Path = Path("/")) -> int | None:
    """Bytes of memory that may be used; None without a limit."""
    files = [
        *(folder / "memory.max" for folder in _folders(root, "")),
        *(folder / "memory.limit_in_bytes" for folder in _folders(root, "memory")),
    ]
    limits = [int(text) for file in files if (text := _text(file)).isdecimal()]
    return min((limit for limit in limits if limit < _UNLIMITED_BYTES), default=None)


def _quotas_of_version_2(root: Path) -> Iterator[float]:
    for folder in _folders(root, ""):
        quota, _, period = _text(folder / "cpu.max").partition(" ")
        if quota.isdecimal():
            yield int(quota) / int(period)


def _quotas_of_version_1(root: Path) -> Iterator[float]:
    for folder in _folders(root, "cpu"):
        quota = _text(folder / "cpu.cfs_quota_us")
        period = _text(folder / "cpu.cfs_period_us")
        if quota.isdecimal() and period.isdecimal():
            yield int(quota) / int(period)


def _folders(root: Path, controller: str) -> Iterator[Path]:
    """The group's folder and those around it, which all limit it; "" means version 2.

    Inside a container the path can be the host's, of which only the mount's root is visible.
    """
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(",") and bool(controller) == bool(controllers):
            mount = root / "sys/fs/cgroup" / controller
            group = mount / path.lstrip("/")
            yield from (
                folder for folder in (group, *group.parents) if folder.is_relative_to(mount)
            )


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
