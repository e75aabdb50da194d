"""Which accelerators the operating system shows, found out without loading any driver.

Asking a driver costs a second and can hang. Where the system shows no such device, nobody has to be
asked. `root` stands for the root of the file system.
"""

import sys
from pathlib import Path

ROOT = Path("/")


def gpu_shown(root: Path = ROOT) -> bool:
    """Whether there may be a GPU that can compute; True where the system does not tell cheaply."""
    if sys.platform != "linux":
        return True
    # dxg is how Linux inside Windows reaches the GPU.
    return any((root / "dev/dri").glob("renderD*")) or (root / "dev/dxg").exists()


def npu_shown(root: Path = ROOT) -> bool:
    """Whether there may be an NPU; the driver's node is /dev/accel/accel0 from Linux 6.6 on."""
    return sys.platform != "linux" or any((root / "dev/accel").glob("accel*"))


def nvidia_driver(root: Path = ROOT) -> bool:
    """Whether NVIDIA's driver is loaded; True where the system does not tell cheaply."""
    if sys.platform == "darwin":
        return False
    if sys.platform != "linux":
        return True
    return (root / "proc/driver/nvidia/version").exists() or (root / "dev/dxg").exists()
